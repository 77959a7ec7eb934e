"""What auth can do. Passwords are hashed and compared between these steps, never inside a transaction."""

import secrets
from datetime import datetime, timedelta

from services.auth import repository
from services.auth.model import (
    AT_ACCOUNT,
    AT_ACCOUNT_FROM_NETWORK,
    FROM_NETWORK,
    Account,
    AttemptKeys,
    EmailTakenError,
    Session,
    SessionLifetime,
    SessionOverError,
    SetupOverError,
    WrongCredentialsError,
    token_hash,
)
from shared.database import Transaction
from shared.events.auth import AccountRegistered
from shared.messaging import outbox

SETUP_LINK_LIFETIME = timedelta(hours=24)


# Logging in


async def admit_attempt(
    transaction: Transaction, email: str, keys: AttemptKeys, *, now: datetime
) -> tuple[Account, str] | None:
    """Count a log-in as failed until it is proven right; returns account and password hash, if there are any.

    Raises TooManyAttemptsError. This is a transaction of its own: the count survives the refusal, and a
    hundred attempts at once are counted before the first password is looked at.
    """
    rules = {keys.at_account_from_network: AT_ACCOUNT_FROM_NETWORK, keys.from_network: FROM_NETWORK}
    if not await repository.is_known_network(transaction, email, keys.from_network):
        rules[keys.at_account] = AT_ACCOUNT
    throttles = await repository.lock_throttles(transaction, rules, now=now)
    await repository.save_throttles(
        transaction, [throttles[key].attempt(rule, now=now) for key, rule in rules.items()]
    )
    return await repository.find_credentials(transaction, email)


async def log_in(
    transaction: Transaction, account: Account, keys: AttemptKeys, *, lifetime: SessionLifetime, now: datetime
) -> tuple[str, Session]:
    """Start a session for somebody whose password was right; returns its token, told only here."""
    if not await repository.lock_enabled_account(transaction, account.account_id):
        raise WrongCredentialsError
    throttles = await repository.lock_throttles(transaction, (keys.from_network, keys.at_account), now=now)
    await repository.save_throttles(transaction, [throttle.forgive() for throttle in throttles.values()])
    await repository.remove_throttle(transaction, keys.at_account_from_network)
    await repository.save_known_network(transaction, account.account_id, keys.from_network, now=now)
    await repository.remove_expired(transaction, now=now)
    return await _start_session(transaction, account, lifetime=lifetime, now=now)


async def renew_password_hash(transaction: Transaction, account: Account, *, old: str, new: str) -> None:
    await repository.save_password_hash(transaction, account.account_id, old=old, new=new)


# Sessions


async def find_session(transaction: Transaction, token: str, *, now: datetime) -> Session:
    """Raises SessionOverError."""
    session = await repository.find_session(transaction, token_hash(token), now=now)
    if session is None:
        raise SessionOverError
    return session


async def prolong_session(
    transaction: Transaction, session: Session, lifetime: SessionLifetime, *, now: datetime
) -> None:
    used = session.used(lifetime, now=now)
    if used is not session:
        await repository.save_session(transaction, used)


async def end_session(transaction: Transaction, token: str) -> None:
    await repository.remove_session(transaction, token_hash(token))


# Accounts


async def find_same_account(transaction: Transaction, wanted: Account) -> Account | None:
    """The account that was made before for the same access; raises EmailTakenError for another's address."""
    found = await repository.find_account(transaction, wanted.email)
    if found is not None and not found.is_same_access(wanted):
        raise EmailTakenError
    return found


async def create_account(
    transaction: Transaction, account: Account, *, password_hash: str, now: datetime
) -> Account:
    """The address is the key: the same access again is the account there is, unchanged and untold."""
    if not await repository.add_account(transaction, account, password_hash=password_hash, now=now):
        found = await find_same_account(transaction, account)
        if found is None:
            raise EmailTakenError
        return found
    await outbox.add(
        transaction,
        AccountRegistered(
            account_id=account.account_id,
            role=account.role,
            name=account.name,
            email=account.email,
            locale=account.locale,
            customer_number=account.customer_number,
            contact_id=account.contact_id,
            clerk_code=account.clerk_code,
            may_approve=account.may_approve,
            revision=account.revision,
        ),
    )
    return account


# The first operator


async def offer_setup(transaction: Transaction, *, now: datetime) -> tuple[str, datetime] | None:
    """A one-time token and when it expires, while no operator exists.

    Each copy of auth makes one at its start; all are good until one is used.
    """
    if await repository.has_operator(transaction):
        return None
    token, expires_at = secrets.token_urlsafe(32), now + SETUP_LINK_LIFETIME
    await repository.add_setup_token(transaction, token_hash(token), expires_at=expires_at)
    return token, expires_at


async def find_setup(transaction: Transaction, token: str, *, now: datetime) -> None:
    """Raises SetupOverError unless the link is good. Changes nothing: scanners of mails open links."""
    if await repository.has_operator(transaction) or not await repository.is_setup_token(
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
    is_good = await repository.take_setup_tokens(transaction, token_hash(token), now=now)
    if not is_good or await repository.has_operator(transaction):
        raise SetupOverError
    if await repository.find_account(transaction, account.email) is not None:
        raise EmailTakenError
    created = await create_account(transaction, account, password_hash=password_hash, now=now)
    return await _start_session(transaction, created, lifetime=lifetime, now=now)


async def _start_session(
    transaction: Transaction, account: Account, *, lifetime: SessionLifetime, now: datetime
) -> tuple[str, Session]:
    token = secrets.token_urlsafe(32)
    session = Session.start(token, account, lifetime, now=now)
    await repository.add_session(transaction, session)
    return token, session
