"""The parts of messaging that need no server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from unittest.mock import AsyncMock, Mock

import pytest

from shared.database import Transaction
from shared.events.mailer import MailSent
from shared.messaging import Subscription
from shared.messaging.bus import BusUnreachableError
from shared.messaging.consumer import Consumer
from shared.messaging.topology import RETRY_DELAYS, Topology, delay_label


@pytest.mark.parametrize(
    ("delay", "label"),
    [
        (timedelta(seconds=5), "5s"),
        (timedelta(seconds=90), "90s"),
        (timedelta(minutes=5), "5min"),
        (timedelta(milliseconds=1500), "1500ms"),
        (timedelta(0), "0ms"),
    ],
)
def test_a_delay_has_a_readable_name(delay: timedelta, label: str) -> None:
    assert delay_label(delay) == label


def test_events_are_tried_again_after_5_seconds_30_seconds_and_5_minutes() -> None:
    assert [delay_label(delay) for delay in RETRY_DELAYS] == ["5s", "30s", "5min"]


def test_a_hearer_is_added_and_the_others_stay() -> None:
    topology = Topology({"mailer": ("a.b.v1",)}).with_hearer("sync", ["a.b.v1", "c.d.v1"])
    assert topology.bindings == {"mailer": ("a.b.v1",), "sync": ("a.b.v1", "c.d.v1")}
    assert topology.with_hearer("mailer", ["c.d.v1"]).bindings["mailer"] == ("a.b.v1", "c.d.v1")


def test_an_event_is_heard_when_one_service_hears_it() -> None:
    topology = Topology({"mailer": ("a.b.v1",)})
    assert topology.is_heard("a.b.v1")
    assert not topology.is_heard("c.d.v1")


def test_one_handler_stands_in_the_table_once_for_an_event() -> None:
    async def on_mail_sent(_: Transaction, __: MailSent) -> None:
        """Does nothing."""

    twice = (Subscription(MailSent, on_mail_sent), Subscription(MailSent, on_mail_sent))
    with pytest.raises(ValueError, match=r"on_mail_sent hears .* twice"):
        Consumer("mailer", pool=None, bus=None, topology=Topology({}), subscriptions=twice)  # type: ignore[arg-type]  # neither is used


async def test_a_consumer_that_is_cancelled_while_it_loses_its_bus_ends() -> None:
    """Otherwise a process goes on that can hear but no longer tell, since its relay is gone."""

    async def take() -> None:
        consuming.cancel()
        raise BusUnreachableError("cut")

    @asynccontextmanager
    async def listener(queue: str, *, in_hand: int) -> AsyncIterator[Mock]:
        yield Mock(take=take)

    bus, pool = Mock(listener=listener), Mock(execute=AsyncMock())
    consumer = Consumer("hearer", pool=pool, bus=bus, topology=Topology({}), subscriptions=())
    consuming = asyncio.create_task(consumer.run(asyncio.Event()))
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(consuming, timeout=5)
