"""What was sent to whom, for the operator; what failed may be sent again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.api.mailer import MailRow, MailRows
from shared.errors import ConflictError, ForbiddenError, NotFoundError
from shared.web import ServiceClient
from tests.integration.mailer.conftest import (
    CLERK,
    CLERKS,
    ERIKA,
    OPERATOR,
    TOKEN,
    Mailer,
    MailServer,
    customer,
    invited,
    known,
    request,
)


async def rows(client: ServiceClient, **query: str) -> tuple[MailRow, ...]:
    return (await client.get("/mails", MailRows, who=OPERATOR, query=query)).rows


async def failed_one(mailer: Mailer, mail_server: MailServer, client: ServiceClient) -> MailRow:
    mail_server.answers["RCPT erika@muster-ag.de"] = ["550 unknown"]
    await mailer.hear(CLERKS, customer(ERIKA), invited())
    await mailer.compose()
    await mailer.deliver()
    [row] = await rows(client, state="failed")
    return row


async def test_what_became_of_each_mail_is_listed(
    mailer: Mailer, mail_server: MailServer, client: ServiceClient
) -> None:
    failed = await failed_one(mailer, mail_server, client)
    assert failed.recipient == "erika@muster-ag.de"
    assert failed.title == "Registrierung Partner-Cockpit"
    assert failed.reason == "550 unknown"
    [sent] = await rows(client, state="sent")
    assert (sent.recipient, sent.attempts) == ("s.berger@werbetex-nord.de", 1)
    assert len(await rows(client)) == 2


async def test_a_mail_that_waits_shows_what_the_server_said_last(
    mailer: Mailer, mail_server: MailServer, client: ServiceClient
) -> None:
    mail_server.answers["RCPT"] = ["451 greylisted"]
    await mailer.hear(*known(ERIKA), request())
    await mailer.compose()
    await mailer.deliver()
    [row] = await rows(client)
    assert (row.state, row.reason) == ("queued", "451 greylisted")


async def test_mails_are_found_by_words_and_come_page_by_page(mailer: Mailer, client: ServiceClient) -> None:
    await mailer.hear(CLERKS, *known(ERIKA), *(request(document_id=uuid4()) for _ in range(3)))
    await mailer.compose()
    assert len(await rows(client, q="ERIKA@")) == 3
    assert len(await rows(client, q="kopie")) == 3
    assert len(await rows(client, q="erika@ auftrag")) == len(await rows(client, q="Auftrag ERIKA@")) == 3
    assert len(await rows(client, q="erika@ nothing")) == 0
    assert len(await rows(client, q="%")) == 0, "a search, not a pattern"
    page = await client.get("/mails", MailRows, who=OPERATOR, query={"page": "2", "size": "4"})
    assert (len(page.rows), page.total) == (2, 6)


async def test_a_mail_that_failed_is_sent_again_with_its_link(
    mailer: Mailer, mail_server: MailServer, client: ServiceClient
) -> None:
    failed = await failed_one(mailer, mail_server, client)
    assert failed.can_be_sent_again
    await client.call("POST", f"/mails/{failed.mail_id}/send-again", who=OPERATOR)
    await mailer.deliver()
    assert f"/register/{TOKEN}" in mail_server.to("erika@muster-ag.de").text
    with pytest.raises(ConflictError) as caught:
        await client.call("POST", f"/mails/{failed.mail_id}/send-again", who=OPERATOR)
    assert caught.value.code == "NotFailedError"


async def test_a_dead_link_is_not_sent_again(
    mailer: Mailer, mail_server: MailServer, client: ServiceClient
) -> None:
    await mailer.hear(customer(ERIKA), invited(expires_at=datetime.now(UTC) - timedelta(minutes=1)))
    await mailer.compose()
    await mailer.deliver()
    [row] = await rows(client)
    assert not row.can_be_sent_again
    with pytest.raises(ConflictError) as caught:
        await client.call("POST", f"/mails/{row.mail_id}/send-again", who=OPERATOR)
    assert caught.value.code == "LinkOverError"


async def test_a_mail_without_a_recipient_cannot_be_sent_again(mailer: Mailer, client: ServiceClient) -> None:
    await mailer.hear(customer(), request())
    await mailer.compose()
    [row] = await rows(client)
    with pytest.raises(ConflictError):
        await client.call("POST", f"/mails/{row.mail_id}/send-again", who=OPERATOR)


async def test_the_log_is_for_operators(client: ServiceClient) -> None:
    for method, path in (("GET", "/mails"), ("POST", f"/mails/{uuid4()}/send-again")):
        with pytest.raises(ForbiddenError):
            await client.call(method, path, who=CLERK)
    with pytest.raises(NotFoundError):
        await client.call("POST", f"/mails/{uuid4()}/send-again", who=OPERATOR)
