import asyncio
from pathlib import Path

import aio_pika
import pytest

from deploy.local import rabbitmq
from deploy.local.errors import LauncherError
from deploy.local.ports import is_free
from deploy.local.rabbitmq import RunningRabbit, start_rabbitmq
from tests.support.system import is_alive


async def test_a_restart_keeps_address_and_durable_queues_and_no_end_leaves_a_process(
    memory_path: Path,
) -> None:
    first = await asyncio.to_thread(start_rabbitmq, memory_path)
    try:
        async with await aio_pika.connect(first.url, timeout=10) as connection:
            channel = await connection.channel()
            await channel.declare_queue("kept", durable=True, arguments={"x-queue-type": "quorum"})
            message = aio_pika.Message(b"still here", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, "kept")
    finally:
        await asyncio.to_thread(first.stop)
    assert_ended(first)

    second = await asyncio.to_thread(start_rabbitmq, memory_path)
    try:
        assert second.url == first.url
        async with await aio_pika.connect(second.url, timeout=10) as connection:
            channel = await connection.channel()
            queue = await channel.get_queue("kept")
            kept = await queue.get(no_ack=True)
            assert kept is not None
            assert kept.body == b"still here"
    finally:
        await asyncio.to_thread(second.kill)
    assert_ended(second)


def assert_ended(rabbit: RunningRabbit) -> None:
    assert not rabbit.is_running
    assert not is_alive(rabbit.pid)
    assert not is_alive(rabbit.epmd_pid)


async def test_it_listens_on_loopback_only_and_nobody_enters_as_guest(rabbitmq_server: RunningRabbit) -> None:
    for port in rabbitmq_server.ports:
        assert not is_free(port)
        # A listener on all addresses would hold this one as well.
        assert is_free(port, host="127.0.0.2")
    with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
        await aio_pika.connect(f"amqp://guest:guest@127.0.0.1:{rabbitmq_server.port}/", timeout=10)


def test_a_machine_without_rabbitmq_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbitmq, "SERVER_SCRIPTS", ())
    with pytest.raises(LauncherError, match="apt-get install rabbitmq-server"):
        start_rabbitmq(tmp_path)
