"""The bus on RabbitMQ (3.10 to 4.x): one topic exchange, and per service a queue, its retries, its dead."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractExchange,
    AbstractIncomingMessage,
    HeadersType,
)
from aio_pika.exceptions import (
    AMQPError,
    ChannelInvalidStateError,
    ChannelPreconditionFailed,
    PublishError,
)

from shared.messaging.bus import BusUnreachableError, Delivery, Listener, Message, Publisher, Refusal
from shared.messaging.topology import Topology, delay_label

EXCHANGE = "events"
TIMEOUT_SECONDS = 10.0
CLOSE_SECONDS = 2.0
HEARTBEAT_SECONDS = 15
DEAD_LETTERS = 1_000  # as many are looked at or replayed at once

# What it has to say about broken connections is said by those who wait for them.
logging.getLogger("aiormq").setLevel(logging.CRITICAL)

# What the defaults of 3.10 and 4.0 do not agree about is said on purpose. Dead-lettering hands a message on
# only when the next queue has it; that needs reject-publish, though no queue has a limit here.
_HANDS_ON: HeadersType = {
    "x-queue-type": "quorum",
    "x-overflow": "reject-publish",
    "x-dead-letter-exchange": "",
    "x-dead-letter-strategy": "at-least-once",
}
# Looking at a dead letter counts as a delivery, and nothing may ever fall out of this queue.
_KEEPS: HeadersType = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000_000}


class RabbitBus:
    def __init__(self, url: str, topology: Topology) -> None:
        self._url = f"{url}{'&' if '?' in url else '?'}heartbeat={HEARTBEAT_SECONDS}"
        self._topology = topology

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[Publisher]:
        async with self._connection() as connection:
            publisher = _RabbitPublisher(connection)
            with _errors_mean_unreachable():
                await publisher.open()
            yield publisher

    @asynccontextmanager
    async def listener(self, queue: str, *, in_hand: int) -> AsyncIterator[Listener]:
        async with self._connection() as connection:
            with _errors_mean_unreachable():
                channel = await _open_channel(connection)
                listener = _RabbitListener(channel, queue, self._topology)
                await listener.open(in_hand)
            yield listener

    async def dead_letters(self, queue: str) -> list[Message]:
        async with self._connection() as connection:
            with _errors_mean_unreachable():
                channel = await _open_channel(connection)
                return [_read(incoming) async for incoming in _dead(channel, queue)]

    async def replay(self, queue: str, message_id: str | None = None) -> int:
        async with self._connection() as connection:
            with _errors_mean_unreachable():
                channel = await _open_channel(connection)
                dead = [(incoming, _read(incoming)) async for incoming in _dead(channel, queue)]
                chosen = [pair for pair in dead if message_id in (None, pair[1].message_id)]
                for incoming, message in chosen:
                    await _publish_copy(channel, queue, replace(message, attempts=0, reason=""))
                    await incoming.ack()
        return len(chosen)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AbstractConnection]:
        with _errors_mean_unreachable():
            connection = await aio_pika.connect(self._url, timeout=TIMEOUT_SECONDS)
        try:
            with _errors_mean_unreachable():
                await _declare(await _open_channel(connection), self._topology)
            yield connection
        finally:
            with suppress(*_UNREACHABLE):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await connection.close()


class _RabbitPublisher:
    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._exchange: AbstractExchange

    async def open(self) -> None:
        channel = await _open_channel(self._connection)
        self._exchange = await channel.get_exchange(EXCHANGE, ensure=False)

    async def publish(self, messages: Sequence[Message]) -> list[Refusal | None]:
        with _errors_mean_unreachable():
            results = await asyncio.gather(*map(self._publish, messages), return_exceptions=True)
            errors = [result for result in results if isinstance(result, BaseException)]
            if not errors:
                return [result for result in results if not isinstance(result, BaseException)]
            if not any(isinstance(error, ChannelPreconditionFailed) for error in errors):
                raise errors[0]
            # The broker closed the channel because one of them is larger than its operator allows:
            # which one, only a publish on its own can tell.
            await self.open()
            if len(messages) == 1:
                return [Refusal.TOO_LARGE]
            return [refusal for message in messages for refusal in await self.publish([message])]

    async def _publish(self, message: Message) -> Refusal | None:
        try:
            await self._exchange.publish(_written(message), message.name, timeout=TIMEOUT_SECONDS)
        except PublishError:
            return Refusal.UNROUTABLE
        return None


class _RabbitListener:
    def __init__(self, channel: AbstractChannel, queue: str, topology: Topology) -> None:
        self._channel = channel
        self._queue = queue
        self._topology = topology
        self._arrived: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()

    async def open(self, in_hand: int) -> None:
        self._channel.close_callbacks.add(self._end)
        underlay = await self._channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(self._end)  # the queue was deleted
        await self._channel.set_qos(prefetch_count=in_hand, timeout=TIMEOUT_SECONDS)
        queue = await self._channel.get_queue(self._queue, ensure=False)
        await queue.consume(self._arrived.put, timeout=TIMEOUT_SECONDS)

    async def take(self) -> Delivery:
        incoming = await self._arrived.get()
        if incoming is None:
            raise BusUnreachableError("RabbitMQ closed the channel")
        return _RabbitDelivery(incoming, self._channel, self._queue, self._topology)

    def _end(self, *_: object) -> None:
        self._arrived.put_nowait(None)


class _RabbitDelivery:
    """Settled by a copy elsewhere, confirmed, and then the acknowledgement of the original."""

    def __init__(
        self, incoming: AbstractIncomingMessage, channel: AbstractChannel, queue: str, topology: Topology
    ) -> None:
        self.message = _read(incoming)
        self._incoming = incoming
        self._channel = channel
        self._queue = queue
        self._topology = topology

    async def done(self) -> None:
        with _errors_mean_unreachable():
            await self._incoming.ack()

    async def retry(self, *, reason: str) -> None:
        delay = self._topology.retry_delays[self.message.attempts]
        await self._move(_retry_queue(self._queue, delay), reason)

    async def bury(self, *, reason: str) -> None:
        await self._move(_dead_queue(self._queue), reason)

    async def _move(self, queue: str, reason: str) -> None:
        copy = replace(self.message, attempts=self.message.attempts + 1, reason=reason)
        with _errors_mean_unreachable():
            await _publish_copy(self._channel, queue, copy)
            await self._incoming.ack()


_UNREACHABLE = (AMQPError, ChannelInvalidStateError, OSError, TimeoutError)


@contextmanager
def _errors_mean_unreachable() -> Iterator[None]:
    try:
        yield
    except _UNREACHABLE as error:
        raise BusUnreachableError(f"{type(error).__name__}: {error}") from error


async def _open_channel(connection: AbstractConnection) -> AbstractChannel:
    channel = connection.channel(publisher_confirms=True, on_return_raises=True)
    try:
        await channel.initialize(timeout=TIMEOUT_SECONDS)
    except RuntimeError as error:  # the library's word for a connection that has closed meanwhile
        raise ConnectionError(str(error)) from error
    return channel


async def _declare(channel: AbstractChannel, topology: Topology) -> None:
    """Whoever comes first declares everything, so that no event is lost before its hearer's first start."""
    exchange = await channel.declare_exchange(
        EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True, timeout=TIMEOUT_SECONDS
    )
    for name, arguments in queues(topology).items():
        await channel.declare_queue(name, durable=True, arguments=arguments, timeout=TIMEOUT_SECONDS)
    for service, event_names in topology.bindings.items():
        queue = await channel.get_queue(service, ensure=False)
        for event_name in event_names:
            await queue.bind(exchange, event_name, timeout=TIMEOUT_SECONDS)
    await channel.close()


def queues(topology: Topology) -> dict[str, HeadersType]:
    """Name and arguments of every queue, each after the one that it hands on to."""
    arguments: dict[str, HeadersType] = {}
    for service in topology.bindings:
        arguments[_dead_queue(service)] = _KEEPS
        arguments[service] = {
            **_HANDS_ON,
            "x-dead-letter-routing-key": _dead_queue(service),
            "x-delivery-limit": topology.delivery_limit,
        }
        for delay in topology.retry_delays:
            arguments[_retry_queue(service, delay)] = {
                **_HANDS_ON,
                "x-dead-letter-routing-key": service,
                "x-message-ttl": round(delay / timedelta(milliseconds=1)),
            }
    return arguments


def _retry_queue(service: str, delay: timedelta) -> str:
    return f"{service}.retry.{delay_label(delay)}"


def _dead_queue(service: str) -> str:
    return f"{service}.dead"


async def _publish_copy(channel: AbstractChannel, queue: str, message: Message) -> None:
    await channel.default_exchange.publish(_written(message), queue, timeout=TIMEOUT_SECONDS)


async def _dead(channel: AbstractChannel, queue: str) -> AsyncIterator[AbstractIncomingMessage]:
    """What is not acknowledged goes back when the channel closes."""
    dead = await channel.get_queue(_dead_queue(queue), ensure=False)
    for _ in range(DEAD_LETTERS):
        incoming = await dead.get(fail=False, timeout=TIMEOUT_SECONDS)
        if incoming is None:
            return
        yield incoming


def _written(message: Message) -> aio_pika.Message:
    return aio_pika.Message(
        message.body,
        message_id=message.message_id,
        type=message.name,
        correlation_id=message.correlation_id,
        timestamp=message.occurred_at,
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        headers={"attempts": message.attempts, "reason": message.reason[:500]},
    )


def _read(incoming: AbstractIncomingMessage) -> Message:
    """Anything can lie in a queue: what is missing is empty, and the consumer buries it."""
    attempts = incoming.headers.get("attempts")
    # Where the broker itself buried the message, it says why in a header of its own.
    reason = incoming.headers.get("reason") or incoming.headers.get("x-first-death-reason")
    return Message(
        message_id=incoming.message_id or "",
        name=incoming.type or "",
        correlation_id=incoming.correlation_id or "",
        occurred_at=incoming.timestamp or datetime.now(UTC),
        body=incoming.body,
        attempts=attempts if isinstance(attempts, int) else 0,
        reason=str(reason or ""),
    )
