"""Why a mail did not get through, as mailer says it and as pages say it."""

from gettext import NullTranslations

import pytest

from services.gateway.pages.rendering import FOLDER
from services.gateway.words.reasons import NO_ADDRESS, SENTENCES, tell_reason
from services.mailer.model.mails import LINK_OVER
from services.mailer.use_cases import mail_room
from services.mailer.use_cases.drafts import DISCARDED, NO_LONGER_ASKED
from services.mailer.use_cases.withdrawals import ACCOUNT_ENDED, ORDER_MOVED
from shared.i18n import load_translations

IN_GERMAN = {
    mail_room.NO_ADDRESS: "Niemand bei diesem Kunden hat eine brauchbare E-Mail-Adresse.",
    LINK_OVER: "Der Link in dieser Mail lief ab, bevor sie versendet werden konnte.",
    DISCARDED % "Jan 100% Admin": "Den Entwurf hat Jan 100% Admin verworfen.",
    NO_LONGER_ASKED: "Der Entwurf wurde nicht mehr gebraucht: "
    "Das Freigabemuster wurde entschieden oder durch eine neuere Version abgelöst.",
    ORDER_MOVED: "Zurückgezogen: Der Auftrag ging an einen anderen Kunden, der nun gefragt wird.",
    ACCOUNT_ENDED: "Zurückgezogen: Der Zugang dieser Person wurde gelöscht oder gesperrt.",
    "Withdrawn: the access of this person was deleted or locked.": "Zurückgezogen: Der Zugang dieser "
    "Person wurde gelöscht oder gesperrt.",
    "This is no e-mail address.": "Das ist keine E-Mail-Adresse.",
    "The domain of this e-mail address cannot exist.": "Die Domain dieser E-Mail-Adresse "
    "kann es nicht geben.",
    "A sealed secret cannot be opened.": "Ein verschlüsselt abgelegtes Geheimnis lässt sich nicht öffnen.",
    "The mail server cannot send to addresses with letters such as ä.": "Der Mailserver kann nicht an "
    "Adressen mit Buchstaben wie ä senden.",
    "The mail server did not answer in time.": "Der Mailserver hat nicht rechtzeitig geantwortet.",
    "A file of this mail cannot be read: No such file": "Eine Datei dieser Mail lässt sich nicht lesen: "
    "No such file",
    "The mail cannot be built: KeyError": "Die Mail lässt sich nicht zusammensetzen: KeyError",
    "Given up after 4 days: The mail server did not answer in time.": "Nach 4 Tagen aufgegeben: "
    "Der Mailserver hat nicht rechtzeitig geantwortet.",
    "Given up after 4 days: 451 try later": "Nach 4 Tagen aufgegeben: 451 try later",
}


@pytest.fixture(scope="module")
def german() -> NullTranslations:
    return load_translations(FOLDER / "locale")["de"]


@pytest.mark.parametrize("reason", IN_GERMAN)
def test_what_mailer_says_is_told_in_german_and_in_english(reason: str, german: NullTranslations) -> None:
    assert tell_reason(reason, german.gettext) == IN_GERMAN[reason]
    assert tell_reason(reason, str) == reason


def test_every_sentence_is_tried() -> None:
    assert len(IN_GERMAN) == len(SENTENCES) + 1, "the one about days is tried twice"
    assert mail_room.NO_ADDRESS == NO_ADDRESS


@pytest.mark.parametrize("answer", ["550 5.1.1 unknown", "", "100 %(name)s", "Nobody of this customer"])
def test_what_a_server_answered_stays_as_it_is(answer: str, german: NullTranslations) -> None:
    assert tell_reason(answer, german.gettext) == answer
