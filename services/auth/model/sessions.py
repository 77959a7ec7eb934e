"""Sessions and one-time links as rules."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.auth.model.accounts import Account
from shared.errors import ForbiddenError, NotFoundError

# An idle time that is prolonged at every request would write at every request.
PROLONG_EVERY = timedelta(minutes=1)


class WrongCredentialsError(ForbiddenError):
    """Address and password do not belong together, or the account is gone: nobody is told which."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is not right.")


class SessionOverError(NotFoundError):
    """There is no such session, or it has ended."""

    def __init__(self) -> None:
        super().__init__("This session is over.")


class SetupOverError(NotFoundError):
    """The link is not good: used, expired, unknown, or there is an operator already."""

    def __init__(self) -> None:
        super().__init__("This link is no longer valid.")


class LinkOverError(NotFoundError):
    """The link of a mail is not good: used, expired, unknown, or ended by somebody."""

    def __init__(self) -> None:
        super().__init__("This link is no longer valid.")


@dataclass(frozen=True)
class SessionLifetime:
    idle: timedelta
    longest: timedelta


@dataclass(frozen=True)
class Session:
    token_hash: bytes
    account: Account
    started_at: datetime
    idle_until: datetime
    expires_at: datetime

    @classmethod
    def start(cls, token: str, account: Account, lifetime: SessionLifetime, *, now: datetime) -> "Session":
        expires_at = now + lifetime.longest
        return cls(token_hash(token), account, now, min(now + lifetime.idle, expires_at), expires_at)

    def used(self, lifetime: SessionLifetime, *, now: datetime) -> "Session":
        """The session after a request; the same object where nothing is worth writing down."""
        idle_until = min(now + lifetime.idle, self.expires_at)
        return replace(self, idle_until=idle_until) if idle_until - self.idle_until >= PROLONG_EVERY else self


def token_hash(token: str) -> bytes:
    """Tokens have 256 random bits: a plain hash is enough, nobody can try them out."""
    return hashlib.sha256(token.encode()).digest()
