"""Mails about accounts and about approvals that hold no longer: to whom, in which words, with which link."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.events import Event
from shared.events.approvals import ApprovalOutdated, ApprovalRecorded, ChangesConfirmed
from shared.events.auth import (
    AccountRegistered,
    EmailChanged,
    EmailChangeRefused,
    EmailConfirmationRequested,
    PasswordChanged,
    PasswordResetRequested,
    StaffInvited,
)
from shared.events.sync import File, SampleAssigned
from tests.integration.mailer.conftest import (
    CLERKS,
    ERIKA,
    TOKEN,
    Mailer,
    MailServer,
    MakeMailer,
    account,
    customer,
    decision,
    known,
    request,
    sealed,
)

PERSON = {"email": "erika@muster-ag.de", "name": "Erika Muster", "locale": "de"}


def link() -> dict[str, Any]:
    return {"sealed_token": sealed(TOKEN), "expires_at": datetime.now(UTC) + timedelta(hours=2)}


def password_changed(*, by_reset: bool) -> PasswordChanged:
    return PasswordChanged(account_id=uuid4(), by_reset=by_reset, **PERSON)


EVENTS: dict[str, tuple[Event, str, str]] = {
    "staff": (
        StaffInvited(invitation_id=uuid4(), role="clerk", **PERSON, **link()),
        "Ihr Zugang zum Partner-Cockpit",
        f"/register/{TOKEN}",
    ),
    "confirm a registration": (
        EmailConfirmationRequested(purpose="registration", **PERSON, **link()),
        "Bitte bestätigen Sie Ihre E-Mail-Adresse",
        f"/confirm/{TOKEN}",
    ),
    "confirm a change": (
        EmailConfirmationRequested(purpose="change", **PERSON, **link()),
        "Bitte bestätigen Sie Ihre E-Mail-Adresse",
        f"/confirm/{TOKEN}",
    ),
    "address taken": (
        EmailChangeRefused(**PERSON),
        "Ihre E-Mail-Adresse hat schon einen Zugang",
        "/login",
    ),
    "forgotten password": (
        PasswordResetRequested(account_id=uuid4(), **PERSON, **link()),
        "Neues Passwort für das Partner-Cockpit",
        f"/reset/{TOKEN}",
    ),
    "password reset": (password_changed(by_reset=True), "Passwort zurückgesetzt", "/login"),
    "password changed": (password_changed(by_reset=False), "Ihr Passwort wurde geändert", "/login"),
}


@pytest.mark.parametrize(("event", "subject", "path"), EVENTS.values(), ids=EVENTS)
async def test_each_is_one_mail_from_the_portal_with_its_link(
    mailer: Mailer, mail_server: MailServer, event: Event, subject: str, path: str
) -> None:
    await mailer.hear(event)
    await mailer.compose()
    await mailer.deliver()
    [mail] = mail_server.mails
    assert mail.recipients == ["erika@muster-ag.de"]
    assert mail.message["Subject"] == subject
    assert mail.message["From"] == "Werbetex Nord GmbH <portal@werbetex-nord.de>"
    assert mail.message["Reply-To"] == "Werbetex Nord GmbH <buero@werbetex-nord.de>"
    assert f"https://portal.example.de{path}\n" in mail.text
    assert f'href="https://portal.example.de{path}"' in mail.html


async def test_the_former_address_hears_of_the_new_one(mailer: Mailer, mail_server: MailServer) -> None:
    await mailer.hear(
        EmailChanged(
            account_id=uuid4(),
            name="Erika Muster",
            locale="en",
            email_before="erika@muster-ag.de",
            email="e.muster@muster-ag.de",
        )
    )
    await mailer.compose()
    await mailer.deliver()
    [mail] = mail_server.mails
    assert mail.recipients == ["erika@muster-ag.de"]
    assert mail.message["Subject"] == "Your e-mail address was changed"
    assert "e.muster@muster-ag.de instead of erika@muster-ag.de" in mail.text


async def test_an_event_that_two_copies_compose_makes_one_mail(make_mailer: MakeMailer) -> None:
    copies = [await make_mailer() for _ in range(3)]
    event = password_changed(by_reset=True)
    await copies[0].hear(event)
    await copies[1].hear(event)
    await asyncio.gather(*(copy.compose() for copy in copies))
    assert await copies[0].pool.fetchval("SELECT count(*) FROM mail") == 1


# What cannot be composed


async def templates(mailer: Mailer) -> list[str]:
    rows = await mailer.pool.fetch(
        "SELECT template FROM mail WHERE cause NOT LIKE '%/copy' ORDER BY template"
    )
    return [row["template"] for row in rows]


async def test_news_that_only_a_newer_version_knows_wait_for_it_and_stop_no_others(mailer: Mailer) -> None:
    newer = password_changed(by_reset=True)
    await mailer.hear(newer)
    await mailer.pool.execute("UPDATE notice SET event_name = 'auth.told_by_a_newer_version.v1'")
    await mailer.hear(*known(ERIKA), password_changed(by_reset=False), request())
    await mailer.compose()
    assert await templates(mailer) == ["approval_requested", "password_changed"]
    await mailer.pool.execute("UPDATE notice SET event_name = $1", newer.wire_name)
    await mailer.compose()
    assert len(await templates(mailer)) == 2, "not every few seconds"
    await mailer.pool.execute("UPDATE notice SET heard_at = now()")
    await mailer.compose()
    assert await templates(mailer) == ["approval_requested", "password_changed", "password_reset"]


@pytest.mark.parametrize(
    ("table", "template", "told"),
    [
        ("approval_request", "approval_requested", lambda: request(document_id=uuid4())),
        ("decision", "decision_receipt", decision),
        ("waiting_sample", "sample_waits", lambda: assigned(title="Back")),
    ],
    ids=["request", "decision", "sample"],
)
async def test_a_row_that_cannot_be_composed_stops_no_others(
    mailer: Mailer, table: str, template: str, told: Callable[[], Event]
) -> None:
    await mailer.hear(*known(ERIKA), told())
    await mailer.pool.execute(f"UPDATE {table} SET event = event - 'order_number'")  # noqa: S608 - our own names
    await mailer.hear(told())
    await wait_a_day(mailer)
    await mailer.compose()
    assert (await templates(mailer)).count(template) == 1


async def test_a_request_whose_invitation_cannot_be_read_stops_no_others(mailer: Mailer) -> None:
    await mailer.hear(customer(ERIKA), request())
    await mailer.compose()
    await mailer.pool.execute("UPDATE awaited_invitation SET invited = '[1]', ready_at = now()")
    await mailer.hear(account("erika@muster-ag.de", contact_id="1"), request(document_id=uuid4()))
    await mailer.compose()
    assert await templates(mailer) == ["approval_requested"]
    assert await mailer.pool.fetchval("SELECT ready_at > now() FROM awaited_invitation")


async def test_a_step_that_crashes_stops_no_others(mailer: Mailer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: object, **__: object) -> bool:
        raise KeyError

    monkeypatch.setattr("services.mailer.use_cases.notices.compose_notice", crash)
    await mailer.hear(*known(ERIKA), request())
    await mailer.compose()
    assert await templates(mailer) == ["approval_requested"]


# The clerk is told


def registered(**changes: Any) -> AccountRegistered:
    told = {"invited_by": "SB", "invited_email": "erika@muster-ag.de"} | changes
    return account("erika@muster-ag.de").model_copy(update={"name": "Erika Muster"} | told)


async def test_the_clerk_who_invited_hears_of_the_registration(
    mailer: Mailer, mail_server: MailServer
) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), registered())
    await mailer.compose()
    await mailer.deliver()
    [mail] = mail_server.mails
    assert mail.recipients == ["s.berger@werbetex-nord.de"]
    assert mail.message["Subject"] == "Muster AG: Erika Muster hat sich registriert"
    assert mail.message["Reply-To"] == "Erika Muster <erika@muster-ag.de>"
    assert "https://portal.example.de/desk/customers/10023" in mail.text
    assert "andere Adresse" not in mail.text


async def test_an_address_other_than_the_invited_one_is_named(
    mailer: Mailer, mail_server: MailServer
) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), registered(email="erika@gmx.example"))
    await mailer.compose()
    await mailer.deliver()
    [mail] = mail_server.mails
    assert "meldet sich mit erika@gmx.example an" in mail.text
    assert "eine andere Adresse als die eingeladene (erika@muster-ag.de)" in mail.text


async def test_the_office_hears_too_of_whom_only_the_inviter_knows(
    mailer: Mailer, mail_server: MailServer
) -> None:
    """So that a clerk who invites himself as a customer does not do so unseen."""
    await mailer.hear(CLERKS, customer(ERIKA), registered(invited_email="own@example.de"))
    await mailer.compose()
    await mailer.deliver()
    assert sorted(mail.recipients[0] for mail in mail_server.mails) == [
        "buero@werbetex-nord.de",
        "s.berger@werbetex-nord.de",
    ]


@pytest.mark.parametrize(
    ("invited_by", "names"),
    [("MO", "Max Ohnemail (MO)"), ("XX", "XX"), ("", "")],
    ids=["none", "new", "nobody"],
)
async def test_a_registration_that_no_clerk_can_hear_of_goes_to_the_fallback(
    mailer: Mailer, mail_server: MailServer, invited_by: str, names: str
) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), registered(invited_by=invited_by))
    await mailer.compose()
    await mailer.deliver()
    [mail] = mail_server.mails
    assert mail.recipients == ["buero@werbetex-nord.de"]
    assert (f"für {names} keine E-Mail-Adresse" in mail.text) == bool(names)


@pytest.mark.parametrize(
    "event",
    [
        account("demo@muster-ag.de"),
        registered(role="clerk", clerk_code="TK", customer_number=""),
    ],
    ids=["made by the system", "staff"],
)
async def test_other_accounts_are_no_news_for_a_clerk(mailer: Mailer, event: AccountRegistered) -> None:
    await mailer.hear(CLERKS, event)
    await mailer.compose()
    assert await mailer.states() == {}


def outdated(*clerk_codes: str) -> ApprovalOutdated:
    told = request().model_dump(exclude={"preview", "event_id", "occurred_at", "clerk_codes"})
    return ApprovalOutdated(**told, clerk_codes=clerk_codes, changed=("2/quantity", "2/colour", "3/removed"))


async def test_the_clerks_hear_that_an_approval_is_outdated(mailer: Mailer, mail_server: MailServer) -> None:
    told = outdated("SB", "TK")
    await mailer.hear(CLERKS, customer(ERIKA), told)
    await mailer.compose()
    await mailer.deliver()
    assert len(mail_server.mails) == 2
    mail = mail_server.to("t.kruse@werbetex-nord.de")
    assert mail.message["Subject"] == "Auftrag 2026-1042: Die Freigabe ist überholt (T-Shirt Front)"
    assert "Muster AG" in mail.text
    assert "(Position 2, 3)" in mail.text
    assert f"https://portal.example.de/proofs/{told.version_id}" in mail.text


async def test_an_outdated_approval_of_a_clerk_without_an_address_goes_to_the_fallback(
    mailer: Mailer,
) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), outdated("MO", "SB"))
    await mailer.compose()
    assert set(await mailer.states()) == {"buero@werbetex-nord.de", "s.berger@werbetex-nord.de"}


# Changes are confirmed


def confirmed(told: ApprovalRecorded) -> ChangesConfirmed:
    about = told.model_dump(
        include=set(ApprovalOutdated.model_fields) - {"event_id", "occurred_at", "changed"}
    )
    return ChangesConfirmed(
        **about,
        decision_id=told.decision_id,
        confirmed_at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
        clerk_code="TK",
        clerk_name="Tim Kruse",
    )


async def test_who_approved_with_changes_hears_that_they_are_confirmed(
    mailer: Mailer, mail_server: MailServer
) -> None:
    told = decision(person_email="erika@muster-ag.de")
    await mailer.hear(CLERKS, customer(ERIKA), account("erika@muster-ag.de", locale="en"), told)
    await mailer.compose()
    await mailer.pool.execute("DELETE FROM mail")
    await mailer.hear(confirmed(told))
    await mailer.compose()
    await mailer.deliver()
    [mail] = mail_server.mails
    assert mail.recipients == ["erika@muster-ag.de"]
    assert mail.message["Subject"] == "Order 2026-1042: your changes are confirmed (T-Shirt Front)"
    assert mail.message["Reply-To"] == "Tim Kruse <t.kruse@werbetex-nord.de>"
    assert "On 22 Nov 2026, 09:00, Tim Kruse confirmed the changes" in mail.text


async def test_without_a_decision_nobody_is_told_and_the_others_get_their_mails(mailer: Mailer) -> None:
    await mailer.hear(confirmed(decision()), password_changed(by_reset=True))
    await mailer.compose()
    assert set(await mailer.states()) == {"erika@muster-ag.de"}


# A proof waits for its order


def assigned(**changes: Any) -> SampleAssigned:
    fields = {
        "sample_id": uuid4(),
        "version_id": uuid4(),
        "version": 1,
        "order_number": "2026-9999",
        "position_numbers": ("2",),
        "title": "Front",
        "file": File(sha256="0" * 64, name="front.pdf", media_type="application/pdf", size=1),
        "clerk_code": "SB",
        "assigned_at": datetime.now(UTC) - timedelta(days=9),  # CDH tells of it late
    }
    return SampleAssigned(**(fields | changes))


async def wait_a_day(mailer: Mailer) -> None:
    await mailer.pool.execute("UPDATE waiting_sample SET assigned_at = assigned_at - interval '25 hours'")


async def test_a_sample_that_waits_too_long_for_its_order_is_told_to_its_clerk_once(
    mailer: Mailer, mail_server: MailServer
) -> None:
    waiting = assigned()
    await mailer.hear(CLERKS, waiting)
    await mailer.compose()
    assert await mailer.states() == {}
    await wait_a_day(mailer)
    await mailer.compose()
    await mailer.hear(waiting)
    await mailer.compose()
    await mailer.deliver()
    [mail] = mail_server.mails
    assert mail.recipients == ["s.berger@werbetex-nord.de"]
    assert mail.message["Subject"] == "Auftrag 2026-9999: Ein Freigabemuster wartet (Front)"


async def test_a_sample_whose_customer_was_asked_in_time_is_no_news(mailer: Mailer) -> None:
    first, second = assigned(), assigned()
    asked = [request().model_copy(update={"version_id": one.version_id}) for one in (first, second)]
    await mailer.hear(CLERKS, *known(ERIKA), first, asked[0], asked[1], second)
    await wait_a_day(mailer)
    await mailer.compose()
    assert await mailer.pool.fetchval("SELECT count(*) FROM mail WHERE template = 'sample_waits'") == 0


async def test_a_sample_of_today_and_one_that_was_replaced_are_no_news(mailer: Mailer) -> None:
    sample_id = uuid4()
    old = assigned(sample_id=sample_id)
    await mailer.hear(CLERKS, old)
    await wait_a_day(mailer)
    await mailer.hear(assigned(), assigned(sample_id=sample_id, version=2), old)
    await mailer.compose()
    assert await mailer.states() == {}


async def test_a_clerk_without_an_address_hears_of_his_sample_by_the_fallback(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, assigned(clerk_code="MO"))
    await wait_a_day(mailer)
    await mailer.compose()
    assert set(await mailer.states()) == {"buero@werbetex-nord.de"}


# What is over


async def test_mails_are_deleted_some_time_after_their_end(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, *known(ERIKA), decision(), request(), request(document_id=uuid4()))
    await mailer.compose()
    await mailer.deliver()
    kept = await mailer.pool.fetchval("SELECT count(*) FROM mail")
    await mailer.pool.execute(
        "UPDATE mail SET state = 'sent', ended_at = now() - interval '366 days'"
        " WHERE template <> 'approval_requested'"
    )
    await mailer.pool.execute("UPDATE decision SET composed_at = now() - interval '366 days'")
    left = await mailer.turn("housekeeping")
    assert isinstance(left, timedelta) or left is False
    templates = await mailer.pool.fetch("SELECT DISTINCT template FROM mail")
    assert [row["template"] for row in templates] == ["approval_requested"]
    assert kept > await mailer.pool.fetchval("SELECT count(*) FROM mail")
    assert await mailer.pool.fetchval("SELECT count(*) FROM decision") == 0
    assert await mailer.pool.fetchval("SELECT count(*) FROM approval_request") == 2
