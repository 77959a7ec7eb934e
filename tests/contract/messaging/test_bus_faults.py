"""What holds when a wire breaks, a process dies or a database goes away, on both buses."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest
import structlog

from shared.database import Transaction
from shared.events.mailer import MailSent
from shared.messaging import relay
from shared.messaging.bus import Bus, Message, Publisher, Refusal
from tests.contract.messaging.conftest import Heard, Stage, hears, mail_sent
from tests.support import eventually


async def test_a_lost_confirm_tells_again_and_is_done_once(stage: Stage) -> None:
    heard = Heard()
    wire = await stage.proxy(stage.bus_url)
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    await stage.start(stage.teller, bus_url=wire.url)
    first, second, third = mail_sent(), mail_sent(), mail_sent()
    await stage.tell(first)
    await stage.until_outbox_is("sent")

    wire.hold_answers()
    await stage.tell(second)
    await eventually(lambda: heard.mails == [first.mail_id, second.mail_id])  # the bus has it…
    assert await stage.outbox_states() == ["sent", "waiting"]  # …and its teller does not know
    wire.cut()
    wire.mend()
    await stage.tell(third)
    await stage.until_outbox_is("sent", "sent", "sent")
    await eventually(lambda: third.mail_id in heard.mails)
    await stage.until_queue_is_empty()
    assert sorted(heard.mails) == sorted(event.mail_id for event in (first, second, third))


async def test_events_wait_for_a_bus_that_is_away(stage: Stage) -> None:
    heard = Heard()
    wire = await stage.proxy(stage.bus_url)
    wire.cut()
    event = mail_sent()
    await stage.start(stage.teller, bus_url=wire.url)
    await stage.start(stage.hearer, *hears(heard.on_mail_sent), bus_url=wire.url)
    await stage.tell(event)
    await eventually(lambda: wire.refused > 2)
    assert await stage.outbox_states() == ["waiting"]
    wire.mend()
    await eventually(lambda: heard.mails == [event.mail_id])
    await stage.until_outbox_is("sent")


async def test_that_events_wait_for_a_bus_is_said(stage: Stage) -> None:
    wire = await stage.proxy(stage.bus_url)
    wire.cut()
    await stage.tell(mail_sent())
    await (await stage.pool(stage.teller)).execute(
        "UPDATE outbox SET added_at = added_at - interval '2 hours'"
    )

    def ages() -> list[int]:
        return [entry["oldest_seconds"] for entry in logs if entry["event"] == "outbox_is_behind"]

    with structlog.testing.capture_logs() as logs:
        async with stage.relay(stage.bus(url=wire.url)):
            await eventually(ages)
    assert ages()[0] >= 7200


async def test_a_database_that_is_away_costs_no_attempt(stage: Stage) -> None:
    stage.retry_delays = ()  # the first attempt that fails is the last
    heard = Heard()
    is_working, may_go_on = asyncio.Event(), asyncio.Event()

    async def on_mail_sent(transaction: Transaction, event: MailSent) -> None:
        is_working.set()
        await may_go_on.wait()
        await transaction.execute("SELECT 1")
        await heard.on_mail_sent(transaction, event)

    wire = await stage.proxy(stage.database_url(stage.hearer))
    await stage.start(stage.hearer, *hears(on_mail_sent), database_url=wire.url)
    events = [mail_sent() for _ in range(10)]
    await stage.publish(*events)
    await is_working.wait()
    wire.cut()
    may_go_on.set()
    await eventually(lambda: wire.refused > 3)
    assert heard.mails == []
    wire.mend()
    await eventually(lambda: sorted(heard.mails) == sorted(event.mail_id for event in events))
    await stage.until_done(10)
    assert await stage.dead() == []


async def test_what_a_broken_consumer_had_in_hand_comes_back(stage: Stage) -> None:
    is_stuck = asyncio.Event()
    heard = Heard()

    async def on_mail_sent(_: Transaction, __: MailSent) -> None:
        is_stuck.set()
        await asyncio.Event().wait()

    wire = await stage.proxy(stage.bus_url)
    await stage.start(stage.hearer, *hears(on_mail_sent), bus_url=wire.url)
    event = mail_sent()
    await stage.publish(event)
    await is_stuck.wait()
    wire.cut()
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    await eventually(lambda: heard.mails == [event.mail_id])


async def test_stopping_finishes_what_is_in_hand_and_takes_nothing_more(stage: Stage) -> None:
    heard = Heard()
    is_working, may_go_on = asyncio.Event(), asyncio.Event()

    async def on_mail_sent(transaction: Transaction, event: MailSent) -> None:
        is_working.set()
        await may_go_on.wait()
        await heard.on_mail_sent(transaction, event)

    running = await stage.start(stage.hearer, *hears(on_mail_sent))
    events = [mail_sent() for _ in range(40)]
    await stage.publish(*events)
    await is_working.wait()
    running.stopping.set()
    may_go_on.set()
    await running.task
    finished = len(heard.mails)
    assert 0 < finished < len(events)
    await stage.until_done(finished)

    await stage.start(stage.hearer, *hears(on_mail_sent))
    await stage.until_done(len(events))
    assert len(heard.mails) == len(events)


async def test_a_message_that_kills_its_consumers_is_dead_after_the_limit(stage: Stage) -> None:
    event = mail_sent()
    await stage.publish(event)
    for _ in range(stage.topology.delivery_limit + 1):
        wire = await stage.proxy(stage.bus_url)
        async with stage.bus(url=wire.url).listener(stage.hearer, in_hand=1) as listener:
            delivery = await listener.take()
            assert delivery.message.message_id == str(event.event_id)
            wire.cut()
    async with stage.bus().listener(stage.hearer, in_hand=1):
        [dead] = await stage.until_dead(1)
    assert dead.reason == "delivery_limit"


async def test_a_relay_finds_what_a_crash_left_behind(stage: Stage) -> None:
    heard = Heard()
    event = mail_sent()
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    await stage.tell(event)  # nobody listens to its NOTIFY
    await stage.start(stage.teller)
    await eventually(lambda: heard.mails == [event.mail_id])


async def test_a_running_relay_finds_rows_of_which_no_notice_came(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard()
    monkeypatch.setattr(relay, "POLL_SECONDS", 0.1)
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    told, unannounced = mail_sent(), mail_sent()
    async with stage.relay(stage.bus()):
        await stage.tell(told)
        await eventually(lambda: heard.mails == [told.mail_id])
        await (await stage.pool(stage.teller)).execute(
            "INSERT INTO outbox (event_id, event_name, correlation_id, occurred_at, body)"
            " VALUES ($1, $2, '', $3, $4)",
            unannounced.event_id,
            unannounced.wire_name,
            unannounced.occurred_at,
            unannounced.model_dump_json(),
        )
        await eventually(lambda: heard.mails == [told.mail_id, unannounced.mail_id])


@dataclass
class MeetingBus:
    """A bus for a relay, which publishes only when another relay has something in hand as well."""

    bus: Bus
    both_hold: asyncio.Barrier
    published: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[Publisher]:
        async with self.bus.publisher() as publisher:
            yield MeetingPublisher(self, publisher)


@dataclass
class MeetingPublisher(Publisher):
    at: MeetingBus
    publisher: Publisher

    async def publish(self, messages: Sequence[Message]) -> list[Refusal | None]:
        await self.at.both_hold.wait()
        self.at.published += [message.message_id for message in messages]
        return await self.publisher.publish(messages)


async def test_two_relays_share_an_outbox_and_publish_each_event_once(postgres_stage: Stage) -> None:
    stage, both_hold = postgres_stage, asyncio.Barrier(2)
    events = [mail_sent() for _ in range(2 * relay.BATCH)]
    await stage.tell(*events)
    buses = [MeetingBus(stage.bus(), both_hold) for _ in range(2)]
    async with stage.relay(cast(Bus, buses[0])), stage.relay(cast(Bus, buses[1])):  # a relay only publishes
        await stage.until_outbox_is(*["sent"] * len(events))
    assert [len(bus.published) for bus in buses] == [relay.BATCH, relay.BATCH]
    published = [message_id for bus in buses for message_id in bus.published]
    assert sorted(published) == sorted(str(event.event_id) for event in events)
