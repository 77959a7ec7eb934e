"""Forgotten and changed passwords, and the rule for new ones."""

from datetime import datetime

from services.auth.links import Links
from services.auth.model.accounts import Account, check_minimum_length, email_key
from services.auth.model.sessions import LinkOverError, WrongCredentialsError, token_hash
from services.auth.model.throttle import AttemptKeys, MailKeys
from services.auth.repository import accounts, credentials, customers, sessions, throttles
from services.auth.use_cases.attempts import admit_mail
from shared.database import Transaction
from shared.events.auth import PasswordChanged, PasswordResetRequested
from shared.messaging import outbox

# The rule


async def find_minimum_length(transaction: Transaction, *, default: int) -> int:
    """What the operator has set, else what the environment says."""
    return await credentials.find_minimum_length(transaction) or default


async def change_minimum_length(transaction: Transaction, minimum_length: int) -> None:
    """Holds for passwords that are chosen from now on; raises InvalidError at the field."""
    check_minimum_length(minimum_length)
    await credentials.save_minimum_length(transaction, minimum_length)


async def find_customer_name(transaction: Transaction, account: Account) -> str:
    """Of which no good password is made."""
    customer = await customers.find_customer(transaction, account.customer_number)
    return customer.name if customer else ""


# Forgotten


async def request_password_reset(
    transaction: Transaction, email: str, keys: MailKeys, *, now: datetime
) -> None:
    """The same for every address, whether somebody has it or not; raises TooManyAttemptsError."""
    await admit_mail(transaction, keys, now=now)
    await credentials.add_reset_request(transaction, email_key(email))


async def send_next_reset(transaction: Transaction, *, links: Links, now: datetime) -> bool:
    """Make the link for the request that waits longest; False where none waits.

    Nobody gets one for an address that has no account, or a disabled one.
    """
    key = await credentials.take_reset_request(transaction)
    if key is None:
        return False
    account = await accounts.lock_account_by_key(transaction, key)
    if account is None:
        return True
    link, expires_at = links.make(), now + links.terms.reset
    await credentials.save_reset(transaction, account.account_id, link.token_hash, expires_at=expires_at)
    await outbox.add(
        transaction,
        PasswordResetRequested(
            account_id=account.account_id,
            email=account.email,
            name=account.name,
            locale=account.locale,
            sealed_token=link.sealed_token,
            expires_at=expires_at,
        ),
    )
    return True


async def find_password_reset(transaction: Transaction, token: str, *, now: datetime) -> Account:
    """Whose password it is; raises LinkOverError. Changes nothing: scanners of mails open links."""
    account = await credentials.find_reset(transaction, token_hash(token), now=now)
    if account is None:
        raise LinkOverError
    return account


async def reset_password(
    transaction: Transaction, token: str, keys: AttemptKeys, *, password_hash: str, now: datetime
) -> Account:
    """Use up the link; all sessions end. Raises LinkOverError.

    Whoever failed to log in under `keys` before may try at once with the new password.
    """
    account = await credentials.take_reset(transaction, token_hash(token), now=now)
    if account is None:
        raise LinkOverError
    await _save_password(transaction, account, password_hash, by_reset=True)
    await throttles.remove_throttles(transaction, keys.at_account, keys.at_account_from_network)
    return account


# Changed


async def change_password(
    transaction: Transaction,
    account: Account,
    *,
    old_hash: str,
    new_hash: str,
    token: str,
) -> None:
    """`old_hash` is what the present password was compared with; `token` is of the session that stays.

    Raises WrongCredentialsError where the password is another meanwhile.
    """
    if not await accounts.lock_enabled_account(transaction, account.account_id, password_hash=old_hash):
        raise WrongCredentialsError
    await _save_password(transaction, account, new_hash, but=token_hash(token))


async def _save_password(
    transaction: Transaction,
    account: Account,
    password_hash: str,
    *,
    by_reset: bool = False,
    but: bytes = b"",
) -> None:
    """With the old password ends what somebody may have begun with it: sessions and links on their way."""
    await accounts.save_password_hash(transaction, account.account_id, password_hash)
    await sessions.remove_sessions(transaction, account.account_id, but=but)
    await credentials.remove_links(transaction, account.account_id)
    await outbox.add(
        transaction,
        PasswordChanged(
            account_id=account.account_id,
            email=account.email,
            name=account.name,
            locale=account.locale,
            by_reset=by_reset,
        ),
    )
