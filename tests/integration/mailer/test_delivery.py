"""A mail goes out over real SMTP: once, unless a kill falls between acceptance and record."""

import asyncio
from pathlib import Path
from uuid import uuid4

import idna
import pytest

from services.mailer import app
from services.mailer.model.mails import GIVE_UP_AFTER
from services.mailer.use_cases import delivery as use_cases
from shared.api.mailer import MailRows
from shared.effects import run_effects
from shared.web import ServiceClient
from tests.integration.mailer.conftest import (
    ERIKA,
    OPERATOR,
    Mailer,
    MailServer,
    MakeMailer,
    known,
    request,
    secured,
)
from tests.support import eventually
from tests.support.proxy import Proxy


async def queue_one(mailer: Mailer) -> None:
    await mailer.hear(*known(ERIKA), request())
    await mailer.compose()


async def state_and_reason(mailer: Mailer) -> tuple[str, str]:
    row = await mailer.pool.fetchrow("SELECT state, reason FROM mail")
    assert row is not None
    return row["state"], row["reason"]


async def outcomes(mailer: Mailer) -> list[str | None]:
    rows = await mailer.pool.fetch("SELECT outcome FROM mail_attempt ORDER BY mail_attempt_id")
    return [row["outcome"] for row in rows]


async def test_an_accepted_mail_is_sent_and_told_once(mailer: Mailer, mail_server: MailServer) -> None:
    await queue_one(mailer)
    await mailer.deliver()
    await mailer.make_everything_due()
    await mailer.deliver()
    assert len(mail_server.mails) == 1
    assert await state_and_reason(mailer) == ("sent", "")
    assert len(await mailer.told("mail_sent")) == 1
    assert await outcomes(mailer) == ["accepted"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_refusal_for_good_fails_the_mail_and_is_told(
    mailer: Mailer, mail_server: MailServer, command: str
) -> None:
    mail_server.answers[command] = ["550 5.1.1 <erika@muster-ag.de> unknown here"]
    await queue_one(mailer)
    await mailer.deliver()
    state, reason = await state_and_reason(mailer)
    assert state == "failed"
    assert "550" in reason
    assert "erika@" not in reason, "a mail address is never shown whole"
    [event] = await mailer.told("mail_failed")
    assert event["reason"] == reason
    assert len(event["version_ids"]) == 1
    await mailer.make_everything_due()
    await mailer.deliver()
    assert mail_server.mails == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_refusal_for_now_is_tried_again_later(
    mailer: Mailer, mail_server: MailServer, command: str
) -> None:
    mail_server.answers[command] = ["451 4.7.1 greylisted"]
    await queue_one(mailer)
    await mailer.deliver()
    assert (await state_and_reason(mailer))[0] == "queued"
    assert await mailer.pool.fetchval("SELECT due_at > now() FROM mail")
    assert await mailer.told("mail_failed") == []
    await mailer.make_everything_due()
    await mailer.deliver()
    assert (await state_and_reason(mailer))[0] == "sent"
    assert await outcomes(mailer) == ["postponed", "accepted"]


@pytest.mark.parametrize(("command", "code"), [("MAIL", 530), ("RCPT", 530), ("DATA", 535), ("MAIL", 538)])
async def test_a_server_that_wants_a_log_in_first_costs_no_mail(
    mailer: Mailer, mail_server: MailServer, client: ServiceClient, command: str, code: int
) -> None:
    mail_server.answers[command] = [f"{code} 5.7.0 Authentication required"]
    await queue_one(mailer)
    await mailer.deliver()
    assert (await state_and_reason(mailer))[0] == "queued"
    [listed] = (await client.get("/mails", MailRows, who=OPERATOR)).rows
    assert listed.reason == f"{code} 5.7.0 Authentication required", "the operator sees why nothing goes out"
    await mailer.make_everything_due()
    await mailer.deliver()
    assert len(mail_server.mails) == 1


async def test_pauses_grow_and_end_after_days(mailer: Mailer, mail_server: MailServer) -> None:
    mail_server.answers["RCPT"] = ["451 later"] * 20
    await queue_one(mailer)
    pauses = []
    for _ in range(5):
        await mailer.make_everything_due()
        await mailer.turn("delivery")
        pauses.append(
            await mailer.pool.fetchval("SELECT extract(epoch FROM due_at - now())::float FROM mail")
        )
    assert pauses == sorted(pauses)
    assert pauses[-1] > 60
    await mailer.pool.execute("UPDATE mail SET queued_at = now() - $1::interval", GIVE_UP_AFTER)
    await mailer.make_everything_due()
    await mailer.turn("delivery")
    state, reason = await state_and_reason(mailer)
    assert state == "failed"
    assert reason == "Given up after 4 days: 451 later"


async def test_a_server_that_is_away_costs_no_mail(make_mailer: MakeMailer, mail_server: MailServer) -> None:
    away = await make_mailer(smtp_url="smtp://127.0.0.1:1")
    await queue_one(away)
    await away.deliver()
    assert (await state_and_reason(away))[0] == "queued"
    back = await make_mailer()
    await back.make_everything_due()
    await back.deliver()
    assert len(mail_server.mails) == 1


async def test_a_connection_that_breaks_is_a_reason_to_try_again(
    make_mailer: MakeMailer, mail_server: MailServer
) -> None:
    async with Proxy(f"smtp://x@127.0.0.1:{mail_server.port}") as proxy:
        mailer = await make_mailer(smtp_url=proxy.url.replace("x@", ""))
        await queue_one(mailer)
        proxy.hold_answers()
        sending = asyncio.create_task(mailer.turn("delivery"))
        await eventually(lambda: len(proxy._writers), is_=2)
        proxy.cut()
        await sending
        assert await outcomes(mailer) == ["postponed"]
        proxy.mend()
        await mailer.make_everything_due()
        await mailer.deliver()
    assert (await state_and_reason(mailer))[0] == "sent"


async def test_a_cut_after_acceptance_repeats_the_mail_under_the_same_message_id(
    mailer: Mailer, mail_server: MailServer
) -> None:
    mail_server.cut_after_data = True
    await queue_one(mailer)
    await mailer.deliver()
    mail_server.cut_after_data = False
    await mailer.make_everything_due()
    await mailer.deliver()
    first, second = mail_server.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message["Date"] == second.message["Date"]
    assert str(first.message["Message-ID"]).endswith("@werbetex-nord.de>")


async def test_a_server_that_says_nothing_is_left_after_a_while(
    make_mailer: MakeMailer, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_server.silent_after_data = asyncio.Event()
    monkeypatch.setattr(app, "_SHARE_OF_LEASE", 0.004)  # of 120 s
    mailer = await make_mailer()
    await queue_one(mailer)
    await mailer.turn("delivery")
    assert await outcomes(mailer) == ["postponed"]
    assert (
        await mailer.pool.fetchval("SELECT answer FROM mail_attempt")
        == "The mail server did not answer in time."
    )
    mail_server.silent_after_data.set()


async def test_a_kill_between_acceptance_and_record_repeats_the_mail_after_the_lease(
    mailer: Mailer, make_mailer: MakeMailer, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queue_one(mailer)

    async def killed(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(use_cases, "record_delivery", killed)
        with pytest.raises(asyncio.CancelledError):
            await mailer.turn("delivery")
    other = await make_mailer()
    await other.deliver()
    assert len(mail_server.mails) == 1, "the lease still runs"
    await other.make_everything_due()
    await other.deliver()
    assert len({mail.message["Message-ID"] for mail in mail_server.mails}) == 1
    assert await outcomes(other) == [None, "accepted"]
    assert len(await other.told("mail_sent")) == 1


async def test_several_copies_send_each_mail_once(make_mailer: MakeMailer, mail_server: MailServer) -> None:
    copies = [await make_mailer() for _ in range(3)]
    await copies[0].hear(*known(ERIKA), *(request(document_id=uuid4()) for _ in range(12)))
    await copies[0].compose()
    await asyncio.gather(*(copy.deliver() for copy in copies))
    assert len(mail_server.mails) == 12
    assert len({mail.message["Message-ID"] for mail in mail_server.mails}) == 12
    assert mail_server.connections <= 3, "one connection per copy while there is work"


async def test_a_refused_mail_holds_nobody_up(mailer: Mailer, mail_server: MailServer) -> None:
    mail_server.answers["RCPT"] = ["550 unknown"]
    await mailer.hear(*known(ERIKA), *(request(document_id=uuid4()) for _ in range(3)))
    await mailer.compose()
    await mailer.deliver()
    assert len(mail_server.mails) == 2
    assert mail_server.connections == 1


async def test_a_commit_wakes_the_loop(
    mailer: Mailer, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loops as the process runs them, with nothing turned by hand; but nothing comes by polling."""
    monkeypatch.setattr("shared.effects.POLL_SECONDS", 3600)
    wakes, stopping = {loop.name: asyncio.Event() for loop in mailer.service.loops}, asyncio.Event()
    async with mailer.pool.acquire() as connection, asyncio.TaskGroup() as group:
        for loop in mailer.service.loops:
            if loop.channel:
                await connection.add_listener(loop.channel, lambda *_, name=loop.name: wakes[name].set())
            group.create_task(
                run_effects(loop.name, loop.perform_next, wake=wakes[loop.name], stopping=stopping)
            )
        await mailer.hear(*known(ERIKA), request())
        await eventually(lambda: len(mail_server.mails) == 1)
        await eventually(lambda: mailer.told("mail_sent"))
        stopping.set()
        await connection.reset()


# Encryption and log-in


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_mail_goes_out_encrypted_and_logged_in(
    make_mailer: MakeMailer, tmp_path: Path, scheme: str
) -> None:
    server = MailServer()
    async with secured(server, scheme, tmp_path) as (url, ca_file):
        mailer = await make_mailer(smtp_url=url, smtp_ca_file=ca_file)
        await queue_one(mailer)
        await mailer.deliver()
    [mail] = server.mails
    assert mail.is_encrypted
    assert mail.logged_in_as == "portal"


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_server_nobody_vouches_for_gets_neither_password_nor_mail(
    make_mailer: MakeMailer, tmp_path: Path, scheme: str
) -> None:
    server = MailServer()
    async with secured(server, scheme, tmp_path) as (url, _):
        mailer = await make_mailer(smtp_url=url)
        await queue_one(mailer)
        await mailer.deliver()
    assert server.mails == []
    assert (await state_and_reason(mailer))[0] == "queued", "the operator mends it, and the mail goes out"


async def test_a_server_under_another_name_gets_no_mail(make_mailer: MakeMailer, tmp_path: Path) -> None:
    server = MailServer()
    async with secured(server, "smtps", tmp_path, host="other.test") as (url, ca_file):
        mailer = await make_mailer(smtp_url=url, smtp_ca_file=ca_file)
        await queue_one(mailer)
        await mailer.deliver()
    assert server.mails == []


async def test_a_wrong_password_of_the_portal_costs_no_mail(make_mailer: MakeMailer, tmp_path: Path) -> None:
    server = MailServer()
    async with secured(server, "smtps", tmp_path) as (url, ca_file):
        mailer = await make_mailer(smtp_url=url.replace("s3%3Acr%40t", "wrong"), smtp_ca_file=ca_file)
        await queue_one(mailer)
        await mailer.deliver()
    assert (await state_and_reason(mailer))[0] == "queued"
    answer = await mailer.pool.fetchval("SELECT answer FROM mail_attempt")
    assert "535" in answer


async def test_a_server_that_offers_no_encryption_gets_no_mail_where_it_is_wanted(
    make_mailer: MakeMailer, mail_server: MailServer
) -> None:
    mailer = await make_mailer(smtp_url=f"smtp+starttls://127.0.0.1:{mail_server.port}")
    await queue_one(mailer)
    await mailer.deliver()
    assert mail_server.mails == []
    assert (await state_and_reason(mailer))[0] == "queued"


# Addresses


async def queue_to(mailer: Mailer, address: str) -> None:
    await mailer.hear(*known(ERIKA.model_copy(update={"email": address})), request())
    await mailer.compose()


async def test_a_domain_with_umlauts_is_written_as_the_dns_knows_it(
    mailer: Mailer, mail_server: MailServer
) -> None:
    await queue_to(mailer, "erika@müller-straße.de")
    await mailer.deliver()
    assert mail_server.mails[0].recipients == [f"erika@{idna.encode('müller-straße.de').decode()}"]


async def test_a_name_with_umlauts_before_the_at_travels_as_it_is(
    mailer: Mailer, mail_server: MailServer
) -> None:
    await queue_to(mailer, "jörg.müller@exämple.de")
    await mailer.deliver()
    assert mail_server.mails[0].recipients == ["jörg.müller@xn--exmple-cua.de"]
    assert "jörg.müller@" in str(mail_server.mails[0].message["To"])


async def test_a_server_that_cannot_write_umlauts_refuses_for_good(
    mailer: Mailer, mail_server: MailServer
) -> None:
    mail_server.speaks_utf8 = False
    await queue_to(mailer, "jörg@example.de")
    await mailer.deliver()
    state, reason = await state_and_reason(mailer)
    assert state == "failed"
    assert "letters such as ä" in reason


@pytest.mark.parametrize("address", ["erika@" + "ä" * 80 + ".de", "erika@-.ä.de"])
async def test_an_address_that_cannot_exist_fails_at_once(mailer: Mailer, address: str) -> None:
    await queue_to(mailer, address)
    await mailer.deliver()
    assert (await state_and_reason(mailer))[0] == "failed"
