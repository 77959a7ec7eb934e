"""What tests need to wait, to have real servers, and to break them."""

import asyncio
from collections.abc import Awaitable, Callable

DEADLINE_SECONDS = 40.0


async def eventually(
    look: Callable[[], Awaitable[object] | object], *, is_: object = None, seconds: float = DEADLINE_SECONDS
) -> None:
    """Return as soon as `look()` is `is_`, or true where `is_` is not given; fail after `seconds`."""
    seen: object = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                seen = look()
                if isinstance(seen, Awaitable):
                    seen = await seen
                if seen == is_ if is_ is not None else seen:
                    return
                await asyncio.sleep(0.01)  # between two looks
    except TimeoutError:
        raise AssertionError(f"after {seconds:g} s it is still {seen!r}") from None
