"""Where nobody of a customer is registered, one mail holds the request and the invitation."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.events.auth import AccountChanged, AccountRegistered
from shared.events.sync import Contact, Customer, CustomersChanged
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
    invited,
    request,
)

LINK = f"https://portal.example.de/register/{TOKEN}"


async def subjects(mailer: Mailer) -> list[str]:
    rows = await mailer.pool.fetch("SELECT subject FROM mail WHERE cause NOT LIKE '%/copy' ORDER BY subject")
    return [row["subject"] for row in rows]


async def cause_asked_for(mailer: Mailer) -> str:
    [asked] = await mailer.told("invitation_requested")
    return str(asked["cause"])


async def test_an_invitation_is_a_mail_from_the_clerk_with_a_link_of_its_own(
    mailer: Mailer, mail_server: MailServer
) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), invited())
    await mailer.compose()
    await mailer.deliver()
    mail = mail_server.to("erika@muster-ag.de")
    assert mail.message["Subject"] == "Registrierung Partner-Cockpit: Ihr Zugang bei Werbetex Nord GmbH"
    assert mail.message["From"] == "Sabine Berger <s.berger@werbetex-nord.de>"
    assert mail.text.count(LINK) == 1
    assert mail.html.count(f'href="{LINK}"') == 2
    assert "Muster AG" in mail.text


async def test_the_clerks_copy_lets_nobody_in(mailer: Mailer, mail_server: MailServer) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), invited())
    await mailer.compose()
    await mailer.deliver()
    copy = mail_server.to("s.berger@werbetex-nord.de")
    assert str(copy.message["Subject"]).strip().startswith("Kopie: Registrierung Partner-Cockpit")
    assert "/register/" not in copy.text + copy.html


async def test_the_token_lies_in_the_database_only_sealed_and_is_gone_once_the_mail_is_sent(
    mailer: Mailer, mail_server: MailServer
) -> None:
    mail_server.answers["RCPT erika@muster-ag.de"] = ["451 later"]
    await mailer.hear(CLERKS, customer(ERIKA), invited())
    await mailer.compose()
    await mailer.deliver()
    rows = await mailer.pool.fetch("SELECT mail::text AS row, sealed_token FROM mail")
    assert all(TOKEN not in row["row"] for row in rows)
    assert [bool(row["sealed_token"]) for row in rows].count(True) == 1, "the copy has none"
    await mailer.make_everything_due()
    await mailer.deliver()
    assert LINK in mail_server.to("erika@muster-ag.de").text
    assert await mailer.pool.fetchval("SELECT count(*) FROM mail WHERE sealed_token <> ''") == 0
    assert await mailer.pool.fetchval("SELECT count(*) FROM notice") == 0


async def test_a_link_that_ran_out_is_not_sent_any_more(mailer: Mailer, mail_server: MailServer) -> None:
    await mailer.hear(customer(ERIKA), invited(expires_at=datetime.now(UTC) - timedelta(minutes=1)))
    await mailer.compose()
    await mailer.deliver()
    assert mail_server.mails == []
    [failed] = await mailer.told("mail_failed")
    assert "ran out" in failed["reason"]


async def test_a_link_that_was_sealed_with_another_secret_fails_the_mail(
    make_mailer: MakeMailer, mail_server: MailServer
) -> None:
    mailer = await make_mailer(internal_secret="another secret")
    await mailer.hear(customer(ERIKA), invited())
    await mailer.compose()
    await mailer.deliver()
    assert mail_server.mails == []
    assert len(await mailer.told("mail_failed")) == 1


async def test_a_request_asks_for_an_invitation_and_waits(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, customer(ERIKA, email="office@muster-ag.de"), request())
    await mailer.compose()
    await mailer.compose()
    assert await subjects(mailer) == []
    [asked] = await mailer.told("invitation_requested")
    assert {key: asked[key] for key in ("customer_number", "contact_id", "email", "name", "clerk_code")} == {
        "customer_number": "10023",
        "contact_id": "1",
        "email": "erika@muster-ag.de",
        "name": "Erika Muster",
        "clerk_code": "SB",
    }


async def test_one_mail_holds_request_and_invitation(mailer: Mailer, mail_server: MailServer) -> None:
    proof = request()
    await mailer.hear(CLERKS, customer(ERIKA), proof)
    await mailer.compose()
    await mailer.hear(invited(request_cause=await cause_asked_for(mailer)))
    await mailer.compose()
    await mailer.deliver()
    mail = mail_server.to("erika@muster-ag.de")
    assert mail.message["Subject"] == "Auftrag 2026-1042: Bitte geben Sie das Freigabemuster frei"
    assert "T-Shirt Front, Version 1, Position 2" in mail.text
    assert LINK in mail.text
    assert "Zugang anlegen und ansehen" in mail.html
    assert "/register/" not in mail_server.to("s.berger@werbetex-nord.de").text
    asking = [event["version_ids"] for event in await mailer.told("mail_sent") if event["version_ids"]]
    assert asking == [[str(proof.version_id)]]


async def test_without_an_address_of_the_contact_the_company_is_invited(mailer: Mailer) -> None:
    await mailer.hear(customer(Contact(contact_id="1", name="Erika"), email="office@muster-ag.de"), request())
    await mailer.compose()
    [asked] = await mailer.told("invitation_requested")
    assert (asked["email"], asked["contact_id"], asked["name"]) == ("office@muster-ag.de", "", "")


async def test_a_later_request_of_the_same_order_joins_the_one_that_waits(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), request(title="Front"))
    await mailer.compose()
    await mailer.hear(request(title="Back"))
    await mailer.compose()
    await mailer.hear(invited(request_cause=await cause_asked_for(mailer)))
    await mailer.compose()
    assert await subjects(mailer) == ["Auftrag 2026-1042: Bitte geben Sie 2 Freigabemuster frei"]


async def test_a_later_request_to_another_customer_never_joins_the_invitation_of_the_former(
    mailer: Mailer,
) -> None:
    """CDH has the order under another customer by then; his proof is not for the one who is invited."""
    await mailer.hear(customer(ERIKA), request(title="Their proof"))
    await mailer.compose()
    cause = await cause_asked_for(mailer)
    other = Customer(customer_number="10099", name="Other GmbH", email="office@other.de", revision=1)
    await mailer.hear(
        CustomersChanged(customers=(other,)),
        request(title="Another's proof").model_copy(update={"customer_number": "10099"}),
    )
    await mailer.compose()
    await mailer.hear(invited(request_cause=cause))
    await mailer.compose()
    mails = await mailer.pool.fetch("SELECT body_text FROM mail WHERE recipient = 'erika@muster-ag.de'")
    assert ["Another's proof" in mail["body_text"] for mail in mails] == [False]
    asked = {event["email"] for event in await mailer.told("invitation_requested")}
    assert asked == {"erika@muster-ag.de", "office@other.de"}


async def test_who_registers_meanwhile_gets_the_request_and_no_invitation(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), request())
    await mailer.compose()
    await mailer.hear(account("erika.own@muster-ag.de", contact_id="1"))
    await mailer.compose()
    await mailer.hear(invited(request_cause=await cause_asked_for(mailer)))
    await mailer.compose()
    rows = await mailer.pool.fetch("SELECT recipient, body_text FROM mail WHERE cause NOT LIKE '%/copy'")
    assert [row["recipient"] for row in rows] == ["erika.own@muster-ag.de"]
    assert "/register/" not in rows[0]["body_text"]


async def test_an_answer_that_comes_twice_makes_one_mail(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), request())
    await mailer.compose()
    answer = invited(request_cause=await cause_asked_for(mailer))
    await mailer.hear(answer)
    await mailer.compose()
    await mailer.hear(account("erika@muster-ag.de", contact_id="1"), answer)
    await mailer.compose()
    assert len(await subjects(mailer)) == 1


async def test_without_an_answer_the_request_goes_out_alone_after_an_hour(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), request())
    await mailer.compose()
    left = await mailer.turn("composing")
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    await mailer.pool.execute("UPDATE awaited_invitation SET ready_at = now()")
    await mailer.compose()
    assert "keinen Zugang" in await mailer.pool.fetchval(
        "SELECT body_text FROM mail WHERE recipient LIKE 'erika%'"
    )
    await mailer.hear(invited(request_cause=await cause_asked_for(mailer)))
    await mailer.compose()
    assert await subjects(mailer) == [
        "Auftrag 2026-1042: Bitte geben Sie das Freigabemuster frei",
        "Registrierung Partner-Cockpit: Ihr Zugang bei Werbetex Nord GmbH",
    ], "the link that comes late is a mail of its own"


@pytest.mark.parametrize(
    ("registered", "mails"),
    [
        (account("colleague@muster-ag.de", may_approve=False), 2),
        (account("Erika@Muster-AG.de", contact_id="7"), 1),
        (account("erika.own@muster-ag.de", contact_id="1"), 1),
    ],
    ids=["a colleague", "the same address", "the same contact"],
)
async def test_the_late_link_is_needed_where_nobody_but_a_colleague_has_an_access(
    mailer: Mailer, registered: AccountRegistered, mails: int
) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), request())
    await mailer.compose()
    await mailer.pool.execute("UPDATE awaited_invitation SET ready_at = now()")
    await mailer.compose()
    await mailer.hear(registered, invited(request_cause=await cause_asked_for(mailer)))
    await mailer.compose()
    assert len(await subjects(mailer)) == mails


async def test_what_was_decided_meanwhile_is_not_asked_for(mailer: Mailer) -> None:
    proof = request()
    await mailer.hear(CLERKS, customer(ERIKA), proof)
    await mailer.compose()
    await mailer.hear(decision(version_id=proof.version_id))
    await mailer.hear(invited(request_cause=await cause_asked_for(mailer)))
    await mailer.compose()
    assert await mailer.pool.fetchval("SELECT count(*) FROM mail WHERE template = 'approval_requested'") == 0


async def test_a_customer_with_nothing_but_a_disabled_access_is_not_invited_anew(mailer: Mailer) -> None:
    registered = account("erika@muster-ag.de", contact_id="1")
    row = registered.model_dump(exclude={"event_id", "occurred_at", "invited_by", "invited_email"})
    await mailer.hear(
        customer(ERIKA), registered, AccountChanged(**(row | {"disabled": True, "revision": 2}))
    )
    await mailer.hear(request())
    await mailer.compose()
    assert await mailer.told("invitation_requested") == []
    assert len(await mailer.told("mail_failed")) == 1
