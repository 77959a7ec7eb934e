"""Another address for an account: it counts once its link is confirmed."""

from datetime import datetime

from services.auth.links import Links
from services.auth.model.accounts import (
    Account,
    EmailTakenError,
    EmailUnchangedError,
    email_fault,
    email_key,
    refuse_faults,
)
from services.auth.model.sessions import (
    LinkOverError,
    Session,
    SessionLifetime,
    WrongCredentialsError,
    token_hash,
)
from services.auth.model.throttle import MailKeys
from services.auth.repository import accounts, credentials
from services.auth.use_cases.accounts import tell_change
from services.auth.use_cases.attempts import admit_mail
from services.auth.use_cases.sessions import start_session
from shared.database import Transaction
from shared.events.auth import EmailChanged, EmailChangeRefused, EmailConfirmationRequested
from shared.messaging import outbox


async def request_email_change(
    transaction: Transaction,
    account: Account,
    email: str,
    *,
    password_hash: str,
    mail_keys: MailKeys,
    links: Links,
    now: datetime,
) -> None:
    """A mail goes to the address, whether it has an account or not: only its owner is told which.

    `password_hash` is what the password was compared with. Raises InvalidError at the field,
    TooManyAttemptsError, and WrongCredentialsError where the password is another meanwhile.
    """
    refuse_faults({"email": email_fault(email)})
    if email_key(email) == email_key(account.email):
        raise EmailUnchangedError
    if not await accounts.lock_enabled_account(transaction, account.account_id, password_hash=password_hash):
        raise WrongCredentialsError
    await admit_mail(transaction, mail_keys, now=now)
    link, expires_at = links.make(), now + links.terms.confirmation
    holder = await accounts.find_account(transaction, email)
    if holder is not None:
        await credentials.remove_email_change(transaction, account.account_id)
        refused = EmailChangeRefused(email=holder.email, name=holder.name, locale=holder.locale)
        await outbox.add(transaction, refused)
        return
    await credentials.save_email_change(
        transaction, account.account_id, link.token_hash, email, expires_at=expires_at
    )
    await outbox.add(
        transaction,
        EmailConfirmationRequested(
            purpose="change",
            email=email,
            name=account.name,
            locale=account.locale,
            sealed_token=link.sealed_token,
            expires_at=expires_at,
        ),
    )


async def find_email_change(
    transaction: Transaction, token: str, *, now: datetime
) -> tuple[Account, str] | None:
    """Whose address becomes which. Changes nothing: scanners of mails open links."""
    return await credentials.find_email_change(transaction, token_hash(token), now=now)


async def confirm_email_change(
    transaction: Transaction, token: str, *, lifetime: SessionLifetime, now: datetime
) -> tuple[str, Session]:
    """The address counts from now on; the former one is told. Raises LinkOverError and EmailTakenError."""
    taken = await credentials.take_email_change(transaction, token_hash(token), now=now)
    if taken is None:
        raise LinkOverError
    before, email = taken
    account = await accounts.save_email(transaction, before.account_id, email)
    if account is None:
        raise EmailTakenError
    await credentials.remove_links(transaction, account.account_id)  # one may lie in the former mailbox
    await tell_change(transaction, account)
    await outbox.add(
        transaction,
        EmailChanged(
            account_id=account.account_id,
            name=account.name,
            locale=account.locale,
            email_before=before.email,
            email=account.email,
        ),
    )
    return await start_session(transaction, account, lifetime=lifetime, now=now)
