"""How long the gateway waits for the next bytes of a body. Somebody slow is waited for, somebody silent not:
whoever passes a body on holds a connection to a service meanwhile."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from shared.errors import CockpitError

SILENCE_SECONDS = 60.0

Answer = TypeVar("Answer")


class SilentSenderError(CockpitError):
    """The sender has sent nothing for a while."""

    status = 408


async def unless_silent(reading: Awaitable[Answer]) -> Answer:
    """What is read, if it comes before long; raises SilentSenderError."""
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            return await reading
    except TimeoutError as error:
        raise SilentSenderError("Nothing was sent for a while.") from error
