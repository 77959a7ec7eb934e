"""What only the database that plays the broker can do to us."""

import asyncio

import pytest

from shared.messaging import postgres
from shared.messaging.bus import Bus
from shared.messaging.topology import Topology
from tests.contract.messaging.conftest import Stage, mail_sent
from tests.support import eventually


async def test_what_a_vanished_copy_had_in_hand_does_not_wait_for_a_lull(
    postgres_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, lost = postgres_stage, mail_sent()
    monkeypatch.setattr(postgres, "POLL_SECONDS", 0.0)
    wire = await stage.proxy(stage.bus_url)
    await stage.publish(lost)
    async with stage.bus(url=wire.url).listener(stage.hearer, in_hand=1) as vanishing:
        await vanishing.take()
        async with stage.bus().listener(stage.hearer, in_hand=1) as busy:
            wire.cut()

            async def is_there_again() -> bool:
                """Another event is always waiting."""
                await stage.publish(mail_sent())
                delivery = await busy.take()
                await delivery.done()
                return delivery.message.message_id == str(lost.event_id)

            await eventually(is_there_again)


async def test_those_who_start_at_the_same_moment_declare_in_one_order(postgres_stage: Stage) -> None:
    """However their tables are written: else each would hold what another waits for."""
    names = tuple(f"service.event_{number:03}.v1" for number in range(5000))
    buses = [
        postgres_stage.bus(topology=Topology({service: names if ahead else names[::-1]}))
        for ahead in (True, False)
        for service in ("documents", "documents")
    ]

    async def open_one(bus: Bus) -> None:
        async with bus.publisher():
            pass

    await asyncio.gather(*map(open_one, buses))
