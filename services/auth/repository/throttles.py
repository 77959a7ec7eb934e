"""The throttle's counters, and the networks from which people have logged in."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.auth.model.accounts import email_key
from services.auth.model.throttle import Throttle
from shared.database import Transaction


async def lock_throttles(
    transaction: Transaction, keys: Iterable[str], *, now: datetime
) -> dict[str, Throttle]:
    """The counters under these keys, new ones included, locked in one order so that nobody deadlocks.

    The update that changes nothing locks what is there, and no counter can vanish between two statements.
    """
    rows = await transaction.fetch(
        "INSERT INTO throttle (throttle_key, failures, last_failed_at)"
        " SELECT throttle_key, 0, $2 FROM unnest($1::text[]) AS throttle_key ORDER BY throttle_key"
        " ON CONFLICT (throttle_key) DO UPDATE SET failures = throttle.failures"
        " RETURNING throttle_key, failures, last_failed_at, blocked_until",
        sorted(keys),
        now,
    )
    return {
        row["throttle_key"]: Throttle(
            row["throttle_key"], row["failures"], row["last_failed_at"], row["blocked_until"]
        )
        for row in rows
    }


async def save_throttles(transaction: Transaction, throttles: Iterable[Throttle]) -> None:
    await transaction.executemany(
        "UPDATE throttle SET failures = $2, last_failed_at = $3, blocked_until = $4 WHERE throttle_key = $1",
        [(item.key, item.failures, item.last_failed_at, item.blocked_until) for item in throttles],
    )


async def remove_throttles(transaction: Transaction, *keys: str) -> None:
    """Locked in the same order before they go."""
    await transaction.execute(
        "DELETE FROM throttle WHERE throttle_key IN (SELECT throttle_key FROM throttle"
        " WHERE throttle_key = ANY ($1::text[]) ORDER BY throttle_key FOR UPDATE)",
        keys,
    )


async def is_known_network(transaction: Transaction, email: str, network_key: str) -> bool:
    return bool(
        await transaction.fetchval(
            "SELECT EXISTS (SELECT FROM known_network JOIN account USING (account_id)"
            " WHERE account.email_key = $1 AND known_network.network_key = $2)",
            email_key(email),
            network_key,
        )
    )


async def save_known_network(
    transaction: Transaction, account_id: UUID, network_key: str, *, now: datetime
) -> None:
    await transaction.execute(
        "INSERT INTO known_network (account_id, network_key, last_used_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (account_id, network_key) DO UPDATE SET last_used_at = EXCLUDED.last_used_at",
        account_id,
        network_key,
        now,
    )
