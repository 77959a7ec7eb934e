"""The first operator, who comes by a one-time link."""

import secrets
from datetime import datetime, timedelta

from services.auth.model.accounts import Account, EmailTakenError
from services.auth.model.sessions import Session, SessionLifetime, SetupOverError, token_hash
from services.auth.repository import accounts, sessions
from services.auth.use_cases.accounts import create_account
from services.auth.use_cases.sessions import start_session
from shared.database import Transaction

SETUP_LINK_LIFETIME = timedelta(hours=24)


async def offer_setup(transaction: Transaction, *, now: datetime) -> tuple[str, datetime] | None:
    """A one-time token and when it expires, while no operator exists.

    Each copy of auth makes one at its start; all are good until one is used.
    """
    if await accounts.has_operator(transaction):
        return None
    token, expires_at = secrets.token_urlsafe(32), now + SETUP_LINK_LIFETIME
    await sessions.add_setup_token(transaction, token_hash(token), expires_at=expires_at)
    return token, expires_at


async def find_setup(transaction: Transaction, token: str, *, now: datetime) -> None:
    """Raises SetupOverError unless the link is good. Changes nothing: scanners of mails open links."""
    if await accounts.has_operator(transaction) or not await sessions.is_setup_token(
        transaction, token_hash(token), now=now
    ):
        raise SetupOverError


async def create_first_operator(
    transaction: Transaction,
    token: str,
    account: Account,
    *,
    password_hash: str,
    lifetime: SessionLifetime,
    now: datetime,
) -> tuple[str, Session]:
    """Use up the link; two links used at the same moment make one operator."""
    is_good = await sessions.take_setup_tokens(transaction, token_hash(token), now=now)
    if not is_good or await accounts.has_operator(transaction):
        raise SetupOverError
    if await accounts.find_account(transaction, account.email) is not None:
        raise EmailTakenError
    created = await create_account(transaction, account, password_hash=password_hash, now=now)
    return await start_session(transaction, created, lifetime=lifetime, now=now)
