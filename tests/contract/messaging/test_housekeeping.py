"""What the tables of outbox and inbox keep, and what an operator sees of them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from shared.database import Pool, create_pool, transaction
from shared.messaging import inbox, outbox
from shared.messaging.__main__ import main
from shared.messaging.bus import Refusal
from shared.messaging.postgres import PostgresBus
from shared.messaging.topology import checked_in_topology
from tests.contract.messaging.conftest import mail_sent, message_of

WEEK = timedelta(days=7)


@pytest.fixture
async def database_url(make_database: Callable[[str], Awaitable[str]]) -> str:
    return await make_database("teller")


async def test_old_rows_go_and_waiting_and_set_aside_ones_stay(database_url: str) -> None:
    pool = await create_pool(database_url)
    events = {state: mail_sent(state) for state in ("old", "recent", "set_aside", "waiting")}
    async with transaction(pool) as opened:
        for event in events.values():
            await outbox.add(opened, event)
            await inbox.add(opened, event.event_id, "on_mail_sent")
        await outbox.mark_sent(opened, [str(events[state].event_id) for state in ("old", "recent")])
        await outbox.set_aside(opened, str(events["set_aside"].event_id), Refusal.TOO_LARGE)
        await opened.execute(
            "UPDATE outbox SET added_at = added_at - $1::interval, settled_at = settled_at - $1::interval"
            " WHERE event_id <> $2",
            timedelta(days=8),
            events["recent"].event_id,
        )
        await opened.execute(
            "UPDATE inbox SET done_at = done_at - $1::interval WHERE event_id = $2",
            timedelta(days=8),
            events["old"].event_id,
        )
    async with transaction(pool) as opened:
        await outbox.remove_old(opened, older_than=WEEK, limit=10)
        await inbox.remove_old(opened, older_than=WEEK, limit=10)
    left = {row["event_id"] for row in await pool.fetch("SELECT event_id FROM outbox")}
    assert left == {events[state].event_id for state in ("recent", "set_aside", "waiting")}
    assert events["old"].event_id not in {row[0] for row in await pool.fetch("SELECT event_id FROM inbox")}
    assert await pool.fetchval("SELECT count(*) FROM inbox") == 3
    await pool.close()


async def test_the_age_of_the_oldest_unsent_event_is_known(database_url: str) -> None:
    pool = await create_pool(database_url)
    async with transaction(pool) as opened:
        assert await outbox.oldest_unsent_age(opened) == timedelta()
        await outbox.add(opened, mail_sent())
        await opened.execute("UPDATE outbox SET added_at = added_at - interval '1 hour'")
        age = await outbox.oldest_unsent_age(opened)
    assert timedelta(hours=1) <= age < timedelta(hours=2)
    await pool.close()


async def test_an_operator_lists_and_replays_dead_letters(
    bus_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BUS_DATABASE_URL", bus_database_url)
    monkeypatch.delenv("AMQP_URL", raising=False)
    topology = checked_in_topology().with_hearer("approvals", [mail_sent().wire_name])
    bus = PostgresBus(bus_database_url, topology)
    event = mail_sent()
    async with bus.publisher() as publisher, bus.listener("approvals", in_hand=1) as listener:
        await publisher.publish([message_of(event)])
        await (await listener.take()).bury(reason="on_mail_sent: it hurts")

    assert await run("dead", "list", "approvals") == 0
    shown = capsys.readouterr().out
    assert str(event.event_id) in shown
    assert "on_mail_sent: it hurts" in shown
    assert await run("dead", "replay", "approvals", str(event.event_id)) == 0
    assert "Replayed: 1." in capsys.readouterr().out
    assert await run("dead", "list", "approvals") == 0
    assert "No dead letters." in capsys.readouterr().out
    async with bus.listener("approvals", in_hand=1) as listener:
        delivery = await listener.take()
        assert delivery.message.message_id == str(event.event_id)
        assert delivery.message.attempts == 0
        await delivery.done()


async def test_an_operator_has_events_sent_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    pool = await create_pool(database_url)
    event = mail_sent()
    async with transaction(pool) as opened:
        await outbox.add(opened, event)
        await outbox.set_aside(opened, str(event.event_id), Refusal.UNROUTABLE)
    assert await run("outbox", "list") == 0
    shown = capsys.readouterr().out
    assert str(event.event_id) in shown
    assert "unroutable" in shown
    assert await run("outbox", "resend") == 0
    assert await _states(pool) == ["waiting"]
    await pool.close()


async def test_an_operator_without_a_bus_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BUS_DATABASE_URL", raising=False)
    monkeypatch.delenv("AMQP_URL", raising=False)
    assert await run("dead", "list", "approvals") == 1
    assert capsys.readouterr().err == "AMQP_URL or BUS_DATABASE_URL must be given.\n"


async def run(*arguments: str) -> int:
    """The command line has a loop of its own."""
    return await asyncio.to_thread(main, arguments)


async def _states(pool: Pool) -> list[str]:
    return [row["state"] for row in await pool.fetch("SELECT state FROM outbox")]
