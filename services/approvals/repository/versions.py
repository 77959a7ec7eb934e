"""Versions with their decisions, for changing them; every change leaves a row in the audit trail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.approvals.model.orders import Change
from services.approvals.model.versions import Confirmation, Decision, Person, Version
from services.approvals.repository.orders import positions_json, positions_of
from shared.database import Transaction
from shared.events.sync import File, PrintDetails

ERASED_AT_ONCE = 500

_SELECT = """
    SELECT v.version_id, v.sample_id, v.version, v.title, v.state, v.order_number, v.position_numbers,
           v.document_id, v.named_document_id, v.file_sha256, v.file_name, v.file_media_type, v.file_size,
           v.print_details,
           v.clerk_code, v.assigned_at, v.page_count, v.preview_sha256, v.preview_size, v.requested_at,
           v.seen_at, v.mail_state, v.mail_state_at, v.changed,
           d.decision_id, d.decision, d.decided_at, d.positions, d.customer_number, d.company, d.account_id,
           d.person_name, d.person_email, d.locale, d.comment, d.approval_text, d.approval_text_version,
           n.confirmed_at, n.clerk_code AS confirmed_by_code, n.clerk_name AS confirmed_by_name,
           n.positions AS confirmed_positions
      FROM version v
      LEFT JOIN decision d ON d.version_id = v.version_id
      LEFT JOIN confirmation n ON n.decision_id = d.decision_id
     WHERE v.version_id = ANY($1::uuid[])
     ORDER BY v.version_id
"""


async def add(transaction: Transaction, version: Version) -> None:
    await transaction.execute(
        """
        INSERT INTO version (
            version_id, sample_id, version, title, state, order_number, position_numbers, document_id,
            file_sha256, file_name, file_media_type, file_size, print_details, clerk_code, assigned_at,
            named_document_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """,
        version.version_id,
        version.sample_id,
        version.version,
        version.title,
        version.state,
        version.order_number,
        version.position_numbers,
        version.document_id,
        version.file.sha256,
        version.file.name,
        version.file.media_type,
        version.file.size,
        version.print_details.model_dump(),
        version.clerk_code,
        version.assigned_at,
        version.named_order_id,
    )


async def save(transaction: Transaction, version: Version) -> None:
    """What a transition may have changed; a decision is added by itself."""
    await transaction.execute(
        """
        UPDATE version
           SET state = $2, document_id = $3, page_count = $4, preview_sha256 = $5, preview_size = $6,
               requested_at = $7, seen_at = $8, mail_state = $9, mail_state_at = $10, changed = $11
         WHERE version_id = $1
        """,
        version.version_id,
        version.state,
        version.document_id,
        version.page_count,
        version.preview.sha256 if version.preview else "",
        version.preview.size if version.preview else 0,
        version.requested_at,
        version.seen_at,
        version.mail_state,
        version.mail_state_at,
        [[change.number, change.field, change.before, change.after] for change in version.changed],
    )


async def find(transaction: Transaction, version_id: UUID) -> Version | None:
    """The version, locked until the end of the transaction."""
    versions = await lock(transaction, [version_id])
    return versions[0] if versions else None


async def find_for_customer(
    transaction: Transaction, customer_number: str, version_id: UUID
) -> Version | None:
    """The version, locked, if the customer was asked about it; else None, as if there were none.

    Locked before it is asked whose order it is: an order that becomes another customer's at this moment
    holds the lock, and is waited for.
    """
    version = await find(transaction, version_id)
    asked = await transaction.fetchval(
        """
        SELECT v.version_id
          FROM version v JOIN cdh_order o ON o.document_id = v.document_id
         WHERE v.version_id = $2 AND v.requested_at IS NOT NULL
           AND o.customer_number = $1 AND o.customer_number <> ''
        """,
        customer_number,
        version_id,
    )
    return version if asked else None


async def list_of_sample(transaction: Transaction, sample_id: UUID) -> list[Version]:
    """Locked."""
    rows = await transaction.fetch("SELECT version_id FROM version WHERE sample_id = $1", sample_id)
    return await lock(transaction, [row["version_id"] for row in rows])


async def list_named_orders(transaction: Transaction, version_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Version to order, of those whose order was named by more than its number."""
    rows = await transaction.fetch(
        "SELECT version_id, named_document_id FROM version"
        " WHERE version_id = ANY($1::uuid[]) AND named_document_id IS NOT NULL",
        version_ids,
    )
    return {row["version_id"]: row["named_document_id"] for row in rows}


async def list_waiting(transaction: Transaction, order_numbers: Sequence[str]) -> list[Version]:
    """Those that wait for an order of these numbers, locked."""
    rows = await transaction.fetch(
        "SELECT version_id FROM version WHERE state = 'waiting_for_order' AND order_number = ANY($1::text[])",
        order_numbers,
    )
    return await lock(transaction, [row["version_id"] for row in rows])


async def list_of_documents(transaction: Transaction, document_ids: Sequence[UUID]) -> list[Version]:
    """Those that are linked to these orders and not superseded, locked."""
    rows = await transaction.fetch(
        "SELECT version_id FROM version WHERE document_id = ANY($1::uuid[]) AND state <> 'superseded'",
        document_ids,
    )
    return await lock(transaction, [row["version_id"] for row in rows])


async def lock(transaction: Transaction, version_ids: Sequence[UUID]) -> list[Version]:
    """Lock, always in the same order, then read: a decision that was waited for is seen."""
    if not version_ids:
        return []
    await transaction.execute(
        "SELECT 1 FROM version WHERE version_id = ANY($1::uuid[]) ORDER BY version_id FOR UPDATE", version_ids
    )
    return [_version(row) for row in await transaction.fetch(_SELECT, version_ids)]


async def add_decision(transaction: Transaction, version: Version, decision: Decision) -> None:
    await transaction.execute(
        """
        INSERT INTO decision (
            decision_id, version_id, decision, decided_at, order_number, position_numbers, positions,
            file_name, version, sha256, customer_number, company, account_id, person_name, person_email,
            locale, comment, approval_text, approval_text_version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        """,
        decision.decision_id,
        version.version_id,
        decision.decision,
        decision.decided_at,
        version.order_number,
        version.position_numbers,
        positions_json(decision.positions),
        version.file.name,
        version.version,
        version.file.sha256,
        decision.person.customer_number,
        decision.person.company,
        decision.person.account_id,
        decision.person.name,
        decision.person.email,
        decision.person.locale,
        decision.comment,
        decision.approval_text,
        decision.approval_text_version,
    )


async def add_confirmation(transaction: Transaction, decision: Decision, confirmation: Confirmation) -> None:
    await transaction.execute(
        """
        INSERT INTO confirmation (decision_id, confirmed_at, clerk_code, clerk_name, positions)
        VALUES ($1, $2, $3, $4, $5)
        """,
        decision.decision_id,
        confirmation.confirmed_at,
        confirmation.clerk_code,
        confirmation.clerk_name,
        positions_json(confirmation.positions),
    )


async def add_network_address(
    transaction: Transaction, decision: Decision, network_address: str, *, retention: timedelta
) -> None:
    """Kept apart from the decision, so that it can go."""
    await transaction.execute(
        "INSERT INTO decision_network_address (decision_id, network_address, erase_at) VALUES ($1, $2, $3)",
        decision.decision_id,
        network_address,
        decision.decided_at + retention,
    )


async def erase_network_addresses(transaction: Transaction, now: datetime) -> bool:
    """A portion of those whose time is over; True where more may be left."""
    erased: int = await transaction.fetchval(
        """
        WITH erased AS (
            DELETE FROM decision_network_address
             WHERE decision_id IN (
                   SELECT decision_id FROM decision_network_address
                    WHERE erase_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING true)
        SELECT count(*) FROM erased
        """,
        now,
        ERASED_AT_ONCE,
    )
    return erased == ERASED_AT_ONCE


async def find_version_id_of_decision(transaction: Transaction, decision_id: UUID) -> UUID | None:
    version_id: UUID | None = await transaction.fetchval(
        "SELECT version_id FROM decision WHERE decision_id = $1", decision_id
    )
    return version_id


async def list_mail_reasons(transaction: Transaction, version_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Why the latest mail that asked for each of them failed."""
    rows = await transaction.fetch(
        """
        SELECT DISTINCT ON (version_id) version_id, details ->> 'reason' AS reason
          FROM audit_entry
         WHERE version_id = ANY($1::uuid[]) AND kind = 'mail_failed'
         ORDER BY version_id, audit_entry_id DESC
        """,
        version_ids,
    )
    return {row["version_id"]: row["reason"] or "" for row in rows}


async def add_audit_entry(
    transaction: Transaction,
    version_id: UUID,
    kind: str,
    *,
    at: datetime,
    account_id: UUID | None = None,
    author: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """A person is noted as having seen a version once."""
    await transaction.execute(
        """
        INSERT INTO audit_entry (version_id, kind, entered_at, account_id, author, details)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (version_id, account_id) WHERE kind = 'seen' DO NOTHING
        """,
        version_id,
        kind,
        at,
        account_id,
        author,
        details or {},
    )


def _version(row: asyncpg.Record) -> Version:
    file = File(
        sha256=row["file_sha256"],
        name=row["file_name"],
        media_type=row["file_media_type"],
        size=row["file_size"],
    )
    return Version(
        version_id=row["version_id"],
        sample_id=row["sample_id"],
        version=row["version"],
        title=row["title"],
        order_number=row["order_number"],
        position_numbers=tuple(row["position_numbers"]),
        file=file,
        print_details=PrintDetails.model_validate(row["print_details"]),
        clerk_code=row["clerk_code"],
        assigned_at=row["assigned_at"],
        named_order_id=row["named_document_id"],
        state=row["state"],
        document_id=row["document_id"],
        page_count=row["page_count"],
        preview=preview_file(row["preview_sha256"], row["preview_size"]),
        requested_at=row["requested_at"],
        seen_at=row["seen_at"],
        mail_state=row["mail_state"],
        mail_state_at=row["mail_state_at"],
        decision=_decision(row),
        confirmation=_confirmation(row),
        changed=tuple(Change(*values) for values in row["changed"]),
    )


def preview_file(sha256: str, size: int) -> File | None:
    return File(sha256=sha256, name="preview.jpg", media_type="image/jpeg", size=size) if sha256 else None


def _confirmation(row: asyncpg.Record) -> Confirmation | None:
    if row["confirmed_at"] is None:
        return None
    return Confirmation(
        row["confirmed_at"],
        row["confirmed_by_code"],
        row["confirmed_by_name"],
        positions_of(row["confirmed_positions"]),
    )


def _decision(row: asyncpg.Record) -> Decision | None:
    if row["decision_id"] is None:
        return None
    return Decision(
        decision_id=row["decision_id"],
        decision=row["decision"],
        decided_at=row["decided_at"],
        person=Person(
            account_id=row["account_id"],
            name=row["person_name"],
            email=row["person_email"],
            company=row["company"],
            customer_number=row["customer_number"],
            locale=row["locale"],
        ),
        comment=row["comment"],
        approval_text=row["approval_text"],
        approval_text_version=row["approval_text_version"],
        positions=positions_of(row["positions"]),
    )
