"""What has to lie in the order folders, and where these are."""

import datetime as dt
from uuid import UUID

from services.sync.model import OrderFolderFile
from shared.api.sync import FailingFile
from shared.database import Transaction


async def add_order_folder_file(
    transaction: Transaction, file_id: UUID, *, order_number: str, name: str, sha256: str
) -> None:
    """Keyed by `file_id`: queueing the same file twice is harmless."""
    await transaction.execute(
        """
        INSERT INTO order_folder_file (file_id, order_number, name, sha256) VALUES ($1, $2, $3, $4)
            ON CONFLICT ON CONSTRAINT order_folder_file_pkey DO NOTHING
        """,
        file_id,
        order_number,
        name,
        sha256,
    )


async def claim_order_folder_file(
    transaction: Transaction, *, needs_year: bool, lease: dt.timedelta
) -> OrderFolderFile | None:
    """Take the file that is due longest, for as long as the lease; whoever dies with it loses it.

    A file whose year is needed and not known waits for its order.
    """
    row = await transaction.fetchrow(
        """
        UPDATE order_folder_file AS claimed
           SET attempts = attempts + 1, next_attempt_at = now() + $2::interval
          FROM (SELECT file_id, order_date
                  FROM order_folder_file LEFT JOIN known_order USING (order_number)
                 WHERE state = 'waiting' AND next_attempt_at <= now()
                   AND (NOT $1 OR order_date IS NOT NULL OR order_number ~ '^20[0-9]{2}[^0-9]')
                 ORDER BY next_attempt_at
                 LIMIT 1
                   FOR UPDATE OF order_folder_file SKIP LOCKED) AS due
         WHERE claimed.file_id = due.file_id
        RETURNING claimed.file_id, order_number, order_date, name, sha256, attempts
        """,
        needs_year,
        lease,
    )
    return OrderFolderFile(**row) if row else None


async def renew_order_folder_file(
    transaction: Transaction, file: OrderFolderFile, *, lease: dt.timedelta
) -> None:
    """Unless another copy has taken the file over meanwhile."""
    await transaction.execute(
        """
        UPDATE order_folder_file SET next_attempt_at = now() + $3::interval
         WHERE file_id = $1 AND attempts = $2 AND state = 'waiting'
        """,
        file.file_id,
        file.attempts,
        lease,
    )


async def record_written(transaction: Transaction, file_id: UUID, *, written_as: str) -> None:
    await transaction.execute(
        """
        UPDATE order_folder_file
           SET state = 'written', written_as = $2, written_at = now(), last_fault = ''
         WHERE file_id = $1 AND state = 'waiting'
        """,
        file_id,
        written_as,
    )


async def record_failure(
    transaction: Transaction, file: OrderFolderFile, *, fault: str, wait: dt.timedelta
) -> None:
    """Unless another copy has taken the file over meanwhile."""
    await transaction.execute(
        """
        UPDATE order_folder_file
           SET last_fault = $3, next_attempt_at = now() + $4::interval
         WHERE file_id = $1 AND attempts = $2 AND state = 'waiting'
        """,
        file.file_id,
        file.attempts,
        fault,
        wait,
    )


async def list_failing_files(transaction: Transaction, *, limit: int) -> list[FailingFile]:
    rows = await transaction.fetch(
        """
        SELECT order_number, name, last_fault AS fault, attempts, added_at, next_attempt_at
          FROM order_folder_file
         WHERE state = 'waiting' AND last_fault <> ''
         ORDER BY added_at
         LIMIT $1
        """,
        limit,
    )
    return [FailingFile(**row) for row in rows]


async def requeue_failing_files(transaction: Transaction) -> None:
    """All that failed are due now."""
    await transaction.execute(
        """
        UPDATE order_folder_file SET next_attempt_at = now()
         WHERE state = 'waiting' AND last_fault <> '' AND next_attempt_at > now()
        """
    )


async def find_folder_pattern(transaction: Transaction) -> str | None:
    """What an operator has set; None for what the environment says."""
    pattern: str | None = await transaction.fetchval("SELECT pattern FROM order_folder_setting")
    return pattern


async def save_folder_pattern(transaction: Transaction, pattern: str | None) -> None:
    if pattern is None:
        await transaction.execute("DELETE FROM order_folder_setting")
        return
    await transaction.execute(
        """
        INSERT INTO order_folder_setting (pattern) VALUES ($1)
            ON CONFLICT ON CONSTRAINT order_folder_setting_pkey
            DO UPDATE SET pattern = excluded.pattern, changed_at = now()
        """,
        pattern,
    )
