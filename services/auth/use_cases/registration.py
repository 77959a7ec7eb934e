"""Accepting an invitation, at once or by the confirmation of another address."""

from datetime import datetime
from uuid import UUID

from services.auth.links import Links
from services.auth.model.accounts import Account, EmailTakenError
from services.auth.model.invitations import Invitation, ListedInvitation, PendingRegistration
from services.auth.model.sessions import LinkOverError, Session, SessionLifetime, token_hash
from services.auth.repository import accounts, customers, invitations
from services.auth.use_cases.accounts import told
from services.auth.use_cases.sessions import start_session
from shared.database import Transaction
from shared.events.auth import AccountRegistered, EmailConfirmationRequested
from shared.messaging import outbox


async def find_invitation(transaction: Transaction, token: str, *, now: datetime) -> ListedInvitation:
    """The invitation whose link this is; raises LinkOverError. Changes nothing: scanners open links."""
    invitation = await invitations.find_linked_invitation(transaction, token_hash(token), now=now)
    if invitation is None:
        raise LinkOverError
    customer_name = await find_customer_name(transaction, invitation)
    awaiting = await invitations.find_awaiting_email(transaction, invitation.invitation_id, now=now)
    return ListedInvitation(invitation, customer_name, awaiting)


async def find_customer_name(transaction: Transaction, invitation: Invitation) -> str:
    """Empty for people of the house."""
    customer = await customers.find_customer(transaction, invitation.customer_number)
    return customer.name if customer else ""


async def accept_invitation(
    transaction: Transaction,
    token: str,
    account: Account,
    *,
    password_hash: str,
    links: Links,
    lifetime: SessionLifetime,
    now: datetime,
) -> tuple[str, Session] | None:
    """With the invited address there is an account and a session; None while another waits for its mail.

    Raises LinkOverError, and EmailTakenError, which is said only to somebody who holds the link of an
    invitation. Two at the same moment make one account.
    """
    invitation = await invitations.lock_linked_invitation(transaction, token_hash(token), now=now)
    if invitation is None:
        raise LinkOverError
    # What the invitation grants may have changed while the password was hashed.
    account = invitation.account(
        account.account_id, name=account.name, email=account.email, locale=account.locale
    )
    if invitation.is_for(account.email):
        await _register(transaction, invitation, account, password_hash=password_hash, now=now)
        return await start_session(transaction, account, lifetime=lifetime, now=now)
    if await accounts.find_account(transaction, account.email) is not None:
        raise EmailTakenError
    pending = PendingRegistration(invitation, account.name, account.email, account.locale, password_hash)
    link, expires_at = links.make(), now + links.terms.confirmation
    await invitations.save_pending_registration(transaction, pending, link.token_hash, expires_at=expires_at)
    await outbox.add(
        transaction,
        EmailConfirmationRequested(
            purpose="registration",
            email=account.email,
            name=account.name,
            locale=account.locale,
            sealed_token=link.sealed_token,
            expires_at=expires_at,
        ),
    )
    return None


async def find_registration(
    transaction: Transaction, token: str, *, now: datetime
) -> PendingRegistration | None:
    """What waits for the link of this token. Changes nothing: scanners of mails open links."""
    return await invitations.find_pending_registration(transaction, token_hash(token), now=now)


async def confirm_registration(
    transaction: Transaction, token: str, account_id: UUID, *, lifetime: SessionLifetime, now: datetime
) -> tuple[str, Session]:
    """The address is the person's own: account and session. Raises LinkOverError and EmailTakenError."""
    pending = await invitations.lock_pending_registration(transaction, token_hash(token), now=now)
    if pending is None:
        raise LinkOverError
    account = pending.invitation.account(
        account_id, name=pending.name, email=pending.email, locale=pending.locale
    )
    await _register(transaction, pending.invitation, account, password_hash=pending.password_hash, now=now)
    return await start_session(transaction, account, lifetime=lifetime, now=now)


async def _register(
    transaction: Transaction, invitation: Invitation, account: Account, *, password_hash: str, now: datetime
) -> None:
    """Use up the invitation: every link of it is over."""
    if not await accounts.add_account(transaction, account, password_hash=password_hash, now=now):
        raise EmailTakenError
    await invitations.accept_invitation(
        transaction, invitation.invitation_id, account_id=account.account_id, now=now
    )
    await invitations.remove_links(transaction, invitation.invitation_id)
    await outbox.add(
        transaction,
        AccountRegistered(
            **told(account), invited_by=invitation.inviter_code, invited_email=invitation.email
        ),
    )
