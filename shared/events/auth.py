"""Who may come in, told by auth.

Where a mail must carry a one-time link, the event has the token only sealed (shared/sealing.py): it lies in
no database in the clear, and whoever delivers the mail opens it at the last moment.
"""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import Event

Role = Literal["customer", "clerk", "operator"]


class _AccountEvent(Event):
    """A person with a login as it is now. `customer_number` for customers, `clerk_code` for clerks."""

    account_id: UUID
    role: Role
    name: str
    email: str
    locale: str
    customer_number: str = ""
    contact_id: str = ""
    clerk_code: str = ""
    may_approve: bool = False
    revision: int = 1


class AccountRegistered(_AccountEvent):
    """A person has a login. `invited_by` is the short code of the clerk who invited, who is told of it."""

    invited_by: str = ""
    invited_email: str = ""


class AccountChanged(_AccountEvent):
    """Name, address, language, rights or `disabled` are others now; a newer `revision` counts."""

    disabled: bool = False


class AccountDeleted(Event):
    """The access is gone: log-in, sessions and tokens. Names in approval records stay."""

    account_id: UUID
    role: Role
    customer_number: str = ""


class _Invited(Event):
    """`sealed_token` is the token of the link, sealed for the mail; each telling has a token of its own."""

    invitation_id: UUID
    email: str
    name: str
    locale: str
    sealed_token: str
    expires_at: AwareDatetime


class CustomerInvited(_Invited):
    """A person of a customer may register. `clerk_code` is who invites.

    `request_cause` is what mailer asked for (InvitationRequested): the link joins that mail; empty means
    a mail of its own.
    """

    customer_number: str
    contact_id: str = ""
    clerk_code: str = ""
    request_cause: str = ""


class StaffInvited(_Invited):
    """A clerk or an operator may choose a password."""

    role: Role
    clerk_code: str = ""
    invited_by: str = ""


class EmailConfirmationRequested(Event):
    """An address counts once its link is confirmed: at the registration, or when a person changes it."""

    purpose: Literal["registration", "change"]
    email: str
    name: str
    locale: str
    sealed_token: str
    expires_at: AwareDatetime


class EmailChanged(Event):
    """A person has another address; the former one is told."""

    account_id: UUID
    name: str
    locale: str
    email_before: str
    email: str


class EmailChangeRefused(Event):
    """Somebody wanted to change to this address, but it has an account of its own: that one is told.

    Name and language are those of the account that has the address; who asked is not told.
    """

    email: str
    name: str
    locale: str


class PasswordResetRequested(Event):
    """Somebody who has an account forgot the password."""

    account_id: UUID
    email: str
    name: str
    locale: str
    sealed_token: str
    expires_at: AwareDatetime


class PasswordChanged(Event):
    """A person has another password, by the link of a reset or in the settings; all other sessions ended."""

    account_id: UUID
    email: str
    name: str
    locale: str
    by_reset: bool
