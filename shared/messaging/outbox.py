"""Told once it is committed: the table of what this service has to tell."""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import structlog

from shared.database import Transaction
from shared.events.base import Event
from shared.messaging.bus import Message, Refusal

CHANNEL = "outbox"


async def add(transaction: Transaction, event: Event) -> None:
    """Tell `event` when this transaction commits; if it rolls back, nothing was told."""
    correlation_id = structlog.contextvars.get_contextvars().get("correlation_id", event.event_id)
    await transaction.execute(
        """
        WITH added AS (
            INSERT INTO outbox (event_id, event_name, correlation_id, occurred_at, body)
            VALUES ($1, $2, $3, $4, $5)
        )
        SELECT pg_notify('outbox', '')
        """,
        event.event_id,
        event.wire_name,
        str(correlation_id),
        event.occurred_at,
        event.model_dump_json(),
    )


async def oldest_unsent_age(transaction: Transaction) -> timedelta:
    """How long the oldest unsent event has waited; zero when none waits."""
    age = await transaction.fetchval(
        "SELECT clock_timestamp() - min(added_at) FROM outbox WHERE state = 'waiting'"
    )
    return age or timedelta()


async def claim(transaction: Transaction, *, limit: int) -> list[Message]:
    """The oldest unsent events, locked until the end of the transaction; what others hold is skipped."""
    rows = await transaction.fetch(
        """
        SELECT event_id, event_name, correlation_id, occurred_at, body
          FROM outbox
         WHERE state = 'waiting'
         ORDER BY added_at
         LIMIT $1
           FOR UPDATE SKIP LOCKED
        """,
        limit,
    )
    return [_message(row) for row in rows]


async def mark_sent(transaction: Transaction, event_ids: Sequence[str]) -> None:
    await transaction.execute(
        "UPDATE outbox SET state = 'sent', settled_at = now() WHERE event_id = ANY ($1::uuid[])",
        event_ids,
    )


async def set_aside(transaction: Transaction, event_id: str, reason: Refusal) -> None:
    """Leave out an event that cannot be published, until an operator has it sent again."""
    await transaction.execute(
        "UPDATE outbox SET state = 'set_aside', settled_at = now(), reason = $2 WHERE event_id = $1::uuid",
        event_id,
        reason.value,
    )


async def list_set_aside(transaction: Transaction) -> list[tuple[Message, str]]:
    """What was left out, with the reason."""
    rows = await transaction.fetch(
        """
        SELECT event_id, event_name, correlation_id, occurred_at, body, reason
          FROM outbox
         WHERE state = 'set_aside'
         ORDER BY added_at
        """
    )
    return [(_message(row), row["reason"]) for row in rows]


async def send_again(transaction: Transaction) -> int:
    """Let the relay try again what was set aside; returns how many events that are."""
    rows = await transaction.fetch(
        """
        UPDATE outbox SET state = 'waiting', settled_at = NULL, reason = ''
         WHERE state = 'set_aside'
        RETURNING event_id, pg_notify('outbox', '')
        """
    )
    return len(rows)


async def remove_old(transaction: Transaction, *, older_than: timedelta, limit: int) -> None:
    """Remove events that were sent long ago, at most `limit` of them."""
    await transaction.execute(
        """
        DELETE FROM outbox
         WHERE event_id IN (
            SELECT event_id FROM outbox
             WHERE state = 'sent' AND settled_at < now() - $1::interval
             LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        older_than,
        limit,
    )


def _message(row: asyncpg.Record) -> Message:
    return Message(
        message_id=str(row["event_id"]),
        name=row["event_name"],
        correlation_id=row["correlation_id"],
        occurred_at=row["occurred_at"],
        body=row["body"].encode(),
    )
