"""Starts again what has died, slower each time that it dies soon. What it watches is given as functions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from deploy.local.errors import LauncherError

LOOK_SECONDS = 0.5
FIRST_DELAY = 1.0  # seconds
LONGEST_DELAY = 30.0
# Who has run this long has recovered: his next death counts as the first one.
STEADY_SECONDS = 60.0


@dataclass
class Watched:
    """`start_again` may raise; then it is tried again later."""

    name: str
    is_running: Callable[[], bool]
    start_again: Callable[[], Awaitable[None]]
    delay: float = FIRST_DELAY
    """The next one, in seconds."""

    def next_delay(self, *, ran_seconds: float) -> float:
        if ran_seconds > STEADY_SECONDS:
            self.delay = FIRST_DELAY
        delay, self.delay = self.delay, min(self.delay * 2, LONGEST_DELAY)
        return delay

    async def keep_running(self, say: Callable[[str], None]) -> None:
        started_at = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_SECONDS)  # between two looks
            if self.is_running():
                continue
            delay = self.next_delay(ran_seconds=time.monotonic() - started_at)
            say(f"{self.name} has died and is started again in {delay:.0f} s.")
            await asyncio.sleep(delay)  # the back-off
            started_at = time.monotonic()
            try:
                await self.start_again()
            except LauncherError as error:
                say(str(error))
            else:
                say(f"{self.name} runs again.")


async def supervise(watched: Sequence[Watched], say: Callable[[str], None]) -> None:
    """Until it is cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for one in watched:
            tasks.create_task(one.keep_running(say))
