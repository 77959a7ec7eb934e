"""Waiting, but not for ever, and saying so, but not all the time."""

import asyncio
from contextlib import suppress

import structlog

from shared.errors import reason_of

_log = structlog.get_logger()


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Return when `event` is set, or after `seconds`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class Outage:
    """Says once that `who` waits for `what`, and once that it goes on, however often it tries meanwhile."""

    def __init__(self, who: str, what: str) -> None:
        self._words = {"who": who, "what": what}
        self._lasts = False

    def goes_on(self, error: BaseException | None) -> None:
        if not self._lasts:
            _log.warning("waits", **self._words, reason=reason_of(error) if error else "")
        self._lasts = True

    def is_over(self) -> None:
        if self._lasts:
            _log.info("waits_no_longer", **self._words)
        self._lasts = False
