"""Seam 3: effects outside the database happen in a loop of their own, never in a transaction.

The use case writes the intent as a row; `perform_next` claims one row for a while (a lease),
performs the effect with a timeout, and records the result. The lease is short and renewed
while the effect goes on, so that the work of a killed process is soon taken up by another.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog

from shared.database import DATABASE_ERRORS, Pool, Transaction, transaction
from shared.errors import reason_of

POLL_SECONDS = 2.0  # what no notice tells: the end of a lease, a lost notice

_log = structlog.get_logger()


async def run_effects(
    name: str,
    perform_next: Callable[[], Awaitable[bool | timedelta]],
    *,
    wake: asyncio.Event,
    stopping: asyncio.Event,
) -> None:
    """Perform effects until `stopping`; `perform_next` says False when nothing is due, or in what time it is.

    The effect in hand is finished before the loop ends.
    """
    while not stopping.is_set():
        wake.clear()
        seconds = POLL_SECONDS
        try:
            outcome = await perform_next()
            if outcome is True:
                continue
            if isinstance(outcome, timedelta):
                seconds = min(seconds, max(outcome.total_seconds(), 0))
        except DATABASE_ERRORS as error:
            _log.warning("effects_wait_for_database", loop=name, reason=reason_of(error))
        except Exception:  # noqa: BLE001 - the edge of a loop that must go on
            _log.exception("effect_crashed", loop=name)
        await _first(wake.wait(), stopping.wait(), seconds=seconds)


class Housekeeping:
    """The loop that removes what is over, in small portions, every so often.

    `remove` gets the present moment and says whether more is left.
    """

    def __init__(
        self, pool: Pool, remove: Callable[[Transaction, datetime], Awaitable[bool]], *, every: timedelta
    ) -> None:
        self._pool = pool
        self._remove = remove
        self._every = every
        self._due_at = datetime.now(UTC)

    async def perform_next(self) -> bool | timedelta:
        now = datetime.now(UTC)
        if now < self._due_at:
            return self._due_at - now
        async with transaction(self._pool) as opened:
            is_more_left = await self._remove(opened, now)
        if not is_more_left:
            self._due_at = now + self._every
        return is_more_left


@asynccontextmanager
async def keep_lease(renew: Callable[[], Awaitable[None]], *, lease: timedelta) -> AsyncIterator[None]:
    """Call `renew` several times in each `lease` until the end of the block.

    If the lease is lost all the same, two copies do the same work: it has the same result, and counts once.
    """

    async def keep() -> None:
        while True:
            await asyncio.sleep(lease.total_seconds() / 4)
            try:
                await renew()
            except DATABASE_ERRORS as error:
                _log.warning("lease_not_renewed", reason=reason_of(error))

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


def backoff(attempts: int, *, longest: timedelta = timedelta(minutes=30)) -> timedelta:
    """How long to wait after the `attempts`-th failure: 5 s doubled each time, with some jitter."""
    seconds = min(5 * 2 ** min(attempts - 1, 20), longest.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - jitter is no secret


async def _first(*awaitables: Awaitable[object], seconds: float) -> None:
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
