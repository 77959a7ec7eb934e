"""Who gets which mail, and what becomes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.mailer.model import (
    GIVE_UP_AFTER,
    Account,
    Clerk,
    Contact,
    Content,
    Customer,
    Mail,
    Mailbox,
    choose_clerk_recipients,
    choose_request_recipients,
    choose_sender,
    mail_id_of,
    one_line,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PORTAL = Mailbox("Werbetex Nord GmbH", "portal@werbetex-nord.de")
FALLBACK = Mailbox("Werbetex Nord GmbH", "buero@werbetex-nord.de")
ERIKA = Contact("1", "Erika Muster", "erika@muster-ag.de")
MUSTER = Customer("10023", "Muster AG", "office@muster-ag.de", (ERIKA, Contact("2", "Max", "")))


def account(email: str, *, contact_id: str = "", may_approve: bool = True, locale: str = "de") -> Account:
    return Account(uuid4(), "customer", email, email, locale, "10023", contact_id, "", may_approve)


def addresses(contact_id: str, customer: Customer | None, *accounts: Account) -> list[str]:
    chosen = choose_request_recipients(contact_id, customer, accounts, default_locale="de")
    return [recipient.mailbox.address for recipient in chosen]


def test_the_contact_is_found_by_his_id_even_under_another_address() -> None:
    own, other = account("own@mail.de", contact_id="1"), account("anna@muster-ag.de")
    assert addresses("1", MUSTER, other, own) == ["own@mail.de"]


def test_the_contact_is_found_by_his_address_without_an_id() -> None:
    assert addresses("1", MUSTER, account("anna@muster-ag.de"), account("Erika@Muster-AG.de")) == [
        "Erika@Muster-AG.de"
    ]


def test_the_contact_gets_the_request_even_if_he_may_not_approve() -> None:
    assert addresses("1", MUSTER, account("own@mail.de", contact_id="1", may_approve=False)) == [
        "own@mail.de"
    ]


def test_an_order_without_a_contact_goes_to_all_who_may_approve() -> None:
    readers = account("reader@muster-ag.de", may_approve=False)
    assert addresses("", MUSTER, account("a@muster-ag.de"), readers, account("b@muster-ag.de")) == [
        "a@muster-ag.de",
        "b@muster-ag.de",
    ]


def test_nobody_registered_means_the_contact_then_the_company_then_nobody() -> None:
    assert addresses("1", MUSTER) == ["erika@muster-ag.de"]
    assert addresses("2", MUSTER) == ["office@muster-ag.de"]
    assert addresses("1", replace(MUSTER, email="", contacts=())) == []
    assert addresses("1", None) == []


def test_an_address_that_is_none_is_passed_over() -> None:
    assert addresses("1", replace(MUSTER, contacts=(replace(ERIKA, email="see above"),))) == [
        "office@muster-ag.de"
    ]


def test_the_same_address_gets_one_mail() -> None:
    assert addresses("", MUSTER, account("a@muster-ag.de"), account("A@muster-ag.de")) == ["a@muster-ag.de"]


def test_who_has_no_access_is_marked() -> None:
    [recipient] = choose_request_recipients("1", MUSTER, (), default_locale="en")
    assert not recipient.has_account
    assert recipient.locale == "en"


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
