"""What auth reads from the environment."""

from datetime import timedelta

from pydantic import Field

from services.auth.model import SessionLifetime
from shared.events.auth import Role
from shared.settings import ServiceSettings

PASSWORD_FLOOR = 6


class AuthSettings(ServiceSettings):
    public_url: str
    """Where people reach the portal; the link for the first operator begins with it."""
    company_name: str = ""
    """The dealer's name: no good password is made of it."""
    password_minimum_length: int = Field(default=PASSWORD_FLOOR, ge=PASSWORD_FLOOR, le=64)
    customer_session_hours: int = Field(default=30 * 24, ge=1)
    customer_idle_hours: int = Field(default=7 * 24, ge=1)
    staff_session_hours: int = Field(default=7 * 24, ge=1)
    staff_idle_hours: int = Field(default=12, ge=1)

    def session_lifetime(self, role: Role) -> SessionLifetime:
        if role == "customer":
            idle, longest = self.customer_idle_hours, self.customer_session_hours
        else:
            idle, longest = self.staff_idle_hours, self.staff_session_hours
        return SessionLifetime(idle=timedelta(hours=idle), longest=timedelta(hours=longest))
