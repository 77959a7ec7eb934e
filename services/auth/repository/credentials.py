"""How a person logs in: resets of passwords, changes of addresses, and the rule for passwords."""

from datetime import datetime
from uuid import UUID

from services.auth.model.accounts import Account
from services.auth.repository.accounts import COLUMNS, account_of, lock_account
from shared.database import Transaction

CHANNEL = "password_reset_request"


# Requests of resets


async def add_reset_request(transaction: Transaction, email_key: str) -> None:
    await transaction.execute(
        f"""
        WITH added AS (INSERT INTO password_reset_request (email_key) VALUES ($1))
        SELECT pg_notify('{CHANNEL}', '')
        """,
        email_key,
    )


async def take_reset_request(transaction: Transaction) -> str | None:
    """The key of the address for which the oldest request is; it is gone when the transaction commits."""
    email_key: str | None = await transaction.fetchval(
        "DELETE FROM password_reset_request WHERE password_reset_request_id ="
        " (SELECT password_reset_request_id FROM password_reset_request"
        " ORDER BY password_reset_request_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING email_key"
    )
    return email_key


# Resets


async def save_reset(
    transaction: Transaction, account_id: UUID, token_hash: bytes, *, expires_at: datetime
) -> None:
    """A person's older link is over."""
    await transaction.execute(
        "INSERT INTO password_reset (account_id, token_hash, expires_at) VALUES ($1, $2, $3)"
        " ON CONFLICT ON CONSTRAINT password_reset_pkey DO UPDATE"
        " SET (token_hash, expires_at) = (excluded.token_hash, excluded.expires_at)",
        account_id,
        token_hash,
        expires_at,
    )


async def find_reset(transaction: Transaction, token_hash: bytes, *, now: datetime) -> Account | None:
    """Whose password the link resets, if it is good."""
    row = await transaction.fetchrow(
        f"SELECT {COLUMNS} FROM password_reset JOIN account USING (account_id)"
        " WHERE password_reset.token_hash = $1 AND password_reset.expires_at > $2"
        " AND account.disabled_at IS NULL",
        token_hash,
        now,
    )
    return account_of(row) if row else None


async def take_reset(transaction: Transaction, token_hash: bytes, *, now: datetime) -> Account | None:
    """The same, and the link is over. Whoever comes second waits, and finds that it is."""
    found = await find_reset(transaction, token_hash, now=now)
    if found is None or not (account := await lock_account(transaction, found.account_id)):
        return None
    taken = await transaction.fetchval(
        "DELETE FROM password_reset WHERE token_hash = $1 RETURNING true", token_hash
    )
    return account if taken else None


# Changes of addresses


async def save_email_change(
    transaction: Transaction, account_id: UUID, token_hash: bytes, email: str, *, expires_at: datetime
) -> None:
    """A person's older wish is over."""
    await transaction.execute(
        "INSERT INTO email_change (account_id, token_hash, email, expires_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT ON CONSTRAINT email_change_pkey DO UPDATE SET (token_hash, email, expires_at)"
        " = (excluded.token_hash, excluded.email, excluded.expires_at)",
        account_id,
        token_hash,
        email,
        expires_at,
    )


async def find_email_change(
    transaction: Transaction, token_hash: bytes, *, now: datetime
) -> tuple[Account, str] | None:
    """Whose address becomes which one by this link, if it is good."""
    row = await transaction.fetchrow(
        f"SELECT {COLUMNS}, email_change.email AS email_after"
        " FROM email_change JOIN account USING (account_id)"
        " WHERE email_change.token_hash = $1 AND email_change.expires_at > $2"
        " AND account.disabled_at IS NULL",
        token_hash,
        now,
    )
    return (account_of(row), row["email_after"]) if row else None


async def take_email_change(
    transaction: Transaction, token_hash: bytes, *, now: datetime
) -> tuple[Account, str] | None:
    """The same, and the link is over. Whoever comes second waits, and finds that it is."""
    found = await find_email_change(transaction, token_hash, now=now)
    if found is None or not (account := await lock_account(transaction, found[0].account_id)):
        return None
    email: str | None = await transaction.fetchval(
        "DELETE FROM email_change WHERE token_hash = $1 RETURNING email", token_hash
    )
    return (account, email) if email else None


async def remove_email_change(transaction: Transaction, account_id: UUID) -> None:
    await transaction.execute("DELETE FROM email_change WHERE account_id = $1", account_id)


async def remove_links(transaction: Transaction, account_id: UUID) -> None:
    """End every way by which this person's password or address could be changed from a mail."""
    await transaction.execute("DELETE FROM password_reset WHERE account_id = $1", account_id)
    await remove_email_change(transaction, account_id)


# The rule for passwords


async def find_minimum_length(transaction: Transaction) -> int | None:
    """What the operator has set, if he has."""
    length: int | None = await transaction.fetchval("SELECT minimum_length FROM password_rule")
    return length


async def save_minimum_length(transaction: Transaction, minimum_length: int) -> None:
    await transaction.execute(
        "INSERT INTO password_rule (is_only_row, minimum_length) VALUES (true, $1)"
        " ON CONFLICT ON CONSTRAINT password_rule_pkey"
        " DO UPDATE SET minimum_length = excluded.minimum_length",
        minimum_length,
    )
