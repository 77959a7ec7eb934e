"""One throttle for everything at which a secret could be guessed or a mail be wished on somebody."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.auth.model.accounts import Account
from services.auth.model.sessions import WrongCredentialsError
from services.auth.model.throttle import (
    AT_CONFIRMATION,
    MAIL_FROM_SOURCE,
    MAIL_TO_ADDRESS,
    NEW_PASSWORD,
    AttemptKeys,
    MailKeys,
    ThrottleRule,
)
from services.auth.repository import accounts, throttles
from shared.database import Transaction


async def admit_attempt(
    transaction: Transaction, email: str, keys: AttemptKeys, *, now: datetime
) -> tuple[AttemptKeys, tuple[Account, str] | None]:
    """Count a try at a password as failed until it is proven right.

    Returns the keys it is counted under, and account and password hash if there are any; raises
    TooManyAttemptsError. This is a transaction of its own: the count survives the refusal, and a hundred
    attempts at once are counted before the first password is looked at.
    """
    is_at_home = await throttles.is_known_network(transaction, email, keys.from_network)
    keys = replace(keys, is_at_home=is_at_home)
    await _count(transaction, keys.rules, now=now)
    return keys, await accounts.find_credentials(transaction, email)


async def admit_mail(transaction: Transaction, keys: MailKeys, *, now: datetime) -> None:
    """Count the wish for a mail; raises TooManyAttemptsError."""
    await _count(transaction, {keys.to_address: MAIL_TO_ADDRESS, keys.from_source: MAIL_FROM_SOURCE}, now=now)


async def admit_new_password(transaction: Transaction, key: str, *, now: datetime) -> None:
    """Count the choice of a password, right or not; raises TooManyAttemptsError."""
    await _count(transaction, {key: NEW_PASSWORD}, now=now)


async def admit_confirmation(transaction: Transaction, key: str, *, now: datetime) -> None:
    """Count a try at the password of a registration, right or not; raises TooManyAttemptsError.

    A right one ends its link, so nothing is forgiven.
    """
    await _count(transaction, {key: AT_CONFIRMATION}, now=now)


async def forgive_attempt(
    transaction: Transaction, account_id: UUID, keys: AttemptKeys, *, password_hash: str, now: datetime
) -> None:
    """The password was right: this person is known in this place from now on.

    `keys` are those under which admit_attempt counted it. `password_hash` is what was compared: where it is
    another meanwhile, or the account is gone, the password is a wrong one by now, and WrongCredentialsError
    is raised.
    """
    if not await accounts.lock_enabled_account(transaction, account_id, password_hash=password_hash):
        raise WrongCredentialsError
    counters = await throttles.lock_throttles(transaction, keys.rules, now=now)
    await throttles.save_throttles(transaction, [counter.forgive() for counter in counters.values()])
    await throttles.remove_throttles(transaction, keys.at_account_from_network)
    await throttles.save_known_network(transaction, account_id, keys.from_network, now=now)


async def _count(transaction: Transaction, rules: Mapping[str, ThrottleRule], *, now: datetime) -> None:
    counters = await throttles.lock_throttles(transaction, rules, now=now)
    await throttles.save_throttles(
        transaction, [counters[key].attempt(rule, now=now) for key, rule in rules.items()]
    )
