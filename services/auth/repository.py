"""All SQL of auth."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.auth.model import FORGET_AFTER, KNOW_NETWORK_FOR, Account, Session, Throttle, email_key
from shared.database import Transaction

_ACCOUNT = (
    "account.account_id, account.role, account.name, account.email, account.locale, account.customer_number,"
    " account.contact_id, account.clerk_code, account.may_approve, account.revision"
)


# Accounts


async def add_account(
    transaction: Transaction, account: Account, *, password_hash: str, now: datetime
) -> bool:
    """False where the address is taken."""
    return bool(
        await transaction.fetchval(
            "INSERT INTO account (account_id, role, name, email, email_key, password_hash, locale,"
            " customer_number, contact_id, clerk_code, may_approve, revision, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
            " ON CONFLICT (email_key) DO NOTHING RETURNING true",
            account.account_id,
            account.role,
            account.name,
            account.email,
            email_key(account.email),
            password_hash,
            account.locale,
            account.customer_number,
            account.contact_id,
            account.clerk_code,
            account.may_approve,
            account.revision,
            now,
        )
    )


async def find_account(transaction: Transaction, email: str) -> Account | None:
    row = await transaction.fetchrow(f"SELECT {_ACCOUNT} FROM account WHERE email_key = $1", email_key(email))
    return _account(row) if row else None


async def find_credentials(transaction: Transaction, email: str) -> tuple[Account, str] | None:
    """Account and password hash of somebody who may log in."""
    row = await transaction.fetchrow(
        f"SELECT {_ACCOUNT}, account.password_hash FROM account WHERE email_key = $1 AND disabled_at IS NULL",
        email_key(email),
    )
    return (_account(row), row["password_hash"]) if row else None


async def save_password_hash(transaction: Transaction, account_id: UUID, *, old: str, new: str) -> None:
    """Replaces only the hash that was compared: a password changed meanwhile stays changed."""
    await transaction.execute(
        "UPDATE account SET password_hash = $3 WHERE account_id = $1 AND password_hash = $2",
        account_id,
        old,
        new,
    )


async def lock_enabled_account(transaction: Transaction, account_id: UUID) -> bool:
    """Whether the account may still be used; it stays so until the transaction ends."""
    return bool(
        await transaction.fetchval(
            "SELECT true FROM account WHERE account_id = $1 AND disabled_at IS NULL FOR SHARE", account_id
        )
    )


async def has_operator(transaction: Transaction) -> bool:
    return bool(
        await transaction.fetchval(
            "SELECT EXISTS (SELECT FROM account WHERE role = 'operator' AND disabled_at IS NULL)"
        )
    )


# Sessions


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
        f"SELECT {_ACCOUNT}, session.token_hash, session.started_at, session.idle_until, session.expires_at"
        " FROM session JOIN account USING (account_id)"
        " WHERE session.token_hash = $1 AND session.idle_until > $2 AND account.disabled_at IS NULL",
        token_hash,
        now,
    )
    if row is None:
        return None
    return Session(row["token_hash"], _account(row), row["started_at"], row["idle_until"], row["expires_at"])


async def save_session(transaction: Transaction, session: Session) -> None:
    await transaction.execute(
        "UPDATE session SET idle_until = $2 WHERE token_hash = $1", session.token_hash, session.idle_until
    )


async def remove_session(transaction: Transaction, token_hash: bytes) -> None:
    await transaction.execute("DELETE FROM session WHERE token_hash = $1", token_hash)


# The throttle


async def lock_throttles(
    transaction: Transaction, keys: Iterable[str], *, now: datetime
) -> dict[str, Throttle]:
    """The counters under these keys, new ones included, locked in one order so that nobody deadlocks."""
    wanted = sorted(keys)
    await transaction.execute(
        "INSERT INTO throttle (throttle_key, failures, last_failed_at)"
        " SELECT throttle_key, 0, $2 FROM unnest($1::text[]) AS throttle_key ORDER BY throttle_key"
        " ON CONFLICT (throttle_key) DO NOTHING",
        wanted,
        now,
    )
    rows = await transaction.fetch(
        "SELECT throttle_key, failures, last_failed_at, blocked_until FROM throttle"
        " WHERE throttle_key = ANY ($1::text[]) ORDER BY throttle_key FOR UPDATE",
        wanted,
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


async def remove_throttle(transaction: Transaction, key: str) -> None:
    await transaction.execute("DELETE FROM throttle WHERE throttle_key = $1", key)


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


# Housekeeping


async def remove_expired(transaction: Transaction, *, now: datetime) -> None:
    """Drop what nobody asks for any more, a bounded number at a time and never waiting for a lock."""
    for table, key, column, before in (
        ("session", "token_hash", "idle_until", now),
        ("throttle", "throttle_key", "last_failed_at", now - FORGET_AFTER),
        ("known_network", "(account_id, network_key)", "last_used_at", now - KNOW_NETWORK_FOR),
        ("setup_token", "token_hash", "expires_at", now),
    ):
        columns = key.strip("()")
        await transaction.execute(
            f"DELETE FROM {table} WHERE {key} IN"
            f" (SELECT {columns} FROM {table} WHERE {column} < $1 LIMIT 100 FOR UPDATE SKIP LOCKED)",
            before,
        )


def _account(row: Record) -> Account:
    return Account(
        account_id=row["account_id"],
        role=row["role"],
        name=row["name"],
        email=row["email"],
        locale=row["locale"],
        customer_number=row["customer_number"],
        contact_id=row["contact_id"],
        clerk_code=row["clerk_code"],
        may_approve=row["may_approve"],
        revision=row["revision"],
    )
