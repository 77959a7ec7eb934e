"""Bodies of the internal HTTP of auth.

A link's token travels in a body, never in an address: addresses stand in logs. Every `…/find` only looks:
scanners of mails open links.
"""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from shared.api.base import Body
from shared.events.auth import Role

# Sessions


class LogIn(Body):
    """POST /sessions. `network_address` only feeds the throttle."""

    email: str
    password: str
    network_address: str


class Account(Body):
    account_id: UUID
    role: Role
    name: str
    email: str
    locale: str
    customer_number: str
    clerk_code: str
    may_approve: bool


class Session(Body):
    """`token` is told once, at the log-in; afterwards only its hash is known."""

    token: str
    account: Account


class FindSession(Body):
    """POST /sessions/find answers with Account, or 404 when the session is over."""

    token: str


class EndSession(Body):
    """POST /sessions/end; a token that is not known is no error."""

    token: str


# Accounts


class CreateAccount(Body):
    """POST /accounts, by the system. The same account again changes nothing."""

    role: Role
    name: str
    email: str
    password: str
    locale: str = "de"
    customer_number: str = ""
    contact_id: str = ""
    clerk_code: str = ""
    may_approve: bool = False


class AccountRow(Account):
    """GET /accounts/{account_id}, for operators.

    `customer_name` is empty for staff, and while CDH has not told the customer.
    """

    customer_name: str
    created_at: AwareDatetime
    last_login_at: AwareDatetime | None
    disabled_at: AwareDatetime | None


class AccountRows(Body):
    """GET /accounts?role=customer|staff&customer_number=&q=&page=&size=, for operators.

    Clerks may ask for those of one customer. Without a role all of them. Sorted by company and name, staff
    first; `total` counts without the page.
    """

    rows: tuple[AccountRow, ...]
    total: int


class ChangeAccount(Body):
    """POST /accounts/{account_id}/change, by an operator: 204. None leaves as it is.

    A disabled account has no sessions from that moment. 409 for disabling the last operator or oneself.
    """

    may_approve: bool | None = None
    disabled: bool | None = None


# Invitations


class InviteCustomer(Body):
    """POST /invitations/customers, by staff: answers with Invitation.

    An open invitation of the same customer and address is told again with a new link instead of a second one.
    Without `email` the contact's address is taken, or the customer's; 422 where there is none. 404 for a
    customer whom CDH has not told, 409 (EmailTakenError) where the address is registered for him already.
    The same body with the same `form_key` again has the same answer, and nothing is told.
    """

    form_key: UUID | None = None
    customer_number: str
    contact_id: str = ""
    email: str = ""
    name: str = ""
    may_approve: bool = True
    locale: str = "de"


class InviteStaff(Body):
    """POST /invitations/staff, by an operator: answers with NewStaffInvitation. 409 (EmailTakenError)."""

    role: Literal["clerk", "operator"]
    email: str
    name: str
    clerk_code: str = ""
    locale: str = "de"


InvitationState = Literal["open", "awaiting_confirmation", "accepted", "cancelled", "expired"]


class Invitation(Body):
    """`awaiting_confirmation`: registered with another address, whose link has not been confirmed yet."""

    invitation_id: UUID
    role: Role
    customer_number: str
    customer_name: str
    contact_id: str
    clerk_code: str
    name: str
    email: str
    may_approve: bool
    state: InvitationState
    invited_by: str
    invited_at: AwareDatetime
    told_at: AwareDatetime
    expires_at: AwareDatetime


class NewStaffInvitation(Body):
    """`token` makes the link that the operator may hand over himself while no mail server is set."""

    invitation: Invitation
    token: str


class InvitationRows(Body):
    """GET /invitations?role=customer|staff&customer_number=&q=&state=&page=&size=, for operators.

    Newest first; clerks may ask for those of customers. `state=open` has those awaiting confirmation, too.
    """

    rows: tuple[Invitation, ...]
    total: int


class ResendInvitation(Body):
    """POST /invitations/{invitation_id}/resend, by staff: a new link, a new term; older links end.

    Answers with the Invitation; 409 for one that is accepted or cancelled. Invitations of staff exist for
    operators only; with a `customer_number` those of this customer alone.
    """

    customer_number: str = ""


class CancelInvitation(Body):
    """POST /invitations/{invitation_id}/cancel, by staff: its links are dead.

    Answers with the Invitation; 409 once accepted. `customer_number` as above.
    """

    customer_number: str = ""


class FindInvitation(Body):
    """POST /invitations/find answers with OpenInvitation, or 404 when the link is over."""

    token: str


class OpenInvitation(Body):
    """What the page of registration shows. `minimum_length` of a password; `invited_by` may be empty.

    `awaiting_email` is the address that waits for its confirmation; registering again replaces it.
    """

    role: Role
    customer_name: str
    name: str
    email: str
    locale: str
    expires_at: AwareDatetime
    minimum_length: int
    invited_by: str = ""
    awaiting_email: str = ""


class AcceptInvitation(Body):
    """POST /invitations/accept answers with Accepted.

    422 for a field that is not good, 409 (EmailTakenError) for an address that has an account, 404 when
    the link is over, 403 (TooManyAttemptsError) where a great many mails would go to other addresses. With
    the invited address the account exists at once; another is confirmed by mail first.
    """

    token: str
    name: str
    email: str
    password: str
    locale: str


class Accepted(Body):
    """`session` is None while `email` waits for its confirmation."""

    email: str
    session: Session | None


class CreateFirstOperator(Body):
    """POST /operators/first with the token of the one-time link; answers with Session."""

    token: str
    name: str
    email: str
    password: str
    locale: str = "de"


class FindSetup(Body):
    """POST /operators/first/find: 204 while the token is good, 404 otherwise."""

    token: str


# Addresses and passwords


class FindConfirmation(Body):
    """POST /confirmations/find answers with OpenConfirmation, or 404 when the link is over."""

    token: str


class OpenConfirmation(Body):
    """Of a registration also who registered, and for which customer: a stranger sees that he is not meant."""

    purpose: Literal["registration", "change"]
    email: str
    name: str = ""
    customer_name: str = ""


class ConfirmEmail(Body):
    """POST /confirmations/accept answers with Session: the person is logged in.

    404 when the link is over, 409 (EmailTakenError) when the address has got an account meanwhile.

    A mistyped address is a stranger's mailbox, and some people enter one that is not theirs on purpose. So
    a registration is confirmed with the `password` chosen at it: 403 (WrongChosenPasswordError,
    TooManyAttemptsError) otherwise. Another address of an account is confirmed by its owner alone (403):
    `account_id` is who is logged in where the link was opened.
    """

    token: str
    password: str = ""
    account_id: UUID | None = None


class RequestPasswordReset(Body):
    """POST /password-resets: 204, whether the address is known or not; 403 (TooManyAttemptsError)."""

    email: str
    network_address: str


class FindPasswordReset(Body):
    """POST /password-resets/find answers with OpenPasswordReset, or 404 when the link is over."""

    token: str


class OpenPasswordReset(Body):
    email: str
    minimum_length: int


class ResetPassword(Body):
    """POST /password-resets/accept: 204. All sessions of the person end. 422 as for every new password.

    404 when the link is over. From `network_address` the person may log in at once, whatever failed before.
    """

    token: str
    password: str
    network_address: str = ""


class ChangePassword(Body):
    """POST /accounts/me/password, by a person: 204. All other sessions end; `token` is the one that stays.

    403 (WrongCredentialsError, TooManyAttemptsError) for the present password, 422 for the new one.
    """

    present_password: str
    new_password: str
    token: str
    network_address: str


class ChangeEmail(Body):
    """POST /accounts/me/email, by a person: 204, and a mail to the new address with a link to confirm.

    403 (WrongCredentialsError, TooManyAttemptsError), 422 (EmailUnchangedError for the present address).
    Whether the address has an account already is told to nobody: then the mail says so (EmailChangeRefused).
    """

    password: str
    email: str
    network_address: str


class ChangeProfile(Body):
    """POST /accounts/me/profile, by a person: 204."""

    name: str
    locale: str


# Settings


class PasswordRule(Body):
    """GET /settings/password, by everybody and by the system; POST, by an operator: 204. From 6 to 64."""

    minimum_length: int
