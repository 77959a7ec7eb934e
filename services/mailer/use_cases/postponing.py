"""What cannot be composed waits for a while, so that it stops no others."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from shared.database import DATABASE_ERRORS, Transaction

Postpone = Callable[[Transaction, datetime], Awaitable[None]]


class NotComposedError(Exception):
    """A fault of ours, or something that only a newer version knows. `postpone` lets it wait until then."""

    def __init__(self, postpone: Postpone) -> None:
        super().__init__("This cannot be composed now.")
        self.postpone = postpone


@contextmanager
def postponed_if_it_fails(postpone: Postpone) -> Iterator[None]:
    """Raises NotComposedError for whatever goes wrong inside, but for a database that is away."""
    try:
        yield
    except DATABASE_ERRORS:
        raise
    except Exception as error:
        raise NotComposedError(postpone) from error
