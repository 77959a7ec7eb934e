"""Accounts, sessions and the throttle as rules. No passwords here (passwords.py), no input or output."""

import hashlib
import hmac
import ipaddress
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.events.auth import Role

# One @, no spaces or control characters, a dot in the domain; whether it exists only a mail can tell.
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>\",;:]+@[^@\s\x00-\x1f\x7f<>\",;:]+\.[^@\s\x00-\x1f\x7f<>\",;:.]+")
EMAIL_LENGTH = 254
_COMPARED_LENGTH = 4 * EMAIL_LENGTH  # normalising takes time with the square of the length
# An idle time that is prolonged at every request would write at every request.
PROLONG_EVERY = timedelta(minutes=1)


class WrongCredentialsError(ForbiddenError):
    """Address and password do not belong together, or the account is gone: nobody is told which."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is not right.")


class TooManyAttemptsError(ForbiddenError):
    """Wait. `fields` has `retry_at` (ISO, UTC) and `retry_after_seconds`."""

    def __init__(self, retry_at: datetime, now: datetime) -> None:
        seconds = max(1, round((retry_at - now).total_seconds()))
        super().__init__(
            f"Too many attempts. Please try again in {seconds} seconds.",
            fields={"retry_at": retry_at.isoformat(), "retry_after_seconds": str(seconds)},
        )
        self.retry_at = retry_at


class EmailTakenError(ConflictError):
    """Another account has this address."""

    def __init__(self) -> None:
        super().__init__(
            "Another account has this e-mail address.", fields={"email": "Another account has this address."}
        )


class SessionOverError(NotFoundError):
    """There is no such session, or it has ended."""

    def __init__(self) -> None:
        super().__init__("This session is over.")


class SetupOverError(NotFoundError):
    """The link is not good: used, expired, unknown, or there is an operator already."""

    def __init__(self) -> None:
        super().__init__("This link is no longer valid.")


@dataclass(frozen=True)
class Account:
    account_id: UUID
    role: Role
    name: str
    email: str
    locale: str
    customer_number: str
    contact_id: str
    clerk_code: str
    may_approve: bool
    revision: int = 1

    def is_same_access(self, other: "Account") -> bool:
        """Whether both open the same door, whatever the names."""
        return (self.role, self.customer_number, self.clerk_code) == (
            other.role,
            other.customer_number,
            other.clerk_code,
        )


def check_account(account: Account) -> None:
    """Raises InvalidError with every field that is at fault."""
    faults: dict[str, str] = {}
    if not account.name:
        faults["name"] = "Please enter a name."
    elif len(account.name) > 200 or not account.name.isprintable():
        faults["name"] = "Please enter a name of at most 200 printable characters."
    if len(account.email) > EMAIL_LENGTH or not _EMAIL.fullmatch(account.email):
        faults["email"] = "Please enter an e-mail address such as name@example.com."
    if account.locale not in ("de", "en"):
        faults["locale"] = "Only de and en are spoken here."
    if (account.role == "customer") != bool(account.customer_number):
        faults["customer_number"] = "A customer has a customer number, nobody else."
    if account.role == "clerk" and not account.clerk_code:
        faults["clerk_code"] = "A clerk has a short code."
    if faults:
        raise InvalidError("Some of the details are missing or not as expected.", fields=faults)


def email_key(email: str) -> str:
    """The address as it is compared: without case, and without different ways to write one letter."""
    return unicodedata.normalize("NFKC", email.strip()[:_COMPARED_LENGTH]).casefold()


def own_words(account: Account, company_name: str) -> tuple[str, ...]:
    """Words a stranger would try first: the person's name and address, and the company."""
    email = account.email.partition("@")
    parts = " ".join(
        (account.name, email[0], email[2].rpartition(".")[0], company_name, account.customer_number)
    )
    return tuple(word for word in re.split(r"[^\w]+|_", parts.casefold()) if len(word) >= 3)


# Sessions


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


# The throttle


@dataclass(frozen=True)
class ThrottleRule:
    """After `free` failures each further one costs a wait that doubles from `first` up to `longest`."""

    free: int
    first: timedelta
    longest: timedelta

    def wait_after(self, failures: int) -> timedelta | None:
        if failures < self.free:
            return None
        doubled: int = 2 ** min(failures - self.free, 20)
        return min(self.first * doubled, self.longest)


# A person who mistypes; a house full of people behind one address; all strangers together at one account.
# The last one stays short: it is all that keeps an owner waiting who is somewhere new.
AT_ACCOUNT_FROM_NETWORK = ThrottleRule(free=5, first=timedelta(seconds=15), longest=timedelta(minutes=15))
FROM_NETWORK = ThrottleRule(free=40, first=timedelta(seconds=15), longest=timedelta(minutes=15))
AT_ACCOUNT = ThrottleRule(free=20, first=timedelta(seconds=5), longest=timedelta(minutes=1))
FORGET_AFTER = timedelta(hours=1)
KNOW_NETWORK_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Throttle:
    key: str
    failures: int = 0
    last_failed_at: datetime | None = None
    blocked_until: datetime | None = None

    def attempt(self, rule: ThrottleRule, *, now: datetime) -> "Throttle":
        """Count an attempt as failed until it is proven right; raises TooManyAttemptsError while it waits.

        What is refused here is not counted, so knocking in vain makes nobody wait longer.
        """
        if self.blocked_until and now < self.blocked_until:
            raise TooManyAttemptsError(self.blocked_until, now)
        forgotten = self.last_failed_at is None or now - self.last_failed_at > FORGET_AFTER
        failures = 1 if forgotten else self.failures + 1
        wait = rule.wait_after(failures)
        blocked_until = now + wait if wait else None
        return replace(self, failures=failures, last_failed_at=now, blocked_until=blocked_until)

    def forgive(self) -> "Throttle":
        """The attempt was right after all. Those of others on the same counter stay counted."""
        return replace(self, failures=max(0, self.failures - 1), blocked_until=None)


@dataclass(frozen=True)
class AttemptKeys:
    """What one attempt is counted under, as keyed hashes."""

    at_account_from_network: str
    from_network: str
    at_account: str

    @classmethod
    def of(cls, email: str, network_address: str, secret: bytes) -> "AttemptKeys":
        account, network = email_key(email), network_of(network_address)

        def key(kind: str, *parts: str) -> str:
            text = "\n".join(("throttle", kind, *parts))
            return f"{kind}:{hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()}"

        return cls(key("both", account, network), key("network", network), key("account", account))


def network_of(address: str) -> str:
    """The address itself, or for IPv6 the /64 of one household or office; "unknown" for anything else."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
