"""What only a broker can do to us."""

from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity

from deploy.local.rabbitmq import RunningRabbit
from shared.messaging import rabbitmq
from shared.messaging.bus import BusUnreachableError
from tests.contract.messaging.conftest import Heard, Stage, hears, mail_sent
from tests.support import eventually


async def test_a_hearer_declares_its_queue_again_when_somebody_deleted_it(
    rabbit_stage: Stage, rabbitmq_server: RunningRabbit
) -> None:
    stage, heard = rabbit_stage, Heard()
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    first = mail_sent()
    await stage.publish(first)
    await eventually(lambda: heard.mails == [first.mail_id])
    async with await aio_pika.connect(rabbitmq_server.url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(stage.hearer)

        async def is_there_again() -> bool:
            try:
                await (await connection.channel()).declare_queue(stage.hearer, passive=True)
            except ChannelNotFoundEntity:
                return False
            return True

        await eventually(is_there_again)
    second = mail_sent()
    await stage.publish(second)
    await eventually(lambda: heard.mails == [first.mail_id, second.mail_id])


async def test_a_connection_that_closes_before_its_channel_opens_is_a_bus_that_is_away(
    rabbit_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[AbstractConnection] = []
    connect = aio_pika.connect

    async def remember(*arguments: Any, **options: Any) -> AbstractConnection:
        connections.append(await connect(*arguments, **options))
        return connections[-1]

    async def lose(*_: Any) -> None:
        transport = connections[-1].transport
        assert transport is not None
        await transport.connection.close()

    monkeypatch.setattr(aio_pika, "connect", remember)
    monkeypatch.setattr(rabbitmq, "_declare", lose)
    bus = rabbit_stage.bus()

    with pytest.raises(BusUnreachableError):
        async with bus.publisher():
            pass
    with pytest.raises(BusUnreachableError):
        async with bus.listener(rabbit_stage.hearer, in_hand=1):
            pass


async def test_what_is_no_message_of_ours_goes_to_the_dead_letters(
    rabbit_stage: Stage, rabbitmq_server: RunningRabbit
) -> None:
    stage, heard = rabbit_stage, Heard()
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    event = mail_sent()
    await stage.publish(event)
    await eventually(lambda: heard.mails == [event.mail_id])
    async with await aio_pika.connect(rabbitmq_server.url) as connection:
        channel = await connection.channel()
        foreign = aio_pika.Message(b"hello", headers={"attempts": "many"})
        await channel.default_exchange.publish(foreign, stage.hearer)
    [dead] = await stage.until_dead(1)
    assert (dead.name, dead.body) == ("", b"hello")
