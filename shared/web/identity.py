"""Who is asking: signed by the gateway, the same for some seconds, believed by the services for 30."""

import base64
import hmac
import time
from functools import lru_cache
from typing import Literal
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.errors import ForbiddenError, UnauthenticatedError

HEADER = "X-Cockpit-Identity"
VALID_SECONDS = 30

Role = Literal["customer", "clerk", "operator", "system"]


class Identity(BaseModel):
    """A person, or the system itself. `customer_number` for customers, `clerk_code` for clerks.

    `viewed_by` names the person of the dealer who looks at what a customer sees: a reader without an account,
    who has seen nothing for the customer and changes nothing.
    """

    model_config = ConfigDict(frozen=True)

    role: Role
    account_id: UUID | None = None
    name: str = ""
    email: str = ""
    locale: str = "de"
    customer_number: str = ""
    clerk_code: str = ""
    may_approve: bool = False
    viewed_by: str = ""


class _Signed(BaseModel):
    identity: Identity
    expires_at: float


SYSTEM = Identity(role="system", name="Partner-Cockpit")
_REQUEST_KEY: web.RequestKey[Identity] = web.RequestKey("identity", Identity)


def sign(identity: Identity, secret: bytes, *, now: float | None = None) -> str:
    """The value of the header; good for VALID_SECONDS."""
    signed = _Signed(identity=identity, expires_at=(now or time.time()) + VALID_SECONDS)
    body = base64.urlsafe_b64encode(signed.model_dump_json().encode()).decode()
    return f"{body}.{_mac(body, secret)}"


def verify(header: str, secret: bytes, *, now: float | None = None) -> Identity:
    """The identity in the header; raises UnauthenticatedError when it is forged, malformed or too old."""
    signed = _read(header, secret)
    if signed.expires_at < (now or time.time()):
        raise UnauthenticatedError("The identity has expired.")
    return signed.identity


@lru_cache(maxsize=1024)
def _read(header: str, secret: bytes) -> _Signed:
    """Kept, because one signature comes with many requests; what is refused is not."""
    body, _, mac = header.partition(".")
    if not hmac.compare_digest(mac.encode(), _mac(body, secret).encode()):
        raise UnauthenticatedError("The identity is missing or not signed by the gateway.")
    try:
        return _Signed.model_validate_json(base64.urlsafe_b64decode(body))
    except (ValueError, ValidationError) as error:
        raise UnauthenticatedError("The identity cannot be read.") from error


def _mac(body: str, secret: bytes) -> str:
    return hmac.digest(secret, b"identity:" + body.encode(), "sha256").hex()


def attach(request: web.BaseRequest, verified: Identity) -> None:
    request[_REQUEST_KEY] = verified


def identity(request: web.Request) -> Identity:
    """Who is asking; a service's middleware has verified it."""
    return request[_REQUEST_KEY]


def require(request: web.Request, *roles: Role) -> Identity:
    """The identity, if it has one of the roles; raises ForbiddenError."""
    who = identity(request)
    if who.role not in roles:
        raise ForbiddenError("You may not do this.")
    return who
