"""What the staff did: rows that are added, read, and deleted when they are old."""

from datetime import datetime

from asyncpg import Record

from services.gateway.model.audit import AuditEntry, LoggedAction, LogSearch
from shared.database import Transaction


async def add_entry(transaction: Transaction, entry: AuditEntry) -> int:
    """The id of the row."""
    return int(
        await transaction.fetchval(
            "INSERT INTO audit_entry"
            " (entered_at, account_id, person_name, role, route_name, path_values, correlation_id)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING audit_entry_id",
            entry.entered_at,
            entry.account_id,
            entry.person_name,
            entry.role,
            entry.route_name,
            entry.path_values,
            entry.correlation_id,
        )
    )


async def add_outcome(
    transaction: Transaction, audit_entry_id: int, *, status: int, note: str, entered_at: datetime
) -> None:
    await transaction.execute(
        "INSERT INTO audit_outcome (audit_entry_id, entered_at, status, note) VALUES ($1, $2, $3, $4)",
        audit_entry_id,
        entered_at,
        status,
        note,
    )


async def delete_entries(transaction: Transaction, *, before: datetime) -> None:
    await transaction.execute("DELETE FROM audit_entry WHERE entered_at < $1", before)


_FOUND = """
    FROM audit_entry AS entry LEFT JOIN audit_outcome AS outcome USING (audit_entry_id)
   WHERE ($1 = '' OR route_name = ANY($2) OR strpos(lower(person_name), lower($1)) > 0
          OR strpos(lower(coalesce(note, '')), lower($1)) > 0
          OR EXISTS (SELECT FROM jsonb_each_text(path_values) WHERE strpos(lower(value), lower($1)) > 0))
     AND ($3::timestamptz IS NULL OR entry.entered_at >= $3)
     AND ($4::timestamptz IS NULL OR entry.entered_at < $4)
     AND CASE $5::text WHEN 'done' THEN status < 400 WHEN 'refused' THEN status BETWEEN 400 AND 499
                 WHEN 'failed' THEN status >= 500 WHEN 'unknown' THEN status IS NULL ELSE true END
"""


async def list_actions(
    transaction: Transaction, search: LogSearch, *, limit: int, offset: int
) -> list[LoggedAction]:
    """The newest first."""
    rows = await transaction.fetch(
        f"""
        SELECT entry.entered_at, account_id, person_name, role, route_name, path_values, correlation_id,
               status, coalesce(note, '') AS note
        {_FOUND}
        ORDER BY audit_entry_id DESC LIMIT $6 OFFSET $7
        """,
        *_parameters(search),
        limit,
        offset,
    )
    return [_action(row) for row in rows]


async def count_actions(transaction: Transaction, search: LogSearch) -> int:
    return int(await transaction.fetchval(f"SELECT count(*) {_FOUND}", *_parameters(search)))


def _parameters(search: LogSearch) -> tuple[object, ...]:
    return search.words, list(search.route_names), search.since, search.before, search.outcome


def _action(row: Record) -> LoggedAction:
    return LoggedAction(
        entered_at=row["entered_at"],
        account_id=row["account_id"],
        person_name=row["person_name"],
        role=row["role"],
        route_name=row["route_name"],
        path_values=row["path_values"],
        correlation_id=row["correlation_id"],
        status=row["status"],
        note=row["note"],
    )
