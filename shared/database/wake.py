"""Wakes loops when a transaction that made work for them commits."""

import asyncio

import structlog

from shared.database.pool import CONNECT_TIMEOUT, DATABASE_ERRORS, Transaction, connect
from shared.errors import reason_of

_log = structlog.get_logger()


async def notify(transaction: Transaction, channel: str) -> None:
    """Wake whoever listens on `channel` when this transaction commits."""
    await transaction.execute(f"NOTIFY {channel}")  # channels are constants of the code


class Waker:
    """Listens on channels with one connection of its own and sets an event for each.

    A notification may be lost while the connection is away: every loop polls as well.
    """

    def __init__(self, database_url: str, *channels: str) -> None:
        self._database_url = database_url
        self._events = {channel: asyncio.Event() for channel in channels}

    def event(self, channel: str) -> asyncio.Event:
        return self._events[channel]

    async def run(self) -> None:
        """Listen until cancelled; reconnect when the connection breaks."""
        while True:
            try:
                await self._listen()
            except DATABASE_ERRORS as error:
                _log.warning("waker_disconnected", reason=reason_of(error))
            await asyncio.sleep(1)  # before the next attempt to connect

    async def _listen(self) -> None:
        connection = await connect(self._database_url, timeout=CONNECT_TIMEOUT)
        closed = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: closed.set())
            for channel in self._events:
                await connection.add_listener(channel, self._wake)
            for event in self._events.values():
                event.set()  # something may have been missed meanwhile
            await closed.wait()
        finally:
            connection.terminate()

    def _wake(self, _connection: object, _pid: int, channel: str, _payload: object) -> None:
        self._events[channel].set()
