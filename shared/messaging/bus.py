"""The port of the bus: what relay, consumer and operator ask of it.

Two adapters fill it, `rabbitmq.py` and `postgres.py`; both pass tests/contract/messaging.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

MAX_BODY_BYTES = 15_000_000  # RabbitMQ 4.0 takes 16 MiB by default


class BusUnreachableError(Exception):
    """The bus is away or did not answer in time: no message is at fault, all of them wait."""


class Refusal(StrEnum):
    """Why the bus will never take this message as it is."""

    UNROUTABLE = "unroutable"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way: the envelope, and beside it the body that hearers read.

    `attempts` counts the failed ones; `reason` is why the last of them failed.
    """

    message_id: str
    name: str
    correlation_id: str
    occurred_at: datetime
    body: bytes
    attempts: int = 0
    reason: str = ""


class Publisher(Protocol):
    async def publish(self, messages: Sequence[Message]) -> list[Refusal | None]:
        """Return when the bus has them for good; for each, why it was refused, or None.

        Raises BusUnreachableError when it is unknown what the bus has: publish all again.
        """


class Delivery(Protocol):
    """A message in hand. It comes back to its queue if the process ends before it is settled."""

    @property
    def message(self) -> Message: ...

    async def done(self) -> None: ...

    async def retry(self, *, reason: str) -> None:
        """One more failed attempt; it comes again after the delay that belongs to it."""

    async def bury(self, *, reason: str) -> None:
        """Move it to the dead letters."""


class Listener(Protocol):
    async def take(self) -> Delivery:
        """Wait for the next message; raises BusUnreachableError. Cancelling it loses nothing."""


class Bus(Protocol):
    """Opening a publisher or a listener connects and declares every queue and binding of the topology."""

    def publisher(self) -> AbstractAsyncContextManager[Publisher]: ...

    def listener(self, queue: str, *, in_hand: int) -> AbstractAsyncContextManager[Listener]:
        """`in_hand`: how many unsettled messages at most."""

    async def dead_letters(self, queue: str) -> list[Message]:
        """The oldest dead messages of the queue; they stay where they are."""

    async def replay(self, queue: str, message_id: str | None = None) -> int:
        """Put one dead message, or all, back into the queue with no attempt used; returns how many."""
