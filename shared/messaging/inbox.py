"""Done once: the table of what this service has heard and done."""

from datetime import timedelta
from uuid import UUID

from shared.database import Transaction


async def add(transaction: Transaction, event_id: UUID, handler: str) -> bool:
    """Note that `handler` does this event in this transaction; False where it was done before.

    While another copy does the same, this waits for the end of its transaction.
    """
    added = await transaction.fetchval(
        """
        INSERT INTO inbox (event_id, handler) VALUES ($1, $2)
        ON CONFLICT ON CONSTRAINT inbox_pkey DO NOTHING
        RETURNING true
        """,
        event_id,
        handler,
    )
    return added is not None


async def remove_old(transaction: Transaction, *, older_than: timedelta, limit: int) -> None:
    """Forget what was done long ago, at most `limit` rows."""
    await transaction.execute(
        """
        DELETE FROM inbox
         WHERE (event_id, handler) IN (
            SELECT event_id, handler FROM inbox
             WHERE done_at < now() - $1::interval
             LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        older_than,
        limit,
    )
