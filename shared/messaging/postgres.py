"""The bus on PostgreSQL: a database that plays the broker, with the same queues, retries and dead letters.

A message in hand belongs to the number of a listener, and a listener holds the advisory lock of its number
as long as its connection lives. So the messages of a killed consumer come back at once: there is no lease
to run out, and no transaction stays open while a handler works.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import asyncpg
import structlog

from shared.database import DATABASE_ERRORS, Connection, connect, migrate
from shared.messaging.bus import BusUnreachableError, Delivery, Listener, Message, Publisher, Refusal
from shared.messaging.topology import Topology
from shared.messaging.waiting import wait

MIGRATIONS = Path(__file__).parent / "bus_migrations"
POLL_SECONDS = 2.0
TIMEOUT_SECONDS = 10.0
CLOSE_SECONDS = 2.0
DEAD_LETTERS = 1_000  # as many are looked at or replayed at once
_LISTENERS = 715_002  # the class of the listeners' advisory locks, any number

_COLUMNS = "message_id, event_name, correlation_id, occurred_at, body, attempts, reason"
_UNREACHABLE = (
    *DATABASE_ERRORS,
    asyncpg.InvalidCatalogNameError,  # not made yet
    asyncpg.InvalidAuthorizationSpecificationError,
)

_log = structlog.get_logger()


class PostgresBus:
    def __init__(self, database_url: str, topology: Topology) -> None:
        self._database_url = database_url
        self._topology = topology

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[Publisher]:
        async with self._connection() as connection:
            yield _PostgresPublisher(connection)

    @asynccontextmanager
    async def listener(self, queue: str, *, in_hand: int) -> AsyncIterator[Listener]:
        # Losing a mark in a crash of the server makes a message come twice, which is harmless: save the wait.
        async with self._connection(synchronous_commit="off") as connection:
            listener = _PostgresListener(connection, queue, self._topology, in_hand)
            with _errors_mean_unreachable():
                await listener.open()
            try:
                yield listener
            finally:
                with suppress(BusUnreachableError):
                    await listener.close()

    async def dead_letters(self, queue: str) -> list[Message]:
        async with self._connection() as connection:
            with _errors_mean_unreachable():
                rows = await connection.fetch(
                    f"""
                    SELECT {_COLUMNS} FROM message
                     WHERE queue = $1 AND state = 'dead'
                     ORDER BY due_at
                     LIMIT $2
                    """,  # noqa: S608 - the columns are a constant
                    queue,
                    DEAD_LETTERS,
                )
                return [_message(row) for row in rows]

    async def replay(self, queue: str, message_id: str | None = None) -> int:
        async with self._connection() as connection:
            with _errors_mean_unreachable():
                rows = await connection.fetch(
                    """
                    UPDATE message
                       SET state = 'waiting', due_at = now(), attempts = 0, deaths = 0, reason = ''
                     WHERE queue = $1 AND state = 'dead' AND ($2::text IS NULL OR message_id::text = $2)
                    RETURNING message_id, pg_notify(queue, '')
                    """,
                    queue,
                    message_id,
                )
                return len(rows)

    @asynccontextmanager
    async def _connection(self, *, synchronous_commit: str = "on") -> AsyncIterator[Connection]:
        with _errors_mean_unreachable():
            await migrate(self._database_url, MIGRATIONS, with_outbox=False)
            connection = await connect(
                self._database_url,
                timeout=TIMEOUT_SECONDS,
                command_timeout=TIMEOUT_SECONDS,
                # A listener whose machine vanished holds its messages until the server notices.
                server_settings={
                    "synchronous_commit": synchronous_commit,
                    "tcp_keepalives_idle": "30",
                    "tcp_keepalives_interval": "10",
                    "tcp_keepalives_count": "3",
                },
            )
        try:
            with _errors_mean_unreachable():
                await _declare(connection, self._topology)
            yield connection
        finally:
            with suppress(*DATABASE_ERRORS):
                await connection.close(timeout=CLOSE_SECONDS)


class _PostgresPublisher:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def publish(self, messages: Sequence[Message]) -> list[Refusal | None]:
        with _errors_mean_unreachable():
            row = await self._connection.fetchrow(
                """
                WITH told AS (
                    SELECT message_id, event_name, correlation_id, occurred_at, body
                      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::bytea[])
                        AS told (message_id, event_name, correlation_id, occurred_at, body)
                ), placed AS (
                    INSERT INTO message (message_id, queue, event_name, correlation_id, occurred_at, body)
                    SELECT message_id, queue, event_name, correlation_id, occurred_at, body
                      FROM told JOIN binding USING (event_name)
                    ON CONFLICT ON CONSTRAINT message_pkey DO NOTHING
                    RETURNING queue
                )
                SELECT
                    (SELECT array_agg(event_name) FROM told JOIN binding USING (event_name)) AS heard,
                    (SELECT count(pg_notify(queue, ''))
                       FROM (SELECT DISTINCT queue FROM placed) AS queue) AS woken
                """,
                [message.message_id for message in messages],
                [message.name for message in messages],
                [message.correlation_id for message in messages],
                [message.occurred_at for message in messages],
                [message.body for message in messages],
            )
        heard = set(row["heard"] or ()) if row else set()
        return [None if message.name in heard else Refusal.UNROUTABLE for message in messages]


class _PostgresListener:
    def __init__(self, connection: Connection, queue: str, topology: Topology, in_hand: int) -> None:
        self._connection = connection
        self._queue = queue
        self._topology = topology
        self._free = in_hand
        self._taken: deque[Message] = deque()
        self._done: list[str] = []
        self._wake = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()  # a connection answers one question after the other
        self._number: int
        self._freed_at = float("-inf")

    async def open(self) -> None:
        self._connection.add_termination_listener(lambda _: self._wake.set())
        await self._connection.add_listener(self._queue, lambda *_: self._wake.set())
        self._number = await self._connection.fetchval("SELECT nextval('listener_number_seq')::integer")
        await self._connection.execute("SELECT pg_advisory_lock($1, $2)", _LISTENERS, self._number)
        await self._free_the_dead()
        self._wake.set()  # for what has waited so far

    async def close(self) -> None:
        """Give back what was not settled."""
        await self._execute(
            """
            UPDATE message SET state = 'waiting', listener = NULL
             WHERE queue = $1 AND state = 'taken' AND listener = $2
            """,
            self._queue,
            self._number,
        )
        await self._execute("SELECT pg_notify($1, '')", self._queue)

    async def take(self) -> Delivery:
        while not self._taken:
            await wait(self._wake, POLL_SECONDS)
            self._wake.clear()
            is_due = asyncio.get_running_loop().time() >= self._freed_at + POLL_SECONDS
            if is_due:  # however busy the queue is
                await self._free_the_dead()
            await self._claim()
        return _PostgresDelivery(self._taken.popleft(), self)

    async def done(self, message: Message) -> None:
        self._done.append(message.message_id)
        with _errors_mean_unreachable():
            async with self._one_at_a_time:
                done, self._done = self._done, []  # with what others finished while this one waited
                if done:
                    await self._connection.execute(
                        """
                        DELETE FROM message
                         WHERE message_id = ANY ($1::uuid[]) AND queue = $2 AND listener = $3
                        """,
                        done,
                        self._queue,
                        self._number,
                    )
        self._free += 1

    async def retry(self, message: Message, reason: str) -> None:
        delay = self._topology.retry_delays[message.attempts]
        await self._put_back(message, "waiting", reason, delay)
        # Whoever polls would find it in time too; this only saves the wait.
        asyncio.get_running_loop().call_later(delay.total_seconds(), self._wake.set)

    async def bury(self, message: Message, reason: str) -> None:
        await self._put_back(message, "dead", reason, timedelta())

    async def _put_back(self, message: Message, state: str, reason: str, delay: timedelta) -> None:
        await self._execute(
            """
            UPDATE message
               SET state = $4, listener = NULL, attempts = attempts + 1, reason = $5, due_at = now() + $6
             WHERE message_id = $1 AND queue = $2 AND listener = $3
            """,
            message.message_id,
            self._queue,
            self._number,
            state,
            reason,
            delay,
        )
        self._free += 1

    async def _claim(self) -> None:
        wanted = self._free
        with _errors_mean_unreachable():
            async with self._one_at_a_time:
                rows = await self._connection.fetch(
                    f"""
                    WITH due AS (
                        SELECT message_id, queue FROM message
                         WHERE queue = $1 AND state = 'waiting' AND due_at <= now()
                         ORDER BY due_at
                         LIMIT $3
                           FOR UPDATE SKIP LOCKED
                    )
                    UPDATE message SET state = 'taken', listener = $2
                     WHERE (message_id, queue) IN (SELECT message_id, queue FROM due)
                    RETURNING {_COLUMNS}
                    """,  # noqa: S608 - the columns are a constant
                    self._queue,
                    self._number,
                    wanted,
                )
        if 0 < wanted == len(rows):
            self._wake.set()  # there may be more
        self._free -= len(rows)
        self._taken.extend(map(_message, rows))

    async def _free_the_dead(self) -> None:
        """Give back what belongs to listeners that are gone; too many deaths are the message's own fault."""
        self._freed_at = asyncio.get_running_loop().time()
        await self._execute(
            """
            UPDATE message
               SET listener = NULL, deaths = deaths + 1,
                   state = CASE WHEN deaths < $3 THEN 'waiting' ELSE 'dead' END,
                   reason = CASE WHEN deaths < $3 THEN reason ELSE 'delivery_limit' END
             WHERE queue = $1 AND state = 'taken'
               AND NOT EXISTS (
                    SELECT FROM pg_locks
                     WHERE locktype = 'advisory' AND classid = $2::integer::oid AND objid = listener::oid
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
            """,
            self._queue,
            _LISTENERS,
            self._topology.delivery_limit,
        )

    async def _execute(self, query: str, *arguments: object) -> None:
        with _errors_mean_unreachable():
            async with self._one_at_a_time:
                await self._connection.execute(query, *arguments)


class _PostgresDelivery:
    def __init__(self, message: Message, listener: _PostgresListener) -> None:
        self.message = message
        self._listener = listener

    async def done(self) -> None:
        await self._listener.done(self.message)

    async def retry(self, *, reason: str) -> None:
        await self._listener.retry(self.message, reason)

    async def bury(self, *, reason: str) -> None:
        await self._listener.bury(self.message, reason)


@contextmanager
def _errors_mean_unreachable() -> Iterator[None]:
    try:
        yield
    except _UNREACHABLE as error:
        raise BusUnreachableError(f"{type(error).__name__}: {error}") from error


async def _declare(connection: Connection, topology: Topology) -> None:
    """Whoever comes first declares everything, so that no event is lost before its hearer's first start.

    In one order for all: else two who start at the same moment could each hold what the other waits for.
    """
    pairs = [(name, queue) for queue, names in topology.bindings.items() for name in names]
    await connection.execute(
        """
        INSERT INTO binding (event_name, queue)
        SELECT event_name, queue FROM unnest($1::text[], $2::text[]) AS heard (event_name, queue)
         ORDER BY event_name, queue
        ON CONFLICT ON CONSTRAINT binding_pkey DO NOTHING
        """,
        [name for name, _ in pairs],
        [queue for _, queue in pairs],
    )


def _message(row: asyncpg.Record) -> Message:
    return Message(
        message_id=str(row["message_id"]),
        name=row["event_name"],
        correlation_id=row["correlation_id"],
        occurred_at=row["occurred_at"],
        body=row["body"],
        attempts=row["attempts"],
        reason=row["reason"],
    )
