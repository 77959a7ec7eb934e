"""Leases are short, so that the work of a killed process is soon taken up, and renewed while it goes on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from shared.database import DATABASE_ERRORS

LEASE = timedelta(seconds=20)
_RENEW_SECONDS = 5

_log = structlog.get_logger()


@asynccontextmanager
async def keep_lease(renew: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Call `renew` every few seconds until the end of the block.

    If the lease is lost all the same, two copies do the same work: it has the same result, and counts once.
    """

    async def keep() -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            try:
                await renew()
            except DATABASE_ERRORS as error:
                _log.warning("lease_not_renewed", reason=str(error) or type(error).__name__)

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
