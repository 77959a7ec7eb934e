"""Invitations as rules: whom they are for, and when they may still be told, accepted or cancelled."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.auth.model.accounts import (
    Account,
    email_fault,
    locale_fault,
    name_fault,
    refuse_faults,
)
from shared.api.auth import InvitationState
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnprocessableError
from shared.events.auth import Role

KEEP_CLOSED = timedelta(days=90)
"""How long one may still look up what became of an invitation."""


class InvitationClosedError(ConflictError):
    """It was accepted or cancelled: nothing can be done with it any more."""

    def __init__(self) -> None:
        super().__init__("This invitation has been accepted or cancelled meanwhile.")


class InvitationNotFoundError(NotFoundError):
    """There is no such invitation, or it is not for the eyes of whoever asks."""

    def __init__(self) -> None:
        super().__init__("This invitation does not exist.")


class CustomerNotFoundError(NotFoundError):
    """CDH has not told this customer."""

    def __init__(self) -> None:
        super().__init__("This customer is not known here.")


class NoAddressError(InvalidError):
    """Neither the contact nor the customer has an address to which an invitation could go."""

    def __init__(self) -> None:
        message = "No e-mail address of this customer is known. Please enter one."
        super().__init__(message, fields={"email": message})


@dataclass(frozen=True)
class Contact:
    contact_id: str
    name: str
    email: str


@dataclass(frozen=True)
class Customer:
    """What CDH has told of a customer, as far as invitations need it."""

    customer_number: str
    name: str
    email: str
    contacts: tuple[Contact, ...]

    def address_of(self, contact_id: str) -> tuple[str, str]:
        """Name and address of the contact, or of the customer as a whole; raises NoAddressError."""
        contact = next((one for one in self.contacts if contact_id and one.contact_id == contact_id), None)
        name = contact.name if contact else ""
        email = (contact.email if contact else "") or self.email
        if not email.strip():
            raise NoAddressError
        return name, email.strip()


class WrongChosenPasswordError(ForbiddenError):
    """Not the password that was chosen at the registration; nobody else may confirm its address."""

    def __init__(self) -> None:
        super().__init__("This is not the password that was chosen at the registration.")


@dataclass(frozen=True)
class Invitation:
    """`clerk_code` is the invited clerk's own, `inviter_code` and `inviter_name` are of who invites.

    `form_id` is the form, with all that it said, by which it was told last.
    """

    invitation_id: UUID
    role: Role
    customer_number: str
    contact_id: str
    clerk_code: str
    name: str
    email: str
    may_approve: bool
    locale: str
    inviter_code: str
    inviter_name: str
    invited_at: datetime
    told_at: datetime
    expires_at: datetime
    form_id: UUID | None = None
    state: InvitationState = "open"

    @property
    def is_closed(self) -> bool:
        return self.state in ("accepted", "cancelled")

    def is_for(self, email: str) -> bool:
        """Exactly but for case: a sign that only looks the same may lead to another mailbox."""
        # Of bytes only the letters of ASCII have a case.
        return self.email.strip().encode().lower() == email.strip().encode().lower()

    def opens_same_door(self, wanted: "Invitation") -> bool:
        """Whether a link that is on its way may be used for what is wanted now."""
        return (self.role, self.clerk_code) == (wanted.role, wanted.clerk_code)

    def told_again(self, *, now: datetime, expires_at: datetime) -> "Invitation":
        """With a new term; raises InvitationClosedError."""
        if self.is_closed:
            raise InvitationClosedError
        return replace(self, told_at=now, expires_at=expires_at)

    def renewed(self, wanted: "Invitation") -> "Invitation":
        """As somebody wants it now who invites the same person again; what he leaves out stays."""
        return replace(
            wanted,
            invitation_id=self.invitation_id,
            contact_id=wanted.contact_id or self.contact_id,
            name=wanted.name or self.name,
            invited_at=self.invited_at,
            form_id=wanted.form_id or self.form_id,
            state="awaiting_confirmation" if self.state == "awaiting_confirmation" else "open",
        )

    def account(self, account_id: UUID, *, name: str, email: str, locale: str) -> Account:
        """The access of the person who accepts."""
        return Account(
            account_id=account_id,
            role=self.role,
            name=name,
            email=email,
            locale=locale,
            customer_number=self.customer_number,
            contact_id=self.contact_id,
            clerk_code=self.clerk_code,
            may_approve=self.may_approve,
        )


@dataclass(frozen=True)
class ListedInvitation:
    """`awaiting_email` waits for its confirmation; it is only looked up for the page of registration."""

    invitation: Invitation
    customer_name: str
    awaiting_email: str = ""


@dataclass(frozen=True)
class InvitationRequest:
    """An event's wish for an invitation. `request_cause` is what mailer calls the mail that waits for it."""

    customer_number: str
    contact_id: str
    name: str
    email: str
    locale: str
    clerk_code: str
    request_cause: str


@dataclass(frozen=True)
class PendingRegistration:
    """Somebody accepted with another address than the invited one, which has to be confirmed first."""

    invitation: Invitation
    name: str
    email: str
    locale: str
    password_hash: str


def check_request(request: InvitationRequest) -> None:
    """Raises UnprocessableError for what could never become an invitation: it would hold up all others."""
    faults = {
        "customer_number": "" if request.customer_number else "It is missing.",
        "name": name_fault(request.name),
        "email": email_fault(request.email),
        "locale": locale_fault(request.locale),
    }
    if found := ", ".join(field for field, fault in faults.items() if fault):
        raise UnprocessableError(f"There is something wrong with {found}.")


def check_invitation(invitation: Invitation) -> None:
    """Raises InvalidError with every field that is at fault."""
    faults = {
        "name": name_fault(invitation.name),
        "email": email_fault(invitation.email),
        "locale": locale_fault(invitation.locale),
    }
    if invitation.role == "clerk" and not invitation.clerk_code:
        faults["clerk_code"] = "A clerk has a short code."
    elif not invitation.clerk_code.isprintable() or len(invitation.clerk_code) > 50:
        faults["clerk_code"] = "A short code has at most 50 printable characters."
    refuse_faults(faults)
