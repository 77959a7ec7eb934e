"""Bodies of the internal HTTP of auth."""

from uuid import UUID

from pydantic import AwareDatetime

from shared.api.base import Body
from shared.events.auth import Role


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
    expires_at: AwareDatetime


class FindSession(Body):
    """POST /sessions/find answers with Account, or 404 when the session is over."""

    token: str


class EndSession(Body):
    """POST /sessions/end; a token that is not known is no error."""

    token: str


class CreateAccount(Body):
    """POST /accounts, by an operator or the system. The same account again changes nothing."""

    role: Role
    name: str
    email: str
    password: str
    locale: str = "de"
    customer_number: str = ""
    contact_id: str = ""
    clerk_code: str = ""
    may_approve: bool = False


class CreateFirstOperator(Body):
    """POST /operators/first with the token of the one-time link; answers with Session."""

    token: str
    name: str
    email: str
    password: str
    locale: str = "de"


class FindSetup(Body):
    """POST /operators/first/find: 204 while the token is good, 404 otherwise. Changes nothing."""

    token: str
