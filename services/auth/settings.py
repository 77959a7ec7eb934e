"""What auth reads from the environment."""

from datetime import timedelta

from pydantic import Field

from services.auth.links import Terms
from services.auth.model.accounts import PASSWORD_CEILING, PASSWORD_FLOOR
from services.auth.model.sessions import SessionLifetime
from shared.events.auth import Role
from shared.settings import ServiceSettings


class AuthSettings(ServiceSettings):
    public_url: str
    """Where people reach the portal; the link for the first operator begins with it."""
    company_name: str = ""
    """The dealer's name: no good password is made of it."""
    password_minimum_length: int = Field(default=PASSWORD_FLOOR, ge=PASSWORD_FLOOR, le=PASSWORD_CEILING)
    """Until the operator sets another one on the page."""
    customer_session_hours: int = Field(default=30 * 24, ge=1)
    customer_idle_hours: int = Field(default=7 * 24, ge=1)
    staff_session_hours: int = Field(default=7 * 24, ge=1)
    staff_idle_hours: int = Field(default=12, ge=1)

    invitation_days: int = Field(default=30, ge=1, le=365)
    """How long the link of an invitation is good."""
    email_confirmation_days: int = Field(default=3, ge=1, le=30)
    """How long the link that confirms an e-mail address is good."""
    password_reset_minutes: int = Field(default=60, ge=5, le=24 * 60)
    """How long the link that resets a password is good."""

    @property
    def terms(self) -> Terms:
        return Terms(
            invitation=timedelta(days=self.invitation_days),
            confirmation=timedelta(days=self.email_confirmation_days),
            reset=timedelta(minutes=self.password_reset_minutes),
        )

    def session_lifetime(self, role: Role) -> SessionLifetime:
        if role == "customer":
            idle, longest = self.customer_idle_hours, self.customer_session_hours
        else:
            idle, longest = self.staff_idle_hours, self.staff_session_hours
        return SessionLifetime(idle=timedelta(hours=idle), longest=timedelta(hours=longest))
