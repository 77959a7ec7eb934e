"""Which customer a clerk is looking at: sealed into a cookie that is good for his own session only."""

import time
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.errors import ForbiddenError
from shared.sealing import Seal, UnsealableError
from shared.web import Identity

VIEW_SECONDS = 2 * 3600
"""A view that was forgotten ends by itself."""
LONGEST_NAME = 200


class ViewOnlyError(ForbiddenError):
    """Who looks at what a customer sees changes nothing, and stays on the customer's pages."""


class View(BaseModel):
    """What the cookie says."""

    model_config = ConfigDict(frozen=True)

    customer_number: str
    customer_name: str


class _Sealed(BaseModel):
    view: View
    ends_at: float


@dataclass(frozen=True)
class Views:
    """Seals and opens; `session_token` binds a view to one session: after the log-out it is worth nothing."""

    secret: bytes

    def close(self, view: View, session_token: str, *, now: float | None = None) -> str:
        sealed = _Sealed(view=view, ends_at=(now or time.time()) + VIEW_SECONDS)
        return self._seal(session_token).close(sealed.model_dump_json())

    def open(self, cookie: str, session_token: str, *, now: float | None = None) -> View | None:
        """None for what is forged, another session's, or over."""
        try:
            sealed = _Sealed.model_validate_json(self._seal(session_token).open(cookie))
        except (UnsealableError, ValidationError):
            return None
        return sealed.view if sealed.ends_at > (now or time.time()) else None

    def _seal(self, session_token: str) -> Seal:
        return Seal(self.secret, f"view:{session_token}")


def identity_of(view: View, staff: Identity) -> Identity:
    """As whom the services are asked: a reader of the customer's, without an account or a right."""
    return Identity(
        role="customer",
        name=staff.name,
        locale=staff.locale,
        customer_number=view.customer_number,
        viewed_by=staff.name or staff.clerk_code or staff.role,
    )
