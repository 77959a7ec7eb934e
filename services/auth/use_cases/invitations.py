"""Inviting people of customers and of the house."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from services.auth.links import Link, Links
from services.auth.model.accounts import EmailTakenError, ListWish, known_name
from services.auth.model.invitations import (
    CustomerNotFoundError,
    Invitation,
    InvitationClosedError,
    InvitationNotFoundError,
    InvitationRequest,
    ListedInvitation,
    NoAddressError,
    check_invitation,
    check_request,
)
from services.auth.repository import accounts, customers, invitations
from shared.api.auth import InvitationState
from shared.database import Transaction
from shared.errors import UnprocessableError
from shared.events.auth import CustomerInvited, StaffInvited
from shared.messaging import outbox
from shared.web import Identity

_log = structlog.get_logger()


class CustomerUnknownError(Exception):
    """CDH has told the wish before the customer: the event is heard again later."""


# By people


async def list_invitations(
    transaction: Transaction, wish: ListWish, state: InvitationState | None, *, now: datetime
) -> tuple[list[ListedInvitation], int]:
    """`open` has those that await a confirmation, too: both can still be accepted."""
    states: tuple[InvitationState, ...] = (state,) if state else ()
    if state == "open":
        states = ("open", "awaiting_confirmation")
    return await invitations.list_invitations(transaction, wish, states, now=now)


async def invite_customer(
    transaction: Transaction, wanted: Invitation, *, links: Links, now: datetime
) -> ListedInvitation:
    """A form that was told has no second effect, whatever became of the invitation.

    Raises CustomerNotFoundError, NoAddressError, EmailTakenError, or InvalidError at a field.
    """
    customer = await customers.find_customer(transaction, wanted.customer_number)
    if customer is None:
        raise CustomerNotFoundError
    if wanted.form_id:
        told = await invitations.find_invitation_of_form(transaction, wanted.form_id, now=now)
        if told:
            return ListedInvitation(told, customer.name)
    if not wanted.email:
        name, email = customer.address_of(wanted.contact_id)
        wanted = replace(wanted, name=wanted.name or known_name(name), email=email)
    invitation, _ = await _invite(transaction, wanted, links=links, now=now)
    return ListedInvitation(invitation, customer.name)


async def invite_staff(
    transaction: Transaction, wanted: Invitation, *, links: Links, now: datetime
) -> tuple[Invitation, str]:
    """The invitation and the token of its link; raises EmailTakenError, or InvalidError at a field."""
    invitation, link = await _invite(transaction, wanted, links=links, now=now)
    return invitation, link.token


async def resend_invitation(
    transaction: Transaction,
    who: Identity,
    invitation_id: UUID,
    *,
    customer_number: str,
    links: Links,
    now: datetime,
) -> Invitation:
    """With a new link and a new term; older links are over. Raises InvitationClosedError."""
    invitation = await _lock_invitation(
        transaction, who, invitation_id, customer_number=customer_number, now=now
    )
    again = invitation.told_again(now=now, expires_at=now + links.terms.invitation)
    await _refuse_registered(transaction, invitation)
    await invitations.remove_links(transaction, invitation_id)
    await invitations.save_invitation(transaction, again)
    await _tell(transaction, again, links.make())
    return again


async def cancel_invitation(
    transaction: Transaction, who: Identity, invitation_id: UUID, *, customer_number: str, now: datetime
) -> Invitation:
    """Every link is over. Cancelling twice is harmless; raises InvitationClosedError where it is accepted."""
    invitation = await _lock_invitation(
        transaction, who, invitation_id, customer_number=customer_number, now=now
    )
    if invitation.state == "accepted":
        raise InvitationClosedError
    if invitation.state != "cancelled":
        await invitations.cancel_invitation(transaction, invitation_id, now=now)
        await invitations.remove_links(transaction, invitation_id)
    return replace(invitation, state="cancelled")


async def _lock_invitation(
    transaction: Transaction, who: Identity, invitation_id: UUID, *, customer_number: str, now: datetime
) -> Invitation:
    """One of this customer, if one is named; those of staff are there for operators only.

    Raises InvitationNotFoundError.
    """
    invitation = await invitations.lock_invitation(transaction, invitation_id, now=now)
    if invitation is None or (invitation.role != "customer" and who.role != "operator"):
        raise InvitationNotFoundError
    if customer_number not in ("", invitation.customer_number):
        raise InvitationNotFoundError
    return invitation


# By events


async def request_invitation(transaction: Transaction, request: InvitationRequest) -> None:
    """Queue what an event asks for; raises CustomerUnknownError for now, UnprocessableError for good."""
    if not request.email:
        customer = await customers.find_customer(transaction, request.customer_number)
        if customer is None:
            raise CustomerUnknownError(request.customer_number)
        try:
            name, email = customer.address_of(request.contact_id)
        except NoAddressError as error:
            raise UnprocessableError(f"Customer {request.customer_number} has no e-mail address.") from error
        request = replace(request, name=request.name or name, email=email)
    request = replace(request, name=known_name(request.name))
    check_request(request)
    await invitations.add_request(transaction, request)


async def invite_next(transaction: Transaction, *, links: Links, now: datetime) -> bool:
    """Invite for the request that waits longest; False where none waits."""
    request = await invitations.take_request(transaction)
    if request is None:
        return False
    wanted = Invitation(
        invitation_id=uuid4(),
        role="customer",
        customer_number=request.customer_number,
        contact_id=request.contact_id,
        clerk_code="",
        name=request.name,
        email=request.email,
        may_approve=True,
        locale=request.locale,
        inviter_code=request.clerk_code,
        inviter_name="",
        invited_at=now,
        told_at=now,
        expires_at=now + links.terms.invitation,
    )
    known = await invitations.lock_unanswered_invitation(
        transaction, wanted.customer_number, wanted.email, now=now
    )
    try:
        await _refuse_returning(transaction, wanted)
        # What a person has chosen for an open invitation is not changed by an event.
        await _invite(
            transaction,
            known.told_again(now=now, expires_at=wanted.expires_at) if known else wanted,
            links=links,
            now=now,
            request_cause=request.request_cause,
        )
    except EmailTakenError:
        _log.info("invitation_not_needed", customer_number=request.customer_number)
    return True


# The one way to invite


async def _invite(
    transaction: Transaction, wanted: Invitation, *, links: Links, now: datetime, request_cause: str = ""
) -> tuple[Invitation, Link]:
    """A new invitation, or the unanswered one of the same person as wanted now, told with a new link."""
    check_invitation(wanted)
    await _refuse_registered(transaction, wanted)
    invitation = wanted
    while not await invitations.add_invitation(transaction, wanted):
        known = await invitations.lock_unanswered_invitation(
            transaction, wanted.customer_number, wanted.email, now=now
        )
        if known is None:
            continue  # it was answered in between
        if not known.opens_same_door(wanted):
            await invitations.remove_links(transaction, known.invitation_id)
            known = replace(known, state="open")
        invitation = known.renewed(wanted)
        await invitations.save_invitation(transaction, invitation)
        break
    link = links.make()
    await _tell(transaction, invitation, link, request_cause=request_cause)
    return invitation, link


async def _refuse_registered(transaction: Transaction, invitation: Invitation) -> None:
    """An account for another customer is no reason: the person then registers with another address."""
    account = await accounts.find_account(transaction, invitation.email)
    if account and (invitation.role != "customer" or account.customer_number == invitation.customer_number):
        raise EmailTakenError


async def _refuse_returning(transaction: Transaction, invitation: Invitation) -> None:
    """Nobody comes back by an event whom people have shut out or not allowed to approve."""
    if await invitations.has_led_to_access(transaction, invitation):
        raise EmailTakenError


async def _tell(
    transaction: Transaction, invitation: Invitation, link: Link, *, request_cause: str = ""
) -> None:
    await invitations.add_link(
        transaction, link.token_hash, invitation.invitation_id, expires_at=invitation.expires_at
    )
    if invitation.role == "customer":
        event: CustomerInvited | StaffInvited = CustomerInvited(
            invitation_id=invitation.invitation_id,
            email=invitation.email,
            name=invitation.name,
            locale=invitation.locale,
            sealed_token=link.sealed_token,
            expires_at=invitation.expires_at,
            customer_number=invitation.customer_number,
            contact_id=invitation.contact_id,
            clerk_code=invitation.inviter_code,
            request_cause=request_cause,
        )
    else:
        event = StaffInvited(
            invitation_id=invitation.invitation_id,
            email=invitation.email,
            name=invitation.name,
            locale=invitation.locale,
            sealed_token=link.sealed_token,
            expires_at=invitation.expires_at,
            role=invitation.role,
            clerk_code=invitation.clerk_code,
            invited_by=invitation.inviter_name,
        )
    await outbox.add(transaction, event)
