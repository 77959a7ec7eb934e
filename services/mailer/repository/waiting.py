"""What was heard and waits to become mails."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from shared.database import Transaction
from shared.database.wake import notify
from shared.events import Event, registered_events
from shared.events.approvals import ApprovalRecorded, ApprovalRequested
from shared.events.auth import CustomerInvited
from shared.events.sync import SampleAssigned

CHANNEL = "mail_composing"


async def add_request(transaction: Transaction, request: ApprovalRequested, *, now: datetime) -> bool:
    """False where it, or a newer one for another customer, is known."""
    added = await transaction.fetchval(
        "INSERT INTO approval_request (version_id, document_id, event, heard_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (version_id) DO UPDATE"
        " SET (event, heard_at, composed_at, awaits) = (EXCLUDED.event, EXCLUDED.heard_at, NULL, NULL)"
        " WHERE approval_request.event->>'customer_number' <> EXCLUDED.event->>'customer_number'"
        " AND (approval_request.event->>'occurred_at')::timestamptz"
        " < (EXCLUDED.event->>'occurred_at')::timestamptz"
        " RETURNING true",
        request.version_id,
        request.document_id,
        request.model_dump(mode="json"),
        now,
    )
    await notify(transaction, CHANNEL)
    return bool(added)


async def add_decision(transaction: Transaction, decision: ApprovalRecorded, *, now: datetime) -> None:
    await transaction.execute(
        "INSERT INTO decision (decision_id, version_id, event, heard_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (decision_id) DO NOTHING",
        decision.decision_id,
        decision.version_id,
        decision.model_dump(mode="json"),
        now,
    )
    await notify(transaction, CHANNEL)


async def find_oldest_request(transaction: Transaction) -> tuple[UUID, datetime] | None:
    """The order of the request that has waited longest, and since when."""
    row = await transaction.fetchrow(
        "SELECT document_id, heard_at FROM approval_request WHERE composed_at IS NULL"
        " AND awaits IS NULL ORDER BY heard_at LIMIT 1"
    )
    return (row["document_id"], row["heard_at"]) if row else None


async def take_requests(
    transaction: Transaction, document_id: UUID, *, now: datetime
) -> list[ApprovalRequested]:
    """The requests of an order that wait for nothing, oldest first, taken at once.

    The lock on the order makes a second copy wait until the first has taken them all: two copies that
    each took some would make two mails.
    """
    await lock_order(transaction, document_id)
    rows = await transaction.fetch(
        "UPDATE approval_request SET composed_at = $2"
        " WHERE document_id = $1 AND composed_at IS NULL AND awaits IS NULL"
        " RETURNING event, heard_at, version_id",
        document_id,
        now,
    )
    return _requests(rows)


async def postpone_requests(transaction: Transaction, document_id: UUID, *, until: datetime) -> None:
    await transaction.execute(
        "UPDATE approval_request SET heard_at = $2"
        " WHERE document_id = $1 AND composed_at IS NULL AND awaits IS NULL",
        document_id,
        until,
    )


async def lock_order(transaction: Transaction, document_id: UUID) -> None:
    await transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(document_id))


def _requests(rows: Iterable[Record]) -> list[ApprovalRequested]:
    in_order = sorted(rows, key=lambda row: (row["heard_at"], row["version_id"]))
    return [ApprovalRequested.model_validate(row["event"]) for row in in_order]


async def list_decided(transaction: Transaction, version_ids: Iterable[UUID]) -> set[UUID]:
    rows = await transaction.fetch(
        "SELECT DISTINCT version_id FROM decision WHERE version_id = ANY ($1::uuid[])", list(version_ids)
    )
    return {row["version_id"] for row in rows}


async def lock_next_decision(transaction: Transaction, *, now: datetime) -> UUID | None:
    """The oldest that nobody else has in hand."""
    decision_id: UUID | None = await transaction.fetchval(
        "SELECT decision_id FROM decision WHERE composed_at IS NULL AND heard_at <= $1"
        " ORDER BY heard_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        now,
    )
    return decision_id


async def take_decision(transaction: Transaction, decision_id: UUID, *, now: datetime) -> ApprovalRecorded:
    event = await transaction.fetchval(
        "UPDATE decision SET composed_at = $2 WHERE decision_id = $1 RETURNING event", decision_id, now
    )
    return ApprovalRecorded.model_validate(event)


async def postpone_decision(transaction: Transaction, decision_id: UUID, *, until: datetime) -> None:
    """As if it were heard then; so for whatever else is postponed."""
    await transaction.execute("UPDATE decision SET heard_at = $2 WHERE decision_id = $1", decision_id, until)


async def find_decision(transaction: Transaction, decision_id: UUID) -> ApprovalRecorded | None:
    event = await transaction.fetchval("SELECT event FROM decision WHERE decision_id = $1", decision_id)
    return ApprovalRecorded.model_validate(event) if event else None


# Samples that may wait too long for their orders


async def add_waiting_sample(transaction: Transaction, assigned: SampleAssigned, *, now: datetime) -> None:
    """It takes the place of older versions; an older one than what is known is not added. The row's
    assigned_at is when it begins to wait here."""
    await transaction.execute(
        "DELETE FROM waiting_sample WHERE sample_id = $1 AND version < $2",
        assigned.sample_id,
        assigned.version,
    )
    await transaction.execute(
        "INSERT INTO waiting_sample (version_id, sample_id, version, event, assigned_at)"
        " SELECT $1, $2, $3, $4, $5"
        " WHERE NOT EXISTS (SELECT FROM waiting_sample WHERE sample_id = $2 AND version > $3)"
        " ON CONFLICT (version_id) DO NOTHING",
        assigned.version_id,
        assigned.sample_id,
        assigned.version,
        assigned.model_dump(mode="json"),
        now,
    )


async def remove_waiting_sample(transaction: Transaction, version_id: UUID) -> None:
    await transaction.execute("DELETE FROM waiting_sample WHERE version_id = $1", version_id)


async def lock_waiting_sample(transaction: Transaction, *, assigned_before: datetime) -> UUID | None:
    """The oldest that has led to no request, and that nobody else has in hand."""
    await transaction.execute(
        "DELETE FROM waiting_sample s WHERE s.assigned_at < $1"
        " AND EXISTS (SELECT FROM approval_request r WHERE r.version_id = s.version_id)",
        assigned_before,
    )
    version_id: UUID | None = await transaction.fetchval(
        "SELECT version_id FROM waiting_sample WHERE assigned_at < $1 ORDER BY assigned_at LIMIT 1"
        " FOR UPDATE SKIP LOCKED",
        assigned_before,
    )
    return version_id


async def take_waiting_sample(transaction: Transaction, version_id: UUID) -> SampleAssigned:
    event = await transaction.fetchval(
        "DELETE FROM waiting_sample WHERE version_id = $1 RETURNING event", version_id
    )
    return SampleAssigned.model_validate(event)


async def postpone_waiting_sample(transaction: Transaction, version_id: UUID, *, until: datetime) -> None:
    await transaction.execute(
        "UPDATE waiting_sample SET assigned_at = $2 WHERE version_id = $1", version_id, until
    )


# Requests that wait for the link of an invitation


async def find_awaited_invitation(
    transaction: Transaction, document_id: UUID, customer_number: str
) -> str | None:
    """The cause for which an order's requests to this customer wait already; None where they do not."""
    cause: str | None = await transaction.fetchval(
        "SELECT cause FROM awaited_invitation WHERE document_id = $1 AND customer_number = $2",
        document_id,
        customer_number,
    )
    return cause


async def add_awaited_invitation(
    transaction: Transaction, cause: str, document_id: UUID, customer_number: str, *, ready_at: datetime
) -> None:
    await transaction.execute(
        "INSERT INTO awaited_invitation (cause, document_id, customer_number, ready_at)"
        " VALUES ($1, $2, $3, $4)",
        cause,
        document_id,
        customer_number,
        ready_at,
    )


async def let_requests_wait(transaction: Transaction, version_ids: Iterable[UUID], cause: str) -> None:
    await transaction.execute(
        "UPDATE approval_request SET composed_at = NULL, awaits = $2 WHERE version_id = ANY ($1::uuid[])",
        list(version_ids),
        cause,
    )


async def answer_awaited_invitation(
    transaction: Transaction, invited: CustomerInvited, *, now: datetime
) -> bool:
    """Keep the link for the requests that wait for it; False where none do."""
    answered = await transaction.fetchval(
        "UPDATE awaited_invitation SET invited = $2, ready_at = $3 WHERE cause = $1 AND invited IS NULL"
        " RETURNING true",
        invited.request_cause,
        invited.model_dump(mode="json"),
        now,
    )
    await notify(transaction, CHANNEL)
    return bool(answered)


async def hurry_awaited_invitations(transaction: Transaction, customer_number: str, *, now: datetime) -> None:
    """Somebody of this customer has an access now: his requests wait no longer."""
    await transaction.execute(
        "UPDATE awaited_invitation SET ready_at = $2 WHERE customer_number = $1 AND ready_at > $2",
        customer_number,
        now,
    )
    await notify(transaction, CHANNEL)


async def find_next_awaited_invitation(transaction: Transaction) -> tuple[str, UUID, datetime] | None:
    """The cause, the order, and when it is composed."""
    row = await transaction.fetchrow(
        "SELECT cause, document_id, ready_at FROM awaited_invitation ORDER BY ready_at LIMIT 1"
    )
    return (row["cause"], row["document_id"], row["ready_at"]) if row else None


async def take_awaited_requests(
    transaction: Transaction, cause: str, document_id: UUID, *, now: datetime
) -> tuple[list[ApprovalRequested], CustomerInvited | None] | None:
    """What waited for this link, with the link if it came; None where another copy was quicker."""
    await lock_order(transaction, document_id)
    waited = await transaction.fetchrow(
        "DELETE FROM awaited_invitation WHERE cause = $1 RETURNING invited", cause
    )
    if waited is None:
        return None
    rows = await transaction.fetch(
        "UPDATE approval_request SET composed_at = $2 WHERE awaits = $1 AND composed_at IS NULL"
        " RETURNING event, heard_at, version_id",
        cause,
        now,
    )
    invited = CustomerInvited.model_validate(waited["invited"]) if waited["invited"] else None
    return _requests(rows), invited


async def postpone_awaited_invitation(transaction: Transaction, cause: str, *, until: datetime) -> None:
    await transaction.execute("UPDATE awaited_invitation SET ready_at = $2 WHERE cause = $1", cause, until)


# Notices


async def add_notice(transaction: Transaction, event: Event, *, now: datetime) -> None:
    await transaction.execute(
        "INSERT INTO notice (event_id, event_name, event, heard_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (event_id) DO NOTHING",
        event.event_id,
        event.wire_name,
        event.model_dump(mode="json"),
        now,
    )
    await notify(transaction, CHANNEL)


async def lock_next_notice(transaction: Transaction, *, now: datetime) -> UUID | None:
    """The oldest that nobody else has in hand."""
    event_id: UUID | None = await transaction.fetchval(
        "SELECT event_id FROM notice WHERE heard_at <= $1 ORDER BY heard_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        now,
    )
    return event_id


async def take_notice(transaction: Transaction, event_id: UUID) -> Event:
    """Raises KeyError for an event that only a newer version knows."""
    row = await transaction.fetchrow(
        "DELETE FROM notice WHERE event_id = $1 RETURNING event_name, event", event_id
    )
    assert row is not None  # it is locked
    return registered_events()[row["event_name"]].model_validate(row["event"])


async def postpone_notice(transaction: Transaction, event_id: UUID, *, until: datetime) -> None:
    await transaction.execute("UPDATE notice SET heard_at = $2 WHERE event_id = $1", event_id, until)
