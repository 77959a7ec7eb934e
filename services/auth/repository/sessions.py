"""Sessions, and the one-time links that make the first operator."""

from datetime import datetime
from uuid import UUID

from services.auth.model.sessions import Session
from services.auth.repository.accounts import COLUMNS, account_of
from shared.database import Transaction


async def add_session(transaction: Transaction, session: Session) -> None:
    await transaction.execute(
        "INSERT INTO session (token_hash, account_id, started_at, idle_until, expires_at)"
        " VALUES ($1, $2, $3, $4, $5)",
        session.token_hash,
        session.account.account_id,
        session.started_at,
        session.idle_until,
        session.expires_at,
    )


async def find_session(transaction: Transaction, token_hash: bytes, *, now: datetime) -> Session | None:
    """A session that is not over, of an account that may be used."""
    row = await transaction.fetchrow(
        f"SELECT {COLUMNS}, session.token_hash, session.started_at, session.idle_until, session.expires_at"
        " FROM session JOIN account USING (account_id)"
        " WHERE session.token_hash = $1 AND session.idle_until > $2 AND account.disabled_at IS NULL",
        token_hash,
        now,
    )
    if row is None:
        return None
    return Session(
        row["token_hash"], account_of(row), row["started_at"], row["idle_until"], row["expires_at"]
    )


async def save_session(transaction: Transaction, session: Session) -> None:
    await transaction.execute(
        "UPDATE session SET idle_until = $2 WHERE token_hash = $1", session.token_hash, session.idle_until
    )


async def remove_session(transaction: Transaction, token_hash: bytes) -> None:
    await transaction.execute("DELETE FROM session WHERE token_hash = $1", token_hash)


async def remove_sessions(transaction: Transaction, account_id: UUID, *, but: bytes = b"") -> None:
    """All of a person, but for the one with this hash."""
    await transaction.execute(
        "DELETE FROM session WHERE account_id = $1 AND token_hash <> $2", account_id, but
    )


# One-time links


async def add_setup_token(transaction: Transaction, token_hash: bytes, *, expires_at: datetime) -> None:
    await transaction.execute(
        "INSERT INTO setup_token (token_hash, expires_at) VALUES ($1, $2)", token_hash, expires_at
    )


async def is_setup_token(transaction: Transaction, token_hash: bytes, *, now: datetime) -> bool:
    return bool(
        await transaction.fetchval(
            "SELECT true FROM setup_token WHERE token_hash = $1 AND expires_at > $2", token_hash, now
        )
    )


async def take_setup_tokens(transaction: Transaction, token_hash: bytes, *, now: datetime) -> bool:
    """Remove all links; True if this one was among them and good. A second taker waits, and finds none."""
    rows = await transaction.fetch("DELETE FROM setup_token RETURNING token_hash, expires_at")
    return any(row["token_hash"] == token_hash and row["expires_at"] > now for row in rows)
