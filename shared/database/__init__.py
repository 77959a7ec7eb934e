"""PostgreSQL: the pool, the transaction that the edge opens, migrations, and waking on NOTIFY."""

from shared.database.migrate import migrate
from shared.database.pool import (
    DATABASE_ERRORS,
    Connection,
    Pool,
    Transaction,
    connect,
    create_pool,
    reading,
    transaction,
    wait_until_reachable,
)
from shared.database.wake import Waker

__all__ = [
    "DATABASE_ERRORS",
    "Connection",
    "Pool",
    "Transaction",
    "Waker",
    "connect",
    "create_pool",
    "migrate",
    "reading",
    "transaction",
    "wait_until_reachable",
]
