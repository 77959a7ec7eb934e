"""A clerk's mails may wait as drafts for his own Outlook: downloaded, settled once, or sent by SMTP."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import UUID, uuid4

import pytest

from services.mailer.use_cases.drafts import DISCARDED, NO_LONGER_ASKED
from services.mailer.use_cases.withdrawals import ORDER_MOVED
from shared.api.mailer import DraftCount, DraftFile, DraftRow, DraftRows, MailRows
from shared.errors import ConflictError, ForbiddenError, NotFoundError
from shared.events import Event
from shared.events.approvals import SampleSuperseded
from shared.web import Identity, ServiceClient
from tests.integration.mailer.conftest import (
    CLERK,
    CLERKS,
    ERIKA,
    OPERATOR,
    TOKEN,
    Mailer,
    MailServer,
    MakeMailer,
    account,
    customer,
    decision,
    invited,
    known,
    moved,
    request,
)


@pytest.fixture
async def mailer(make_mailer: MakeMailer) -> Mailer:
    return await make_mailer(mail_way="outlook")


async def drafted(mailer: Mailer, client: ServiceClient, *events: Event) -> DraftRow:
    await mailer.hear(CLERKS, *events)
    await mailer.compose()
    [row] = (await client.get("/drafts", DraftRows, who=CLERK)).rows
    return row


async def read(client: ServiceClient, mail_id: UUID) -> EmailMessage:
    file = await client.get(f"/drafts/{mail_id}/file", DraftFile, who=CLERK)
    message = email.message_from_string(file.content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def settle(client: ServiceClient, mail_id: UUID, how: str) -> None:
    await client.call("POST", f"/drafts/{mail_id}/{how}", who=CLERK)


async def test_a_request_waits_for_its_clerk_and_nobody_gets_a_mail(
    mailer: Mailer, mail_server: MailServer, client: ServiceClient
) -> None:
    proof = request()
    row = await drafted(mailer, client, *known(ERIKA), proof)
    assert (row.clerk_code, row.clerk_name, row.recipient) == ("SB", "Sabine Berger", "erika@muster-ag.de")
    assert row.subject == "Auftrag 2026-1042: Bitte geben Sie das Freigabemuster frei"
    await mailer.deliver()
    assert mail_server.mails == []
    [event] = await mailer.told("mail_drafted")
    assert (event["version_ids"], event["clerk_code"]) == ([str(proof.version_id)], "SB")


async def test_the_file_opens_in_outlook_ready_to_be_sent(mailer: Mailer, client: ServiceClient) -> None:
    row = await drafted(mailer, client, *known(ERIKA), request())
    message = await read(client, row.mail_id)
    assert message["X-Unsent"] == "1"
    assert message["From"] == "Sabine Berger <s.berger@werbetex-nord.de>"
    assert message["To"] == "Erika Muster <erika@muster-ag.de>"
    assert message["Subject"] == row.subject
    assert not {"Date", "Message-ID", "Reply-To", "Sender", "Auto-Submitted"} & set(message.keys())
    body = message.get_body(("plain",))
    assert body is not None
    assert "/proofs/" in body.get_content()


async def test_looking_changes_nothing(mailer: Mailer, client: ServiceClient) -> None:
    row = await drafted(mailer, client, *known(ERIKA), request())
    first, second = await read(client, row.mail_id), await read(client, row.mail_id)
    assert first["Subject"] == second["Subject"]
    assert (await client.get("/drafts", DraftRows, who=CLERK)).rows == (row,)


async def test_the_link_of_an_invitation_stands_in_the_file_and_not_in_the_database(
    mailer: Mailer, client: ServiceClient
) -> None:
    row = await drafted(mailer, client, customer(ERIKA), invited())
    body = (await read(client, row.mail_id)).get_body(("plain",))
    assert body is not None
    assert f"https://portal.example.de/register/{TOKEN}" in body.get_content()
    assert TOKEN not in await mailer.pool.fetchval("SELECT mail::text FROM mail")
    await settle(client, row.mail_id, "sent")
    assert await mailer.pool.fetchval("SELECT sealed_token FROM mail") == ""


async def test_request_and_invitation_are_one_file(mailer: Mailer, client: ServiceClient) -> None:
    proof = request()
    await mailer.hear(CLERKS, customer(ERIKA), proof)
    await mailer.compose()
    assert (await client.get("/drafts", DraftRows, who=CLERK)).rows == ()
    [asked] = await mailer.told("invitation_requested")
    row = await drafted(mailer, client, invited(request_cause=asked["cause"]))
    message = await read(client, row.mail_id)
    assert (message["X-Unsent"], message["Subject"]) == ("1", row.subject)
    assert row.subject == "Auftrag 2026-1042: Bitte geben Sie das Freigabemuster frei"
    body = message.get_body(("plain",))
    assert body is not None
    assert "T-Shirt Front, Version 1, Position 2" in body.get_content()
    assert f"https://portal.example.de/register/{TOKEN}" in body.get_content()
    [event] = await mailer.told("mail_drafted")
    assert event["version_ids"] == [str(proof.version_id)]


async def test_a_clerk_says_that_he_sent_it(mailer: Mailer, client: ServiceClient) -> None:
    proof = request()
    row = await drafted(mailer, client, *known(ERIKA), proof)
    await settle(client, row.mail_id, "sent")
    [event] = await mailer.told("mail_sent")
    assert event["version_ids"] == [str(proof.version_id)]
    assert (await client.get("/drafts", DraftRows, who=CLERK)).rows == ()


async def test_a_draft_goes_out_by_smtp_after_all(
    mailer: Mailer, mail_server: MailServer, client: ServiceClient
) -> None:
    row = await drafted(mailer, client, customer(ERIKA), invited())
    await settle(client, row.mail_id, "send")
    await mailer.deliver()
    [mail] = mail_server.mails
    assert mail.message["From"] == "Sabine Berger <s.berger@werbetex-nord.de>"
    assert f"/register/{TOKEN}" in mail.text
    assert len(await mailer.told("mail_sent")) == 1


async def test_a_discarded_draft_is_told_as_a_failure_that_says_who(
    mailer: Mailer, client: ServiceClient
) -> None:
    row = await drafted(mailer, client, *known(ERIKA), request())
    await settle(client, row.mail_id, "discard")
    [event] = await mailer.told("mail_failed")
    assert event["reason"] == DISCARDED % "Sabine Berger"


@pytest.mark.parametrize("how", ["sent", "send", "discard"])
async def test_a_draft_is_settled_once(mailer: Mailer, client: ServiceClient, how: str) -> None:
    row = await drafted(mailer, client, *known(ERIKA), request())
    await settle(client, row.mail_id, "sent")
    with pytest.raises(ConflictError) as caught:
        await settle(client, row.mail_id, how)
    assert caught.value.code == "DraftGoneError"
    with pytest.raises(ConflictError):
        await client.call("GET", f"/drafts/{row.mail_id}/file", who=CLERK)
    assert len(await mailer.told("mail_sent")) == 1


async def test_the_draft_of_a_dead_link_can_only_be_discarded(mailer: Mailer, client: ServiceClient) -> None:
    over = datetime.now(UTC) - timedelta(minutes=1)
    row = await drafted(mailer, client, customer(ERIKA), invited(expires_at=over))
    assert row.is_link_over
    with pytest.raises(ConflictError) as caught:
        await settle(client, row.mail_id, "send")
    assert caught.value.code == "LinkOverError"
    await settle(client, row.mail_id, "discard")


@pytest.mark.parametrize("clerk_code", ["MO", "XX", ""], ids=["without an address", "unknown", "nobody"])
async def test_without_a_clerk_who_could_send_it_the_mail_goes_out_by_smtp(
    mailer: Mailer, mail_server: MailServer, client: ServiceClient, clerk_code: str
) -> None:
    await mailer.hear(CLERKS, customer(ERIKA), invited(clerk_code=clerk_code))
    await mailer.compose()
    await mailer.deliver()
    assert [mail.recipients for mail in mail_server.mails] == [["erika@muster-ag.de"]]
    assert (await client.get("/drafts", DraftRows, who=CLERK)).rows == ()


async def test_mails_of_the_portal_are_never_drafts(mailer: Mailer, client: ServiceClient) -> None:
    await mailer.hear(CLERKS, *known(ERIKA), decision())
    await mailer.compose()
    assert set((await mailer.states()).values()) == {"queued"}


async def test_each_of_several_recipients_has_a_draft_of_his_own(
    mailer: Mailer, client: ServiceClient
) -> None:
    await mailer.hear(
        CLERKS, customer(ERIKA), account("a@muster-ag.de"), account("b@muster-ag.de"), request()
    )
    await mailer.compose()
    rows = (await client.get("/drafts", DraftRows, who=CLERK)).rows
    assert sorted(row.recipient for row in rows) == ["a@muster-ag.de", "b@muster-ag.de"]


async def test_a_draft_that_nobody_needs_any_more_is_discarded(mailer: Mailer, client: ServiceClient) -> None:
    superseded, decided, waiting = (request(document_id=uuid4()) for _ in range(3))
    await mailer.hear(CLERKS, *known(ERIKA), superseded, decided, waiting)
    await mailer.compose()
    told = superseded.model_dump(exclude={"preview", "event_id", "occurred_at"})
    await mailer.hear(SampleSuperseded(**told), decision(version_id=decided.version_id))
    [left] = (await client.get("/drafts", DraftRows, who=CLERK)).rows
    assert left.version_ids == (waiting.version_id,)


async def test_a_draft_about_several_proofs_waits_until_none_is_asked_for_any_more(
    mailer: Mailer, client: ServiceClient
) -> None:
    decided, superseded, last = (request() for _ in range(3))
    row = await drafted(mailer, client, *known(ERIKA), decided, superseded, last)
    told = superseded.model_dump(exclude={"preview", "event_id", "occurred_at"})
    await mailer.hear(decision(version_id=decided.version_id), SampleSuperseded(**told))
    [left] = (await client.get("/drafts", DraftRows, who=CLERK)).rows
    assert (left.mail_id, left.version_ids) == (row.mail_id, (last.version_id,))
    assert await mailer.told("mail_failed") == [], "it still goes out"
    for _ in range(2):
        await mailer.hear(decision(version_id=last.version_id))
    assert (await client.get("/drafts", DraftRows, who=CLERK)).rows == ()
    [event] = await mailer.told("mail_failed")
    assert (event["reason"], event["version_ids"]) == (NO_LONGER_ASKED, [str(last.version_id)])


async def test_a_clerk_sees_and_counts_his_own(mailer: Mailer, client: ServiceClient) -> None:
    await mailer.hear(CLERKS, *known(ERIKA))
    await mailer.hear(*(request(document_id=uuid4(), clerk_codes=(code,)) for code in ("SB", "TK", "TK")))
    await mailer.compose()
    for query, codes in (({"clerk_code": "SB"}, ["SB"]), ({}, ["SB", "TK", "TK"])):
        rows = (await client.get("/drafts", DraftRows, who=CLERK, query=query)).rows
        assert sorted(row.clerk_code for row in rows) == codes
    count = await client.get("/drafts/count", DraftCount, who=CLERK, query={"clerk_code": "SB"})
    assert count == DraftCount(own=1, others=2, is_in_use=True)


async def test_the_drafts_for_a_customer_end_when_the_order_is_anothers(
    mailer: Mailer, client: ServiceClient
) -> None:
    first, second = request(), request()
    row = await drafted(mailer, client, *known(ERIKA), first, second)
    await mailer.hear(account("new@other.de", customer_number="10099"), moved(first, "10099"))
    assert (await client.get("/drafts", DraftRows, who=CLERK)).rows == ()
    for method, what in (("GET", "file"), ("POST", "send"), ("POST", "sent")):
        with pytest.raises(ConflictError):
            await client.call(method, f"/drafts/{row.mail_id}/{what}", who=CLERK)
    [listed] = (await client.get("/mails", MailRows, who=OPERATOR)).rows
    assert (listed.state, listed.reason, listed.can_be_sent_again) == ("failed", ORDER_MOVED, False)
    with pytest.raises(ConflictError):
        await client.call("POST", f"/mails/{row.mail_id}/send-again", who=OPERATOR)
    assert await mailer.told("mail_failed") == [], "it would be taken for the new request's"
    await mailer.hear(moved(second, "10099"))
    await mailer.compose()
    [new] = (await client.get("/drafts", DraftRows, who=CLERK)).rows
    assert (new.recipient, len(new.version_ids)) == ("new@other.de", 2)


async def test_what_is_queued_for_a_customer_does_not_go_out_when_the_order_is_anothers(
    make_mailer: MakeMailer, mail_server: MailServer
) -> None:
    by_smtp = await make_mailer()
    proof = request()
    await by_smtp.hear(CLERKS, *known(ERIKA), account("new@other.de", customer_number="10099"), proof)
    await by_smtp.compose()
    await by_smtp.hear(moved(proof, "10099"), moved(proof, "10023"))
    await by_smtp.compose()
    await by_smtp.deliver()
    assert sorted(mail.recipients[0] for mail in mail_server.mails) == [
        "new@other.de",
        "s.berger@werbetex-nord.de",
    ]


async def test_drafts_are_for_the_staff(mailer: Mailer, client: ServiceClient) -> None:
    row = await drafted(mailer, client, *known(ERIKA), request())
    person = Identity(role="customer", customer_number="10023")
    for method, path in (
        ("GET", "/drafts"),
        ("GET", "/drafts/count"),
        ("GET", f"/drafts/{row.mail_id}/file"),
        ("POST", f"/drafts/{row.mail_id}/sent"),
        ("POST", f"/drafts/{row.mail_id}/send"),
        ("POST", f"/drafts/{row.mail_id}/discard"),
    ):
        with pytest.raises(ForbiddenError):
            await client.call(method, path, who=person)


async def test_other_mails_are_no_drafts(make_mailer: MakeMailer, client: ServiceClient) -> None:
    by_smtp = await make_mailer()
    await by_smtp.hear(CLERKS, *known(ERIKA), decision())
    await by_smtp.compose()
    mail_id = await by_smtp.pool.fetchval("SELECT mail_id FROM mail LIMIT 1")
    for one in (mail_id, uuid4()):
        with pytest.raises(NotFoundError):
            await client.call("GET", f"/drafts/{one}/file", who=CLERK)
