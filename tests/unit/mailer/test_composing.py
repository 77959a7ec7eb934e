"""Every template says what it should, in both languages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog

from services.mailer.composing import TEMPLATE_NAMES, TEMPLATES, Composer, shipped
from services.mailer.letters import proofs
from services.mailer.letters.letter import WITHOUT_LINK, Company, Letter, TemplateName, copy_of
from services.mailer.model.mails import TOKEN_PLACE, Content
from services.mailer.model.recipients import Clerk, Mailbox, Recipient
from services.mailer.samples import sample_letters
from services.mailer.words import Words, check
from shared.events.approvals import ApprovalRecorded, ApprovalRequested, Decision
from shared.events.sync import File
from shared.i18n import LOCALES

COMPANY = Company(
    name="Werbetex Nord GmbH",
    imprint="Werbetex Nord GmbH | Hafenstraße 12, 20457 Hamburg",
    colour="#0f5c8c",
    public_url="https://portal.example.de/",
    time_zone="Europe/Berlin",
)
ORDER = UUID("00000000-0000-0000-0000-000000001042")
PICTURE = File(sha256="a" * 64, name="p.jpg", media_type="image/jpeg", size=20_000)
SABINE = Clerk("SB", "Sabine Berger", "s.berger@werbetex-nord.de", "+49 40 1234-17", PICTURE)
COMPOSER = Composer()


def recipient(
    locale: str = "de", *, has_account: bool = True, stands_in_for: tuple[str, ...] = ()
) -> Recipient:
    mailbox = Mailbox("Erika Muster", "erika@muster-ag.de")
    return Recipient(mailbox, locale, has_account=has_account, stands_in_for=stands_in_for)


def request(*, title: str = "T-Shirt Front", preview: File | None = PICTURE) -> ApprovalRequested:
    return ApprovalRequested(
        sample_id=uuid4(),
        version_id=uuid4(),
        version=3,
        title=title,
        document_id=ORDER,
        order_number="2026-1042",
        customer_number="10023",
        contact_id="1",
        clerk_codes=("SB",),
        position_numbers=("2", "4"),
        file_name="front.pdf",
        preview=preview,
    )


def decided(kind: Decision = "approved", *, comment: str = "") -> ApprovalRecorded:
    return ApprovalRecorded(
        **request().model_dump(exclude={"preview", "event_id", "occurred_at"}),
        decision_id=uuid4(),
        decided_at=datetime(2026, 11, 21, 13, 2, tzinfo=UTC),
        person_name="Erika Muster",
        person_email="erika@muster-ag.de",
        comment=comment,
        decision=kind,
        record=File(sha256="b" * 64, name="Protokoll.pdf", media_type="application/pdf", size=1000),
    )


def confirmed(decision: ApprovalRecorded, to: Recipient, customer_name: str) -> Content:
    return compose(proofs.confirm_approval(COMPANY, decision, to, customer_name))


def receipt_of(decision: ApprovalRecorded, to: Recipient, customer_name: str, clerk: Clerk | None) -> Content:
    return compose(proofs.acknowledge_decision(COMPANY, decision, to, customer_name, clerk))


def requested_of(requests: list[ApprovalRequested], to: Recipient, clerk: Clerk | None) -> Content:
    return compose(proofs.request_approval(COMPANY, requests, to, clerk))


def usual_request() -> Content:
    return requested_of([request()], recipient(), SABINE)


def compose(letter: Letter) -> Content:
    return COMPOSER.compose(letter, COMPANY)


FOLDERS = sorted(folder.name for folder in TEMPLATES.iterdir() if not folder.name.startswith("_"))
CASES = [
    (template, locale, case)
    for template in TEMPLATE_NAMES
    for locale in LOCALES
    for case in sample_letters(template, locale, COMPANY)
]


CLERKS_PHONE = "+49 521 123-45"
WITH_CLERK = ("approval_requested", "customer_invited", "decision_receipt", "changes_confirmed")


def test_each_folder_is_a_mail_and_each_mail_has_its_folder() -> None:
    assert sorted(TEMPLATE_NAMES) == FOLDERS


@pytest.mark.parametrize(("template", "locale", "case"), CASES)
def test_each_mail_is_complete(template: TemplateName, locale: str, case: str) -> None:
    letter = sample_letters(template, locale, COMPANY)[case]
    assert check(shipped()[template, locale].words, letter.values, has_link=bool(letter.action_url)) == ()
    assert bool(letter.action_url) == (template not in WITHOUT_LINK)
    content = compose(letter)
    if "order_number" in letter.values:
        assert "2026-1042" in content.subject.split(":")[0], "the number comes first"
    assert "\n" not in content.subject
    for body in (content.body_text, content.body_html):
        assert letter.action_url in body, "the link stands there in the clear"
        assert "https://portal.example.de/imprint" in body
        assert "https://portal.example.de/privacy" in body
        assert "Hafenstraße 12, 20457 Hamburg" in body
        assert str(letter.values["name"]) in body
        assert (CLERKS_PHONE in body) == (template in WITH_CLERK), "whom one may ask, and how"
        assert "{{" not in body
        assert "{%" not in body
        assert "\ue000" not in body
    assert f'<html lang="{locale}">' in content.body_html
    assert ("Impressum" if locale == "de" else "Legal notice") in content.body_text
    assert "\n\n\n" not in content.body_text
    buttons = content.body_html.count('class="button-link"')
    assert buttons == (template not in ("email_changed", "smtp_test")), "one thing is to be done, or nothing"


@pytest.mark.parametrize(("template", "locale"), sorted({(one, other) for one, other, _ in CASES}))
def test_each_case_of_a_mail_says_something_else(template: TemplateName, locale: str) -> None:
    contents = [compose(letter) for letter in sample_letters(template, locale, COMPANY).values()]
    assert len({content.body_text for content in contents}) == len(contents)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ["approved", "approved_with_changes", "changes_requested"])
def test_each_decision_has_words_of_its_own(kind: Decision, locale: str) -> None:
    mails = [confirmed(decided(one), recipient(locale), "Muster AG") for one in ("approved", kind)]
    receipt = receipt_of(decided(kind), recipient(locale), "Muster AG", SABINE)
    assert (mails[0].subject == mails[1].subject) == (kind == "approved")
    for content in (mails[1], receipt):
        assert ("21.11.2026, 14:02" if locale == "de" else "21 Nov 2026, 14:02") in content.body_text
        assert [one.name for one in content.attachments] == ["Protokoll.pdf"]


def test_several_proofs_are_counted_and_lead_to_the_order() -> None:
    content = requested_of([request(), request(title="Visitenkarte")], recipient(), SABINE)
    assert content.subject == "Auftrag 2026-1042: Bitte geben Sie 2 Freigabemuster frei"
    assert f"https://portal.example.de/orders/{ORDER}" in content.body_text
    assert "Visitenkarte, Version 3, Positionen 2, 4" in content.body_text
    assert [picture.content_id for picture in content.pictures] == ["proof-1", "proof-2", "clerk"]


def test_pictures_are_few_however_many_proofs() -> None:
    content = requested_of([request(title=f"Proof {number}") for number in range(9)], recipient(), None)
    assert len(content.pictures) == 4
    assert "Proof 8" in content.body_html


@pytest.mark.parametrize(
    "picture",
    [
        None,
        PICTURE.model_copy(update={"media_type": "image/webp"}),
        PICTURE.model_copy(update={"media_type": "image/svg+xml"}),
        PICTURE.model_copy(update={"size": 5_000_000}),
    ],
    ids=["none", "webp", "svg", "too large"],
)
def test_a_picture_that_outlook_cannot_show_stays_out(picture: File | None) -> None:
    clerk = Clerk("SB", "Sabine Berger", "", "", picture)
    content = requested_of([request(preview=picture)], recipient(), clerk)
    assert content.pictures == ()
    assert "cid:" not in content.body_html
    assert ">SB<" in content.body_html, "initials instead"


def test_every_picture_that_is_named_travels_along() -> None:
    content = usual_request()
    assert set(re.findall(r"cid:([\w-]+)", content.body_html)) == {one.content_id for one in content.pictures}


def test_styles_stand_in_the_tags_and_only_media_queries_in_the_head() -> None:
    html = usual_request().body_html
    head = html.partition("</head>")[0]
    assert "@media (prefers-color-scheme: dark)" in head
    assert "padding: 14px 28px" in html.partition("</head>")[2]
    assert "<!--[if mso]>" in html, "Outlook keeps its width"
    assert "http://" not in html.replace("http://www.w3.org", ""), "nothing is loaded from elsewhere"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)


def tags(html: str) -> set[str]:
    """The names of all elements, as a reader's program finds them."""
    parser = _Tags()
    parser.feed(html)
    return parser.found


def test_what_people_wrote_cannot_become_html() -> None:
    evil = '<script>alert("x")</script> & "quotes"'
    content = receipt_of(decided("changes_requested", comment=evil), recipient(), evil, SABINE)
    assert "script" not in tags(content.body_html)
    assert evil in content.body_text, "text is text"
    requested = requested_of([request(title=evil)], recipient(), Clerk("X", evil, '"><script>@x.de', evil))
    assert "script" not in tags(requested.body_html)


def test_what_people_wrote_cannot_become_a_header() -> None:
    content = requested_of([request(title="a\r\nBcc: x@y.de")], recipient(), SABINE)
    evil = decided().model_copy(update={"title": "a\r\nBcc: x@y.de"})
    assert "\n" not in content.subject + confirmed(evil, recipient(), "Muster AG").subject


def test_a_comment_keeps_its_lines() -> None:
    content = confirmed(decided(comment="Logo höher.\nSonst gut."), recipient(), "Muster AG")
    assert "Logo höher.\nSonst gut." in content.body_text
    assert "white-space: pre-line" in content.body_html


def test_the_fallback_address_is_told_for_whom() -> None:
    content = confirmed(decided(), recipient(stands_in_for=("Max (MO)",)), "Muster AG")
    assert "für Max (MO) keine E-Mail-Adresse" in content.body_text
    assert "für Max (MO) keine E-Mail-Adresse" in content.body_html


def test_who_has_no_access_is_told_what_to_do() -> None:
    assert "keinen Zugang" in requested_of([request()], recipient(has_account=False), SABINE).body_text
    assert "keinen Zugang" not in requested_of([request()], recipient(), SABINE).body_text


@pytest.mark.parametrize(
    ("colour", "text"),
    [("#0f5c8c", "#ffffff"), ("#ffd400", "#000000"), ("#000000", "#ffffff"), ("#ffffff", "#000000")],
)
def test_text_stands_out_on_the_brand_colour(colour: str, text: str) -> None:
    assert Company("x", "", colour, "", "Europe/Berlin").text_colour == text


# Words of the operator


def request_letter() -> Letter:
    return proofs.request_approval(COMPANY, [request()], recipient(), SABINE)


def test_the_operators_words_take_the_place_of_ours() -> None:
    own = Words("Neues zu {{ order_number }}", "Hallo {{ name }}!", "Los", "Bis **bald**")
    content = COMPOSER.compose(request_letter(), COMPANY, own)
    assert content.subject == "Neues zu 2026-1042"
    assert "Hallo Erika Muster!" in content.body_text
    assert "Bis bald" in content.body_text
    assert "Bis <strong>bald</strong>" in content.body_html
    assert ">Los</a>" in content.body_html
    assert "T-Shirt Front" in content.body_html, "the layout stays"


@pytest.mark.parametrize("broken", ["{{ custmer }}", "{% if %}", "{{ name.__class__ }}"])
def test_words_that_cannot_be_used_lose_no_mail(broken: str, log_output: list[Any]) -> None:
    own = Words("Neues", broken, "Los", "")
    content = COMPOSER.compose(request_letter(), COMPANY, own)
    assert content.subject == "Auftrag 2026-1042: Bitte geben Sie das Freigabemuster frei"
    assert [one["log_level"] for one in log_output if one["event"] == "mail_words_unusable"] == ["error"]


def test_a_copy_has_no_personal_link() -> None:
    letter = sample_letters("approval_requested", "de", COMPANY)["invited"]
    content = compose(copy_of(letter))
    assert content.subject.startswith("Kopie: Auftrag 2026-1042")
    for body in (content.body_text, content.body_html):
        assert TOKEN_PLACE not in body
        assert "/register/" not in body
        assert "Der persönliche Link steht nur in der Mail an den Kunden" in body
    assert TOKEN_PLACE in compose(letter).body_html
    others = compose(copy_of(request_letter()))
    for body in (others.body_text, others.body_html):
        assert "/proofs/" in body, "others keep their link"
        assert "Dies ist Ihre Kopie der Mail an den Kunden." in body
    assert "Ihre Kopie" not in compose(request_letter()).body_text


def test_a_name_that_holds_the_place_of_the_token_gets_none() -> None:
    letters = sample_letters("email_confirmation", "de", COMPANY)
    evil = f"http://evil.example/?t={TOKEN_PLACE[:20]}{TOKEN_PLACE}{TOKEN_PLACE[20:]} {TOKEN_PLACE}"
    for letter in letters.values():
        content = compose(replace(letter, values=letter.values | {"name": evil}))
        assert "evil.example" in content.body_text
        for body in (content.body_text, content.body_html):
            places = re.findall(rf"\S*{TOKEN_PLACE}", body)
            assert places
            assert all(place.endswith(f"{COMPANY.url('/confirm/')}{TOKEN_PLACE}") for place in places)


@pytest.fixture
def log_output() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


def test_a_long_address_breaks_on_a_narrow_screen() -> None:
    html = receipt_of(decided(), recipient(), "Muster AG", SABINE).body_html

    style = html.split('class="clerk-text"')[1].split(">")[0]
    assert "overflow-wrap: anywhere" in style
    assert "word-break: break-word" in style
