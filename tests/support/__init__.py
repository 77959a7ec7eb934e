"""What tests need to wait, to have real servers, and to break them."""

import asyncio
from collections.abc import Awaitable, Callable

DEADLINE_SECONDS = 40.0
LONGEST_PAUSE = 0.25  # seconds


async def eventually(
    look: Callable[[], Awaitable[object] | object], *, is_: object = None, seconds: float = DEADLINE_SECONDS
) -> None:
    """Return as soon as `look()` is `is_`, or true where `is_` is not given; fail after `seconds`.

    It looks less often the longer it takes, and pauses at least as long as a look took: whoever is waited
    for needs the processor more.
    """
    seen: object = None
    pause, clock = 0.01, asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(seconds):
            while True:
                begun_at = clock()
                seen = look()
                if isinstance(seen, Awaitable):
                    seen = await seen
                if seen == is_ if is_ is not None else seen:
                    return
                await asyncio.sleep(min(max(pause, clock() - begun_at), LONGEST_PAUSE))  # between two looks
                pause *= 1.3
    except TimeoutError:
        raise AssertionError(f"after {seconds:g} s it is still {seen!r}") from None
