"""Logging in and staying logged in."""

import secrets
from datetime import datetime
from uuid import UUID

from services.auth.model.accounts import Account
from services.auth.model.sessions import (
    Session,
    SessionLifetime,
    SessionOverError,
    token_hash,
)
from services.auth.model.throttle import AttemptKeys
from services.auth.repository import accounts, sessions
from services.auth.use_cases.attempts import forgive_attempt
from shared.database import Transaction


async def log_in(
    transaction: Transaction,
    account: Account,
    keys: AttemptKeys,
    *,
    password_hash: str,
    renewed_hash: str | None,
    lifetime: SessionLifetime,
    now: datetime,
) -> tuple[str, Session]:
    """Start a session for somebody whose password was right; returns its token, told only here.

    `password_hash` is what was compared; raises WrongCredentialsError where it is another meanwhile.
    """
    await forgive_attempt(transaction, account.account_id, keys, password_hash=password_hash, now=now)
    if renewed_hash:
        await accounts.save_password_hash(transaction, account.account_id, renewed_hash)
    return await start_session(transaction, account, lifetime=lifetime, now=now)


async def find_session(transaction: Transaction, token: str, *, now: datetime) -> Session:
    """Raises SessionOverError."""
    session = await sessions.find_session(transaction, token_hash(token), now=now)
    if session is None:
        raise SessionOverError
    return session


async def prolong_session(
    transaction: Transaction, session: Session, lifetime: SessionLifetime, *, now: datetime
) -> None:
    used = session.used(lifetime, now=now)
    if used is not session:
        await sessions.save_session(transaction, used)


async def end_session(transaction: Transaction, token: str) -> None:
    await sessions.remove_session(transaction, token_hash(token))


async def end_all_sessions(transaction: Transaction, account_id: UUID) -> None:
    await sessions.remove_sessions(transaction, account_id)


async def start_session(
    transaction: Transaction, account: Account, *, lifetime: SessionLifetime, now: datetime
) -> tuple[str, Session]:
    """For whoever has proven who he is: by a password, or by the link of a mail."""
    token = secrets.token_urlsafe(32)
    session = Session.start(token, account, lifetime, now=now)
    await sessions.add_session(transaction, session)
    await accounts.note_log_in(transaction, account.account_id, now=now)
    return token, session
