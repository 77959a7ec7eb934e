"""The pool of a process and the one way to open a transaction."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from shared.errors import reason_of

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
    Transaction = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool
    Transaction = asyncpg.Connection


class DatabaseUnreachableError(ConnectionError):
    """There is no connection to the database: no such host, refused, no answer in time."""


# What the database is away means to asyncpg: refused, cut, shutting down, starting up. An OSError of a file
# is not among them: a full disk is no database that is away.
DATABASE_ERRORS = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asked between the server's last words and the end of the connection
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
CONNECT_TIMEOUT = 5.0
COMMAND_TIMEOUT = 10.0

_log = structlog.get_logger()


async def connect(*arguments: Any, **options: Any) -> Connection:
    """As asyncpg connects; whatever keeps it from that is one of DATABASE_ERRORS."""
    try:
        return await asyncpg.connect(*arguments, **options)
    except OSError as error:  # a TimeoutError is one as well
        raise DatabaseUnreachableError(*(error.args or ("no answer in time",))) from error


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def _leave_as_is(_connection: Any) -> None:
    """Nothing is left to reset: transactions end with their block, and what lasts longer than one (LISTEN,
    session locks, SET) happens on connections of its own. This saves each request a round trip."""


async def create_pool(database_url: str, *, max_size: int = 8) -> Pool:
    """A small pool; connections are opened when they are first needed. jsonb comes as Python values."""
    return await asyncpg.create_pool(
        database_url,
        min_size=0,
        max_size=max_size,
        timeout=CONNECT_TIMEOUT,
        command_timeout=COMMAND_TIMEOUT,
        max_inactive_connection_lifetime=60,
        connect=connect,
        init=_prepare,
        reset=_leave_as_is,
    )


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Transaction]:
    """One transaction on one connection: commits at the end of the block, rolls back on a raise."""
    async with pool.acquire(timeout=CONNECT_TIMEOUT) as connection, connection.transaction():
        yield connection


def reading(pool: Pool) -> AbstractAsyncContextManager[Transaction]:
    """For a request that asks one statement, which is a transaction of its own: saves BEGIN and COMMIT."""
    return pool.acquire(timeout=CONNECT_TIMEOUT)


async def wait_until_reachable(database_url: str, *, deadline_seconds: float = 60) -> None:
    """Return when the database answers; raises the last error after the deadline."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + deadline_seconds
    while True:
        try:
            connection = await connect(database_url, timeout=CONNECT_TIMEOUT)
        except (*DATABASE_ERRORS, asyncpg.InvalidCatalogNameError) as error:
            if loop.time() > deadline:
                raise
            _log.info("database_awaited", reason=reason_of(error))
            await asyncio.sleep(0.5)  # between two attempts to connect
        else:
            await connection.close()
            return
