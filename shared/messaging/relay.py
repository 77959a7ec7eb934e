"""Sends what stands in the outbox: woken when a transaction commits, with a poll as the net under it.

The one place where a transaction stays open over the network; it locks rows of the outbox only.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import asyncpg
import structlog

from shared.database import DATABASE_ERRORS, Connection, connect
from shared.messaging import inbox, outbox
from shared.messaging.bus import MAX_BODY_BYTES, Bus, BusUnreachableError, Message, Publisher, Refusal
from shared.messaging.topology import Topology
from shared.messaging.waiting import Outage, wait

BATCH = 20
POLL_SECONDS = 5.0
RECONNECT_SECONDS = 0.5
TIMEOUT_SECONDS = 10.0
CLOSE_SECONDS = 2.0

TIDY_SECONDS = 60.0
TIDY_ROWS = 10_000
KEEP_SENT = timedelta(days=7)
# Longer than a dead letter may lie before it is replayed: the inbox is what makes the replay harmless.
KEEP_DONE = timedelta(days=90)
ALARM_AGE = timedelta(minutes=1)

_log = structlog.get_logger()


class Relay:
    """One per process; the relays of several copies of a service share the rows."""

    def __init__(self, database_url: str, bus: Bus, topology: Topology) -> None:
        self._database_url = database_url
        self._bus = bus
        self._topology = topology
        self._wake = asyncio.Event()
        self._outage = Outage("relay", "bus or database")
        self._tidied_at = float("-inf")

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until `stopping`; what was committed before that has a last look."""
        waiter = asyncio.create_task(self._wake_when(stopping))
        try:
            while True:
                try:
                    return await self._send_until(stopping)
                except (BusUnreachableError, *DATABASE_ERRORS, asyncpg.InvalidCatalogNameError) as error:
                    self._outage.goes_on(error)
                    await self._tidy_without_bus()
                if stopping.is_set():
                    return None
                await wait(stopping, RECONNECT_SECONDS)
        finally:
            waiter.cancel()

    async def _send_until(self, stopping: asyncio.Event) -> None:
        async with self._bus.publisher() as publisher, self._listening() as connection:
            self._outage.is_over()
            while True:
                self._wake.clear()
                is_last = stopping.is_set()
                count = await self._send_batch(connection, publisher)
                if self._is_tidying_due():
                    await self._tidy(connection)
                if count == BATCH:
                    continue
                if is_last:
                    return
                await wait(self._wake, POLL_SECONDS)

    async def _send_batch(self, connection: Connection, publisher: Publisher) -> int:
        async with connection.transaction():
            messages = await outbox.claim(connection, limit=BATCH)
            if not messages:
                return 0
            refusals = await self._publish(publisher, messages)
            sent = [message.message_id for message in messages if message.message_id not in refusals]
            await outbox.mark_sent(connection, sent)
            for message in messages:
                if refusal := refusals.get(message.message_id):
                    await outbox.set_aside(connection, message.message_id, refusal)
                    _log.error(
                        "event_set_aside",
                        event_id=message.message_id,
                        event_name=message.name,
                        reason=refusal.value,
                        body_bytes=len(message.body),
                    )
        return len(messages)

    async def _publish(self, publisher: Publisher, messages: Sequence[Message]) -> dict[str, Refusal]:
        """Why some were refused, by message id. Nobody's event is no fault: it is done."""
        refusals = {m.message_id: Refusal.TOO_LARGE for m in messages if len(m.body) > MAX_BODY_BYTES}
        fitting = [message for message in messages if message.message_id not in refusals]
        for message, refusal in zip(fitting, await publisher.publish(fitting), strict=True):
            if refusal is Refusal.UNROUTABLE and not self._topology.is_heard(message.name):
                continue
            if refusal:
                refusals[message.message_id] = refusal
        return refusals

    def _is_tidying_due(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._tidied_at + TIDY_SECONDS:
            return False
        self._tidied_at = now
        return True

    async def _tidy_without_bus(self) -> None:
        """The database may be there while the bus is not: then events wait, and somebody has to know."""
        if self._is_tidying_due():
            with suppress(*DATABASE_ERRORS, asyncpg.InvalidCatalogNameError):
                async with self._listening() as connection:
                    await self._tidy(connection)

    async def _tidy(self, connection: Connection) -> None:
        await outbox.remove_old(connection, older_than=KEEP_SENT, limit=TIDY_ROWS)
        await inbox.remove_old(connection, older_than=KEEP_DONE, limit=TIDY_ROWS)
        age = await outbox.oldest_unsent_age(connection)
        if age > ALARM_AGE:
            _log.error("outbox_is_behind", oldest_seconds=round(age.total_seconds()))

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[Connection]:
        """A connection of our own, which hears of commits between its transactions."""
        connection = await connect(
            self._database_url,
            timeout=TIMEOUT_SECONDS,
            command_timeout=TIMEOUT_SECONDS,
            # A mark that is lost in a crash makes an event sent twice, which is harmless: save the wait.
            server_settings={"synchronous_commit": "off"},
        )
        try:
            connection.add_termination_listener(lambda _: self._wake.set())
            await connection.add_listener(outbox.CHANNEL, lambda *_: self._wake.set())
            yield connection
        finally:
            with suppress(*DATABASE_ERRORS):
                await connection.close(timeout=CLOSE_SECONDS)

    async def _wake_when(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._wake.set()
