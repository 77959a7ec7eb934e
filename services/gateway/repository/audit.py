"""What the staff did: rows that are added, read, and deleted when they are old."""

from datetime import datetime

from services.gateway.model import AuditEntry
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
