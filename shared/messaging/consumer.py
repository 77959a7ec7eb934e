"""Does what a service does when it hears an event: each (event, handler) once, in one transaction."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import asyncpg
import structlog
from pydantic import ValidationError

from shared.database import DATABASE_ERRORS, Pool, Transaction, transaction
from shared.errors import UnprocessableError
from shared.events.base import Event
from shared.messaging import inbox
from shared.messaging.bus import Bus, BusUnreachableError, Delivery, Listener
from shared.messaging.topology import Topology
from shared.messaging.waiting import Outage, wait

AT_ONCE = 4  # handlers
IN_HAND = 16  # messages, so that the next ones are there when a handler is free
HANDLER_SECONDS = 60.0
GRACE_SECONDS = 8.0  # well before the process stops waiting (shared/process.py)
RECONNECT_SECONDS = 0.5
DATABASE_PAUSE_SECONDS = 0.5

_FINAL = (UnprocessableError, ValidationError)

_log = structlog.get_logger()
_Heard = TypeVar("_Heard", bound=Event)


class Subscription:
    """An event and one thing that this service does when it hears it.

    The handler gets the transaction of its inbox row. It may run twice, though it is committed once.
    """

    __slots__ = ("event", "handler", "handler_name")

    def __init__(
        self, event: type[_Heard], handler: Callable[[Transaction, _Heard], Awaitable[None]]
    ) -> None:
        self.event: type[Event] = event
        self.handler: Callable[[Transaction, Any], Awaitable[None]] = handler
        self.handler_name: str = getattr(handler, "__name__", type(handler).__name__)


class _DatabaseAwayError(Exception):
    """The event is not at fault: wait until the database is back."""


class _HandlerError(Exception):
    """Carries the handler's error out of the transaction, apart from errors of the transaction itself."""


class Consumer:
    """One per process; the consumers of several copies of a service share its queue."""

    def __init__(
        self,
        service: str,
        *,
        pool: Pool,
        bus: Bus,
        topology: Topology,
        subscriptions: Sequence[Subscription],
    ) -> None:
        self._service = service
        self._pool = pool
        self._bus = bus
        self._bus_outage = Outage("consumer", "bus")
        self._database_outage = Outage("consumer", "database")
        self._attempts = 1 + len(topology.retry_delays)
        self._hearers: dict[str, list[Subscription]] = defaultdict(list)
        for subscription in subscriptions:
            hearers = self._hearers[subscription.event.wire_name]
            if subscription.handler_name in {hearer.handler_name for hearer in hearers}:
                raise ValueError(f"{subscription.handler_name} hears {subscription.event.wire_name} twice.")
            hearers.append(subscription)

    async def run(self, stopping: asyncio.Event) -> None:
        """Take and do until `stopping`; then finish what is in hand and say what was cut."""
        while not stopping.is_set():
            try:
                await self._database_answers(stopping)
                await self._listen(stopping)
            except* BusUnreachableError as errors:
                self._bus_outage.goes_on(errors.exceptions[0])
            _notice_cancellation()
            await wait(stopping, RECONNECT_SECONDS)

    async def _listen(self, stopping: asyncio.Event) -> None:
        async with self._bus.listener(self._service, in_hand=IN_HAND) as listener:
            self._bus_outage.is_over()
            try:
                async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as group:
                    taking = group.create_task(self._take(listener, group, stopping))
                    await stopping.wait()
                    taking.cancel()
                    limit.reschedule(asyncio.get_running_loop().time() + GRACE_SECONDS)
            except TimeoutError:
                _log.warning("consumer_cut", after_seconds=GRACE_SECONDS)

    async def _take(self, listener: Listener, group: asyncio.TaskGroup, stopping: asyncio.Event) -> None:
        slots = asyncio.Semaphore(AT_ONCE)
        while True:
            await slots.acquire()
            delivery = await listener.take()
            settling = group.create_task(self._settle(delivery, stopping))
            settling.add_done_callback(lambda _: slots.release())

    async def _settle(self, delivery: Delivery, stopping: asyncio.Event) -> None:
        message = delivery.message
        with structlog.contextvars.bound_contextvars(
            correlation_id=message.correlation_id, event_id=message.message_id, event_name=message.name
        ):
            hearers = self._hearers.get(message.name)
            if hearers is None:
                await _bury(delivery, "this service does not know the event's type")
                return
            try:
                event = hearers[0].event.from_wire(message.body)
            except ValidationError as error:
                await _bury(delivery, _describe(error))
                return
            try:
                failures = [
                    (hearer, failure)
                    for hearer in hearers
                    if (failure := await self._do_when_possible(hearer, event, stopping))
                ]
            except _DatabaseAwayError:
                return  # we are stopping: unsettled, it goes back to its queue
            await self._settle_by(failures, delivery)

    async def _settle_by(
        self, failures: Sequence[tuple[Subscription, Exception]], delivery: Delivery
    ) -> None:
        if not failures:
            await delivery.done()
            return
        for hearer, failure in failures:
            _log.warning(
                "event_failed",
                handler=hearer.handler_name,
                attempt=delivery.message.attempts + 1,
                reason=_describe(failure),
                # The text of a ValidationError repeats what was sent.
                exc_info=None if isinstance(failure, _FINAL) else failure,
            )
        reason = "; ".join(f"{hearer.handler_name}: {_describe(failure)}" for hearer, failure in failures)
        can_succeed = not all(isinstance(failure, _FINAL) for _, failure in failures)
        if can_succeed and delivery.message.attempts + 1 < self._attempts:
            await delivery.retry(reason=reason)
        else:
            await _bury(delivery, reason)

    async def _do_when_possible(
        self, hearer: Subscription, event: Event, stopping: asyncio.Event
    ) -> Exception | None:
        """What the handler raised, if anything. A database that is away is waited for, event in hand."""
        while True:
            try:
                failure = await self._do_once(hearer, event)
            except _DatabaseAwayError as error:
                self._database_outage.goes_on(error.__cause__)
                await wait(stopping, DATABASE_PAUSE_SECONDS)
                if stopping.is_set():
                    raise
            else:
                self._database_outage.is_over()
                return failure

    async def _do_once(self, hearer: Subscription, event: Event) -> Exception | None:
        try:
            async with transaction(self._pool) as opened:
                if not await inbox.add(opened, event.event_id, hearer.handler_name):
                    return None
                try:
                    async with asyncio.timeout(HANDLER_SECONDS):
                        await hearer.handler(opened, event)
                except Exception as error:
                    raise _HandlerError(error) from error  # unless not even the rollback reaches the database
        except _HandlerError as error:
            failure: Exception = error.args[0]
            return failure
        except DATABASE_ERRORS as error:
            raise _DatabaseAwayError from error
        except asyncpg.PostgresError as error:
            return error  # a constraint that is checked on commit
        return None

    async def _database_answers(self, stopping: asyncio.Event) -> None:
        """Return when it does: a queue is only listened to while there is somewhere to put its events."""
        while not stopping.is_set():
            try:
                await self._pool.execute("SELECT 1")
            except DATABASE_ERRORS as error:
                self._database_outage.goes_on(error)
                await wait(stopping, DATABASE_PAUSE_SECONDS)
            else:
                self._database_outage.is_over()
                return


def _notice_cancellation() -> None:
    """Before Python 3.13 a TaskGroup whose task fails forgets that it was cancelled from outside as well."""
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


async def _bury(delivery: Delivery, reason: str) -> None:
    _log.error("event_buried", reason=reason)
    await delivery.bury(reason=reason)


def _describe(error: Exception) -> str:
    if isinstance(error, ValidationError):
        places = (".".join(map(str, one["loc"])) + ": " + one["type"] for one in error.errors())
        return "not a valid event: " + ", ".join(places)
    return f"{type(error).__name__}: {error}".removesuffix(": ")
