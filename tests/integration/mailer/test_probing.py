"""The test mail says what is wrong with a mail server: tried on real servers that are wrong in that way."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from deploy.local.ports import free_port
from services.mailer import probing
from services.mailer.delivery import Envelope
from services.mailer.model.settings import parse_smtp_url
from shared.api.mailer import ChangeMailSettings, TestMailSettings, TestOutcome
from shared.errors import InvalidError
from shared.web import ServiceClient
from tests.integration.mailer.conftest import (
    OPERATOR,
    SECRET,
    Mailer,
    MailServer,
    MakeMailer,
    listening,
    secured,
)


def settings(url: str, **changes: Any) -> ChangeMailSettings:
    server = parse_smtp_url(url)
    given = {
        "host": server.host,
        "port": server.port,
        "security": server.security,
        "username": server.username,
        "password": server.password,
        "sender": "portal@werbetex-nord.de",
        "copy_to_clerk": True,
        "way": "smtp",
        "request_delay_seconds": 60,
    }
    return ChangeMailSettings.model_validate(given | changes)


async def try_out(client: ServiceClient, url: str, **changes: Any) -> TestOutcome:
    body = TestMailSettings(settings=settings(url, **changes), recipient="olaf@werbetex-nord.de")
    return await client.post("/settings/test", body, TestOutcome, who=OPERATOR)


@asynccontextmanager
async def talking(*lines: bytes) -> AsyncIterator[int]:
    """A port that says these lines to whoever comes, and then waits."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in lines:
            writer.write(line)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_a_mail_really_goes_out_and_nothing_is_stored(
    client: ServiceClient, mailer: Mailer, mail_server: MailServer
) -> None:
    outcome = await try_out(client, f"smtp://127.0.0.1:{mail_server.port}")
    assert outcome.code == "sent"
    [mail] = mail_server.mails
    assert mail.recipients == ["olaf@werbetex-nord.de"]
    assert mail.message["Subject"] == "Testmail vom Partner-Cockpit"
    assert await mailer.states() == {}
    assert await mailer.pool.fetchval("SELECT count(*) FROM mail_settings") == 0


async def test_a_name_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown, raising=False)
    assert (await probed("smtp://mail.nowhere.invalid")).code == "name_not_found"


async def probed(url: str, *, seconds: float = 5) -> probing.Outcome:
    """Without HTTP, where the network is bent under it or time is short."""
    envelope = Envelope("a@b.de", "c@d.de", b"x", is_international=False)
    return await probing.probe(
        parse_smtp_url(url), envelope, own_domain="b.de", ca_file=None, seconds=seconds
    )


async def test_a_port_that_nobody_listens_on(client: ServiceClient) -> None:
    assert (await try_out(client, f"smtp://127.0.0.1:{free_port()}")).code == "refused"


async def test_a_server_that_says_nothing() -> None:
    async with talking() as port:
        assert (await probed(f"smtp://127.0.0.1:{port}", seconds=0.3)).code == "timeout"


async def test_a_server_that_is_no_mail_server(client: ServiceClient) -> None:
    async with talking(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert (await try_out(client, f"smtp://127.0.0.1:{port}")).code == "no_greeting"


async def test_encryption_from_the_start_where_there_is_none(
    client: ServiceClient, mail_server: MailServer
) -> None:
    outcome = await try_out(client, f"smtps://127.0.0.1:{mail_server.port}")
    assert outcome.code == "no_tls_here"


async def test_starttls_where_there_is_none(client: ServiceClient, mail_server: MailServer) -> None:
    outcome = await try_out(client, f"smtp+starttls://127.0.0.1:{mail_server.port}")
    assert outcome.code == "starttls_missing"


SCHEMES = pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])


@asynccontextmanager
async def asked_over_http(mailer: Mailer) -> AsyncIterator[ServiceClient]:
    async with TestServer(mailer.service.application) as server, aiohttp.ClientSession() as session:
        yield ServiceClient(session, str(server.make_url("")), SECRET)


@SCHEMES
async def test_all_is_well_with_encryption_and_a_log_in(
    make_mailer: MakeMailer, tmp_path: Path, scheme: str
) -> None:
    server = MailServer()
    async with (
        secured(server, scheme, tmp_path) as (url, ca_file),
        asked_over_http(await make_mailer(smtp_ca_file=ca_file)) as client,
    ):
        assert (await try_out(client, url)).code == "sent"
    assert server.mails[0].logged_in_as == "portal"


@SCHEMES
async def test_a_certificate_that_nobody_vouches_for(
    client: ServiceClient, tmp_path: Path, scheme: str
) -> None:
    async with secured(MailServer(), scheme, tmp_path) as (url, _):
        assert (await try_out(client, url)).code == "certificate_untrusted"


@SCHEMES
async def test_a_certificate_that_has_expired(make_mailer: MakeMailer, tmp_path: Path, scheme: str) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    async with (
        secured(MailServer(), scheme, tmp_path, not_after=yesterday) as (url, ca_file),
        asked_over_http(await make_mailer(smtp_ca_file=ca_file)) as client,
    ):
        assert (await try_out(client, url)).code == "certificate_expired"


@SCHEMES
async def test_a_certificate_of_another_name(make_mailer: MakeMailer, tmp_path: Path, scheme: str) -> None:
    async with (
        secured(MailServer(), scheme, tmp_path, host="other.test") as (url, ca_file),
        asked_over_http(await make_mailer(smtp_ca_file=ca_file)) as client,
    ):
        assert (await try_out(client, url)).code == "certificate_other_name"


async def test_a_wrong_password(make_mailer: MakeMailer, tmp_path: Path) -> None:
    async with (
        secured(MailServer(), "smtps", tmp_path) as (url, ca_file),
        asked_over_http(await make_mailer(smtp_ca_file=ca_file)) as client,
    ):
        outcome = await try_out(client, url, password="wrong")
    assert outcome.code == "login_refused"
    assert outcome.answer.startswith("535")


async def test_a_log_in_where_there_is_none(client: ServiceClient, mail_server: MailServer) -> None:
    mail_server.offers_login = False
    outcome = await try_out(client, f"smtp://portal:secret@127.0.0.1:{mail_server.port}")
    assert outcome.code == "login_not_offered"


async def test_no_log_in_where_one_is_wanted(make_mailer: MakeMailer, tmp_path: Path) -> None:
    async with (
        secured(MailServer(), "smtp+starttls", tmp_path) as (url, ca_file),
        asked_over_http(await make_mailer(smtp_ca_file=ca_file)) as client,
    ):
        outcome = await try_out(client, url, username="", password=None)
    assert outcome.code == "login_required"


@pytest.mark.parametrize(
    ("command", "code"),
    [("MAIL", "sender_refused"), ("RCPT", "recipient_refused"), ("DATA", "message_refused")],
)
async def test_a_refusal_by_the_server_names_its_step(
    client: ServiceClient, mail_server: MailServer, command: str, code: str
) -> None:
    mail_server.answers[command] = ["550 5.7.1 <olaf@werbetex-nord.de> <b>not</b> here"]
    outcome = await try_out(client, f"smtp://127.0.0.1:{mail_server.port}")
    assert outcome.code == code
    assert "550" in outcome.answer
    assert "olaf@" not in outcome.answer


async def test_the_stored_password_is_tried_with_the_stored_server_only(
    make_mailer: MakeMailer, tmp_path: Path
) -> None:
    async with (
        secured(MailServer(), "smtps", tmp_path) as (url, ca_file),
        asked_over_http(await make_mailer(smtp_ca_file=ca_file)) as client,
    ):
        await client.call("POST", "/settings", who=OPERATOR, body=settings(url))
        assert (await try_out(client, url, password=None)).code == "sent"
        with pytest.raises(InvalidError) as caught:
            await try_out(client, url, host="localhost", password=None)
        assert caught.value.fields == {"password": "password_again"}


async def test_an_address_that_is_none_is_no_question_for_the_server(
    client: ServiceClient, mail_server: MailServer
) -> None:
    body = TestMailSettings(settings=settings(f"smtp://127.0.0.1:{mail_server.port}"), recipient="olaf")
    with pytest.raises(InvalidError) as caught:
        await client.call("POST", "/settings/test", who=OPERATOR, body=body)
    assert caught.value.fields == {"recipient": "malformed"}


async def test_the_server_may_be_named(client: ServiceClient) -> None:
    async with listening(MailServer()) as server:
        assert (await try_out(client, f"smtp://localhost:{server.port}")).code == "sent"
