"""What people see of versions, each by one statement. A customer is read only by `..._for_customer`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from services.approvals.model.orders import Change, Position
from services.approvals.model.versions import Page, Wish
from services.approvals.repository.orders import positions_of
from shared.api import approvals as api
from shared.database import Transaction
from shared.events.sync import File, PrintDetails

_ROW = """
           v.version_id, v.sample_id, v.version, v.title, v.state, v.document_id, v.order_number,
           v.position_numbers, v.file_name, v.page_count, v.assigned_at, v.requested_at, v.seen_at,
           v.mail_state, o.customer_number, c.name AS customer_name,
           d.decision_id, d.decision, d.decided_at, d.person_name, d.comment, r.sha256 AS record_sha256,
           n.confirmed_at, n.clerk_name AS confirmed_by
"""
_DETAILS = """,
           v.file_sha256, v.file_media_type, v.file_size, v.print_details, v.changed,
           o.positions AS order_positions, d.positions AS decided_positions,
           d.approval_text, d.approval_text_version, r.name AS record_name
"""
_FROM_ALL = """
      FROM version v
      LEFT JOIN cdh_order o ON o.document_id = v.document_id
      LEFT JOIN customer c ON c.customer_number = o.customer_number
      LEFT JOIN decision d ON d.version_id = v.version_id
      LEFT JOIN confirmation n ON n.decision_id = d.decision_id
      LEFT JOIN approval_record r ON r.decision_id = d.decision_id
     WHERE true
"""
# $1 is the customer. He sees what he was asked about; if the order came from another customer,
# the decision of that one is not for him.
_FROM_CUSTOMERS = """
      FROM version v
      JOIN cdh_order o ON o.document_id = v.document_id
      LEFT JOIN customer c ON c.customer_number = o.customer_number
      LEFT JOIN decision d ON d.version_id = v.version_id AND d.customer_number = o.customer_number
      LEFT JOIN confirmation n ON n.decision_id = d.decision_id
      LEFT JOIN approval_record r ON r.decision_id = d.decision_id
     WHERE o.customer_number = $1 AND o.customer_number <> '' AND v.requested_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class VersionDetails:
    """One version as its page shows it. `positions`: as they were decided on, else as they are."""

    row: api.VersionRow
    file: File
    print_details: PrintDetails
    positions: tuple[Position, ...]
    changed: tuple[Change, ...]
    approval_text: str
    approval_text_version: str
    record_sha256: str
    record_name: str


_LIKE_SIGNS = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
_QUEUES = {
    "clerk": "(v.state IN ('changes_requested', 'outdated')"
    " OR v.state = 'approved_with_changes' AND n.confirmed_at IS NULL)",
    "order": "v.state = 'waiting_for_order'",
    "customer": "v.state IN ('preparing', 'pending')",
    "done": "(v.state = 'approved' OR v.state = 'approved_with_changes' AND n.confirmed_at IS NOT NULL)",
}


async def list_rows(transaction: Transaction, wish: Wish) -> tuple[list[api.VersionRow], int]:
    return await _list(transaction, _FROM_ALL, [], wish)


async def list_rows_for_customer(
    transaction: Transaction, customer_number: str, wish: Wish
) -> tuple[list[api.VersionRow], int]:
    return await _list(transaction, _FROM_CUSTOMERS, [customer_number], wish)


async def list_others(transaction: Transaction, row: api.VersionRow) -> list[api.VersionRow]:
    """The other versions of the same sample."""
    return await _list_others(transaction, _FROM_ALL, [], row)


async def list_others_for_customer(
    transaction: Transaction, customer_number: str, row: api.VersionRow
) -> list[api.VersionRow]:
    return await _list_others(transaction, _FROM_CUSTOMERS, [customer_number], row)


async def find_details(transaction: Transaction, version_id: UUID) -> VersionDetails | None:
    return await _find(transaction, _FROM_ALL, [], version_id)


async def find_details_for_customer(
    transaction: Transaction, customer_number: str, version_id: UUID
) -> VersionDetails | None:
    return await _find(transaction, _FROM_CUSTOMERS, [customer_number], version_id)


async def find_page(transaction: Transaction, version_id: UUID, number: int) -> Page | None:
    return await _find_page(transaction, _FROM_ALL, [], version_id, number)


async def find_page_for_customer(
    transaction: Transaction, customer_number: str, version_id: UUID, number: int
) -> Page | None:
    return await _find_page(transaction, _FROM_CUSTOMERS, [customer_number], version_id, number)


async def _list(
    transaction: Transaction, source: str, values: list[Any], wish: Wish
) -> tuple[list[api.VersionRow], int]:
    """The newest first, and how many there are on all pages."""
    values = [*values]
    conditions = ""
    if wish.document_id is not None:
        values.append(wish.document_id)
        conditions += f" AND v.document_id = ${len(values)}"
    if wish.state is not None:
        values.append(wish.state)
        conditions += f" AND v.state = ${len(values)}"
    if wish.queue is not None:
        conditions += f" AND {_QUEUES[wish.queue]}"
    if wish.clerk_code:
        values.append(wish.clerk_code)
        conditions += f" AND (v.clerk_code = ${len(values)} OR o.clerk_code = ${len(values)})"
    for word in wish.words:
        values.append(f"%{word.translate(_LIKE_SIGNS)}%")
        conditions += f" AND concat_ws(' ', v.order_number, v.title, v.file_name) ILIKE ${len(values)}"
    # An order has few versions; the many of a state are counted without what is joined to them.
    total = f"(SELECT count(*) {source} {conditions})" if wish.document_id is None else "count(*) OVER ()"
    rows = await transaction.fetch(
        f"SELECT {_ROW}, {total} AS total {source} {conditions}"
        f" ORDER BY v.assigned_at DESC, v.version DESC, v.version_id"
        f" LIMIT ${len(values) + 1} OFFSET ${len(values) + 2}",
        *values,
        wish.limit,
        wish.offset,
    )
    if rows or not wish.offset:
        return [_row(row) for row in rows], rows[0]["total"] if rows else 0
    return [], await transaction.fetchval(f"SELECT count(*) {source} {conditions}", *values)


async def _list_others(
    transaction: Transaction, source: str, values: Sequence[Any], row: api.VersionRow
) -> list[api.VersionRow]:
    rows = await transaction.fetch(
        f"SELECT {_ROW} {source} AND v.sample_id = ${len(values) + 1}"
        f" AND v.version_id <> ${len(values) + 2} ORDER BY v.version DESC",
        *values,
        row.sample_id,
        row.version_id,
    )
    return [_row(other) for other in rows]


async def _find(
    transaction: Transaction, source: str, values: Sequence[Any], version_id: UUID
) -> VersionDetails | None:
    row = await transaction.fetchrow(
        f"SELECT {_ROW} {_DETAILS} {source} AND v.version_id = ${len(values) + 1}",
        *values,
        version_id,
    )
    return None if row is None else _details(row)


async def _find_page(
    transaction: Transaction, source: str, values: Sequence[Any], version_id: UUID, number: int
) -> Page | None:
    row = await transaction.fetchrow(
        "SELECT p.number, p.width, p.height, p.large_sha256, p.thumb_sha256"
        f" FROM page p WHERE p.version_id = ${len(values) + 1} AND p.number = ${len(values) + 2}"
        f" AND EXISTS (SELECT 1 {source} AND v.version_id = p.version_id)",
        *values,
        version_id,
        number,
    )
    return None if row is None else Page(**row)


def _row(row: asyncpg.Record) -> api.VersionRow:
    customer_number = row["customer_number"] or ""
    return api.VersionRow(
        version_id=row["version_id"],
        sample_id=row["sample_id"],
        version=row["version"],
        title=row["title"],
        state=row["state"],
        document_id=row["document_id"],
        order_number=row["order_number"],
        customer_number=customer_number,
        customer_name=row["customer_name"] or customer_number,
        position_numbers=row["position_numbers"],
        file_name=row["file_name"],
        page_count=row["page_count"],
        assigned_at=row["assigned_at"],
        requested_at=row["requested_at"],
        seen_at=row["seen_at"],
        decision=_decision(row),
        mail_state=row["mail_state"],
    )


def _decision(row: asyncpg.Record) -> api.Decision | None:
    if row["decision_id"] is None:
        return None
    return api.Decision(
        decision_id=row["decision_id"],
        decision=row["decision"],
        decided_at=row["decided_at"],
        person_name=row["person_name"],
        comment=row["comment"],
        has_record=bool(row["record_sha256"]),
        confirmed_at=row["confirmed_at"],
        confirmed_by=row["confirmed_by"] or "",
    )


def _details(row: asyncpg.Record) -> VersionDetails:
    numbers = set(row["position_numbers"])
    current = positions_of(row["order_positions"] or [])
    covered = tuple(position for position in current if not numbers or position.number in numbers)
    decided = row["decided_positions"]
    return VersionDetails(
        row=_row(row),
        file=File(
            sha256=row["file_sha256"],
            name=row["file_name"],
            media_type=row["file_media_type"],
            size=row["file_size"],
        ),
        print_details=PrintDetails.model_validate(row["print_details"]),
        positions=covered if decided is None else positions_of(decided),
        changed=tuple(Change(*values) for values in row["changed"]),
        approval_text=row["approval_text"] or "",
        approval_text_version=row["approval_text_version"] or "",
        record_sha256=row["record_sha256"] or "",
        record_name=row["record_name"] or "",
    )
