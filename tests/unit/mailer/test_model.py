"""Who gets which mail, and what becomes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.mailer.model.mails import GIVE_UP_AFTER, Content, Mail, SealedLink, mail_id_of
from services.mailer.model.recipients import (
    Account,
    Clerk,
    Contact,
    Customer,
    Mailbox,
    choose_clerk_recipients,
    choose_request_recipients,
    choose_sender,
    one_line,
)
from services.mailer.settings import MailerSettings

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PORTAL = Mailbox("Werbetex Nord GmbH", "portal@werbetex-nord.de")
FALLBACK = Mailbox("Werbetex Nord GmbH", "buero@werbetex-nord.de")
ERIKA = Contact("1", "Erika Muster", "erika@muster-ag.de")
MUSTER = Customer("10023", "Muster AG", "office@muster-ag.de", (ERIKA, Contact("2", "Max", "")))


def account(
    email: str,
    *,
    contact_id: str = "",
    may_approve: bool = True,
    locale: str = "de",
    disabled: bool = False,
) -> Account:
    return Account(
        uuid4(), "customer", email, email, locale, "10023", contact_id, "", may_approve, disabled=disabled
    )


OWN = account("own@mail.de", contact_id="1")
OFFICE = "office@muster-ag.de"
NAMELESS = Customer("10023", "Muster AG", "", ())
REQUESTS: dict[str, tuple[str, Customer | None, list[Account], list[str]]] = {
    "the contact has an access under another address": (
        "1",
        MUSTER,
        [account("anna@muster-ag.de"), OWN],
        ["own@mail.de"],
    ),
    "the contact has an access under his address": (
        "1",
        MUSTER,
        [account("anna@muster-ag.de"), account("Erika@Muster-AG.de")],
        ["Erika@Muster-AG.de"],
    ),
    "the contact has an access and may not approve": (
        "1",
        MUSTER,
        [replace(OWN, may_approve=False), account("anna@muster-ag.de")],
        ["own@mail.de"],
    ),
    "the contact has none, several may approve": (
        "1",
        MUSTER,
        [
            account("a@muster-ag.de"),
            account("reader@muster-ag.de", may_approve=False),
            account("b@muster-ag.de"),
        ],
        ["a@muster-ag.de", "b@muster-ag.de"],
    ),
    "the order has no contact, several may approve": (
        "",
        MUSTER,
        [account("a@muster-ag.de"), account("b@muster-ag.de")],
        ["a@muster-ag.de", "b@muster-ag.de"],
    ),
    "two accesses, one address": (
        "",
        MUSTER,
        [account("a@muster-ag.de"), account("A@muster-ag.de")],
        ["a@muster-ag.de"],
    ),
    "nobody may approve": (
        "2",
        MUSTER,
        [account("reader@muster-ag.de", may_approve=False)],
        [f"invite {OFFICE}"],
    ),
    "nobody may approve and the company's address reads": (
        "2",
        MUSTER,
        [account(OFFICE, may_approve=False)],
        [OFFICE],
    ),
    "nobody is registered": ("1", MUSTER, [], ["invite erika@muster-ag.de"]),
    "nobody is registered, the contact has no address": ("2", MUSTER, [], [f"invite {OFFICE}"]),
    "nobody is registered, the contact's address is none": (
        "1",
        replace(MUSTER, contacts=(replace(ERIKA, email="see above"),)),
        [],
        [f"invite {OFFICE}"],
    ),
    "nobody is registered, the contact is not known": ("9", MUSTER, [], [f"invite {OFFICE}"]),
    "no address at all": ("1", NAMELESS, [], []),
    "the customer is not known": ("1", None, [], []),
    "the contact's access is disabled, another may approve": (
        "1",
        MUSTER,
        [replace(OWN, disabled=True), account("anna@muster-ag.de")],
        ["anna@muster-ag.de"],
    ),
    "the contact's access is disabled, nobody else": (
        "1",
        MUSTER,
        [replace(OWN, disabled=True)],
        [f"invite {OFFICE}"],
    ),
    "the only access is disabled and has the company's address": (
        "1",
        replace(MUSTER, email="own@mail.de"),
        [replace(OWN, disabled=True)],
        [],
    ),
    "somebody else's access is disabled": (
        "1",
        MUSTER,
        [account("former@muster-ag.de", disabled=True)],
        ["invite erika@muster-ag.de"],
    ),
}


@pytest.mark.parametrize(("contact_id", "customer", "accounts", "chosen"), REQUESTS.values(), ids=REQUESTS)
def test_who_is_asked_to_approve(
    contact_id: str, customer: Customer | None, accounts: list[Account], chosen: list[str]
) -> None:
    recipients = choose_request_recipients(contact_id, customer, accounts, default_locale="de")
    assert [f"{'' if one.has_account else 'invite '}{one.mailbox.address}" for one in recipients] == chosen


def test_each_is_asked_in_his_own_language() -> None:
    [registered] = choose_request_recipients("1", MUSTER, [replace(OWN, locale="en")], default_locale="de")
    [invited] = choose_request_recipients("1", MUSTER, (), default_locale="en")
    assert (registered.locale, invited.locale) == ("en", "en")
    assert invited.contact_id == "1"


SABINE = Clerk("SB", "Sabine Berger", "s.berger@werbetex-nord.de")
TIM = Clerk("TK", "Tim Kruse", "t.kruse@werbetex-nord.de")
MAX = Clerk("MO", "Max Ohnemail")
DECISIONS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "who assigned has the order": (("SB", "SB"), [SABINE.email]),
    "who assigned and who has the order are two": (("SB", "TK"), [SABINE.email, TIM.email]),
    "who assigned has no address": (
        ("MO", "SB"),
        [SABINE.email, f"{FALLBACK.address} for Max Ohnemail (MO)"],
    ),
    "who has the order has no address": (
        ("TK", "MO"),
        [TIM.email, f"{FALLBACK.address} for Max Ohnemail (MO)"],
    ),
    "both have no address": (("MO", "XX"), [f"{FALLBACK.address} for Max Ohnemail (MO), XX"]),
    "nobody is named": ((), [FALLBACK.address]),
    "an empty code is nobody": (("", "SB"), [SABINE.email]),
}


@pytest.mark.parametrize(("codes", "chosen"), DECISIONS.values(), ids=DECISIONS)
def test_who_hears_of_a_decision(codes: tuple[str, ...], chosen: list[str]) -> None:
    clerks = {clerk.clerk_code: clerk for clerk in (SABINE, TIM, MAX)}
    recipients = choose_clerk_recipients(codes, clerks, {}, fallback=FALLBACK, default_locale="de")
    assert [
        one.mailbox.address + (f" for {', '.join(one.stands_in_for)}" if one.stands_in_for else "")
        for one in recipients
    ] == chosen


def test_a_fallback_that_is_a_clerk_himself_gets_one_mail_that_names_the_others() -> None:
    clerks = {"SB": Clerk("SB", "Sabine", FALLBACK.address), "MO": Clerk("MO", "Max")}
    [recipient] = choose_clerk_recipients(("SB", "MO"), clerks, {}, fallback=FALLBACK, default_locale="de")
    assert recipient.mailbox.name == "Sabine"
    assert recipient.stands_in_for == ("Max (MO)",)


def test_the_sender_is_the_clerk_where_he_has_an_address() -> None:
    assert choose_sender(Clerk("SB", "Sabine", "s@werbetex-nord.de"), PORTAL).address == "s@werbetex-nord.de"
    assert choose_sender(Clerk("MO", "Max"), PORTAL) == Mailbox("Max (Werbetex Nord GmbH)", PORTAL.address)
    assert choose_sender(None, PORTAL) == PORTAL


@pytest.mark.parametrize("text", ["a\r\nBcc: x@y.de", "a\nb", "a\x00b", "a\u2028b", " a\tb "])
def test_a_header_has_one_line_whatever_came(text: str) -> None:
    assert one_line(text).isprintable()


@pytest.mark.parametrize("text", ["=?utf-8?q?a=0D=0ABcc:x?=", "==??utf-8?q?a?=", "=\n?utf-8?q?a?="])
def test_no_encoded_word_stands_in_a_header(text: str) -> None:
    assert "=?" not in one_line(text)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "erika",
        "a b@c.de",
        "a@b@c.de",
        "a@b.de\r\nRCPT TO:<x@y.de>",
        "<a@b.de>",
        "a,b@c.de",
        "@c.de",
        "a@",
    ],
)
def test_what_is_no_address_is_not_deliverable(address: str) -> None:
    assert not Mailbox("", address).is_deliverable


def mail() -> Mail:
    return Mail(
        mail_id=mail_id_of("cause", "erika@muster-ag.de"),
        cause="cause",
        recipient="erika@muster-ag.de",
        template="approval_requested",
        version_ids=(),
        shown_from=PORTAL,
        shown_to=(Mailbox("Erika", "erika@muster-ag.de"),),
        reply_to=None,
        content=Content("Subject", "text", "<p>html</p>"),
        queued_at=NOW,
        due_at=NOW,
    )


def test_a_postponed_mail_is_due_again_until_it_is_given_up() -> None:
    again = mail().record("postponed", "451 later", now=NOW, next_try_after=timedelta(minutes=5))
    assert (again.state, again.due_at) == ("queued", NOW + timedelta(minutes=5))
    ended = mail().record(
        "postponed", "451 later", now=NOW + GIVE_UP_AFTER, next_try_after=timedelta(minutes=5)
    )
    assert (ended.state, ended.reason) == ("failed", "Given up after 4 days: 451 later")


def test_the_same_cause_and_recipient_are_the_same_mail() -> None:
    assert mail_id_of("cause", "A@b.de") == mail_id_of("cause", "a@b.de")
    assert mail_id_of("cause", "a@b.de") != mail_id_of("cause/copy", "a@b.de")


def test_a_mail_that_is_sent_forgets_its_link_and_one_that_failed_may_be_sent_again() -> None:
    linked = replace(mail(), link=SealedLink("sealed", NOW + timedelta(days=1)))
    assert linked.record("accepted", "250", now=NOW, next_try_after=timedelta()).link is None
    assert linked.record("refused", "550", now=NOW, next_try_after=timedelta()).link is not None
    assert not linked.has_dead_link(NOW)
    assert linked.has_dead_link(NOW + timedelta(days=1))
    assert not mail().has_dead_link(NOW)


def test_requests_are_collected_for_a_minute_unless_the_operator_says_otherwise() -> None:
    assert MailerSettings.model_fields["request_mail_delay_seconds"].default == 60
