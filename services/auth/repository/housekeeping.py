"""What is over is removed."""

from datetime import datetime

from services.auth.model.invitations import KEEP_CLOSED
from services.auth.model.throttle import FORGET_AFTER, KNOW_NETWORK_FOR
from shared.database import Transaction

PORTION = 100


async def remove_expired(transaction: Transaction, now: datetime) -> bool:
    """A portion of each table, never waiting for a lock; True where one was full."""
    closed = now - KEEP_CLOSED
    removed: list[int] = [
        await transaction.fetchval(
            f"WITH removed AS (DELETE FROM {table} WHERE {key} IN"
            f" (SELECT {key.strip('()')} FROM {table} WHERE {over} < $1 LIMIT {PORTION}"
            " FOR UPDATE SKIP LOCKED) RETURNING true) SELECT count(*) FROM removed",
            before,
        )
        for table, key, over, before in (
            ("session", "token_hash", "idle_until", now),
            ("throttle", "throttle_key", "last_failed_at", now - FORGET_AFTER),
            ("known_network", "(account_id, network_key)", "last_used_at", now - KNOW_NETWORK_FOR),
            ("setup_token", "token_hash", "expires_at", now),
            ("invitation_link", "token_hash", "expires_at", now),
            ("pending_registration", "invitation_id", "expires_at", now),
            ("password_reset", "account_id", "expires_at", now),
            ("email_change", "account_id", "expires_at", now),
            # An accepted one goes with its account: until then it says whom no event lets in again.
            (
                "invitation",
                "invitation_id",
                "CASE WHEN account_id IS NULL THEN greatest(expires_at, cancelled_at) END",
                closed,
            ),
        )
    ]
    return max(removed) >= PORTION
