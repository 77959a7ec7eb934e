"""The two queues of work outside the database: preparing versions and making records, each with its lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.approvals.model.versions import Page
from shared.database import Transaction
from shared.database.wake import notify
from shared.events.sync import File

PREPARATION_CHANNEL = "preparation"
RECORD_CHANNEL = "approval_record"


@dataclass(frozen=True, slots=True)
class PreparationTask:
    """A file to render. `attempts` counts this one."""

    version_id: UUID
    attempts: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class RecordTask:
    """A record to make. `attempts` counts this one."""

    decision_id: UUID
    attempts: int


async def add_preparation(transaction: Transaction, version_id: UUID) -> None:
    await transaction.execute("INSERT INTO preparation (version_id) VALUES ($1)", version_id)
    await notify(transaction, PREPARATION_CHANNEL)


async def claim_preparation(transaction: Transaction, *, lease: timedelta) -> PreparationTask | None:
    """A due one for `lease`, or None; copies never get the same one.

    Files that have not failed yet come first: one that takes long holds up itself.
    """
    row = await transaction.fetchrow(
        """
        UPDATE preparation p
           SET attempts = p.attempts + 1, due_at = now() + $1::interval
          FROM version v
         WHERE v.version_id = p.version_id
           AND p.version_id = (
                SELECT version_id FROM preparation
                 WHERE done_at IS NULL AND due_at <= now()
                 ORDER BY attempts, due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING p.version_id, p.attempts, v.file_sha256, v.file_media_type
        """,
        lease,
    )
    if row is None:
        return None
    return PreparationTask(row["version_id"], row["attempts"], row["file_sha256"], row["file_media_type"])


async def postpone_preparation(
    transaction: Transaction, task: PreparationTask, *, delay: timedelta, failure: str, counts: bool
) -> None:
    """Try again after `delay`; an attempt that does not count was not the file's fault."""
    await transaction.execute(
        """
        UPDATE preparation SET due_at = now() + $2::interval, failure = $3, attempts = $4
         WHERE version_id = $1 AND done_at IS NULL
        """,
        task.version_id,
        delay,
        failure,
        task.attempts if counts else task.attempts - 1,
    )


async def is_prepared(transaction: Transaction, version_id: UUID) -> bool:
    done_at = await transaction.fetchval("SELECT done_at FROM preparation WHERE version_id = $1", version_id)
    return done_at is not None


async def finish_preparation(
    transaction: Transaction, version_id: UUID, pages: Sequence[Page], *, now: datetime, failure: str
) -> None:
    await transaction.execute(
        "UPDATE preparation SET done_at = $2, failure = $3 WHERE version_id = $1", version_id, now, failure
    )
    await transaction.executemany(
        """
        INSERT INTO page (version_id, number, width, height, large_sha256, thumb_sha256)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        [
            (version_id, page.number, page.width, page.height, page.large_sha256, page.thumb_sha256)
            for page in pages
        ],
    )


async def list_pages(transaction: Transaction, version_id: UUID) -> list[Page]:
    rows = await transaction.fetch(
        """
        SELECT number, width, height, large_sha256, thumb_sha256 FROM page
         WHERE version_id = $1 ORDER BY number
        """,
        version_id,
    )
    return [
        Page(row["number"], row["width"], row["height"], row["large_sha256"], row["thumb_sha256"])
        for row in rows
    ]


async def add_record(transaction: Transaction, decision_id: UUID) -> None:
    """Once per decision, however often the event comes."""
    await transaction.execute(
        """
        INSERT INTO approval_record (decision_id) VALUES ($1)
        ON CONFLICT ON CONSTRAINT approval_record_pkey DO NOTHING
        """,
        decision_id,
    )
    await notify(transaction, RECORD_CHANNEL)


async def claim_record(transaction: Transaction, *, lease: timedelta) -> RecordTask | None:
    """The longest due one for `lease`, or None; copies never get the same one."""
    row = await transaction.fetchrow(
        """
        UPDATE approval_record
           SET attempts = attempts + 1, due_at = now() + $1::interval
         WHERE decision_id = (
                SELECT decision_id FROM approval_record
                 WHERE done_at IS NULL AND due_at <= now()
                 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING decision_id, attempts
        """,
        lease,
    )
    return None if row is None else RecordTask(row["decision_id"], row["attempts"])


async def postpone_record(
    transaction: Transaction, task: RecordTask, *, delay: timedelta, failure: str
) -> None:
    await transaction.execute(
        """
        UPDATE approval_record SET due_at = now() + $2::interval, failure = $3
         WHERE decision_id = $1 AND done_at IS NULL
        """,
        task.decision_id,
        delay,
        failure,
    )


async def finish_record(transaction: Transaction, decision_id: UUID, record: File, *, now: datetime) -> bool:
    """False where another copy finished it before."""
    finished = await transaction.fetchval(
        """
        UPDATE approval_record SET done_at = $2, sha256 = $3, name = $4, size = $5, failure = ''
         WHERE decision_id = $1 AND done_at IS NULL
        RETURNING true
        """,
        decision_id,
        now,
        record.sha256,
        record.name,
        record.size,
    )
    return finished is not None


async def renew_preparation(transaction: Transaction, version_id: UUID, *, lease: timedelta) -> None:
    """This copy is still at it."""
    await transaction.execute(
        "UPDATE preparation SET due_at = now() + $2::interval WHERE version_id = $1 AND done_at IS NULL",
        version_id,
        lease,
    )


async def renew_record(transaction: Transaction, decision_id: UUID, *, lease: timedelta) -> None:
    """This copy is still at it."""
    await transaction.execute(
        "UPDATE approval_record SET due_at = now() + $2::interval WHERE decision_id = $1 AND done_at IS NULL",
        decision_id,
        lease,
    )
