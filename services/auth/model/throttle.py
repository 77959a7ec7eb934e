"""The throttle as rules: what is counted under which key, and how long one waits."""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.auth.model.accounts import email_key
from shared.errors import ForbiddenError


class TooManyAttemptsError(ForbiddenError):
    """Wait. `fields` has `retry_at` (ISO, UTC) and `retry_after_seconds`."""

    def __init__(self, retry_at: datetime, now: datetime) -> None:
        seconds = max(1, round((retry_at - now).total_seconds()))
        super().__init__(
            f"Too many attempts. Please try again in {seconds} seconds.",
            fields={"retry_at": retry_at.isoformat(), "retry_after_seconds": str(seconds)},
        )
        self.retry_at = retry_at


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
# Mails that strangers can have sent to somebody: at most four in an hour; and all that one network wishes.
MAIL_TO_ADDRESS = ThrottleRule(free=3, first=timedelta(minutes=20), longest=timedelta(hours=1))
MAIL_FROM_SOURCE = ThrottleRule(free=15, first=timedelta(seconds=15), longest=timedelta(minutes=15))
# The password of a registration at the link that confirms its address, which may lie in a stranger's mailbox.
AT_CONFIRMATION = AT_ACCOUNT_FROM_NETWORK
# Choosing a password costs the house time, whoever may do it; nobody needs so many tries.
NEW_PASSWORD = ThrottleRule(free=20, first=timedelta(seconds=15), longest=timedelta(minutes=15))
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
    is_at_home: bool = False
    """From a network where this person is known: what strangers do elsewhere makes nobody wait there."""

    @classmethod
    def of(cls, email: str, network_address: str, secret: bytes) -> "AttemptKeys":
        account, network = email_key(email), network_of(network_address)
        return cls(
            _key(secret, "both", account, network),
            _key(secret, "network", network),
            _key(secret, "account", account),
        )

    @property
    def rules(self) -> dict[str, ThrottleRule]:
        """The rule of each counter that counts, by its key."""
        rules = {self.at_account_from_network: AT_ACCOUNT_FROM_NETWORK, self.from_network: FROM_NETWORK}
        if not self.is_at_home:
            rules[self.at_account] = AT_ACCOUNT
        return rules


@dataclass(frozen=True)
class MailKeys:
    """What the wish for a mail to somebody is counted under, as keyed hashes."""

    to_address: str
    from_source: str

    @classmethod
    def of(cls, email: str, source: str, secret: bytes) -> "MailKeys":
        """`source` is the network of a stranger, or what else stands for whoever wishes."""
        return cls(_key(secret, "mail to", email_key(email)), _key(secret, "mail from", source))


def new_password_key(chooser_id: UUID, secret: bytes) -> str:
    """What the choices of a password are counted under, of an account or of an invitation."""
    return _key(secret, "new password", str(chooser_id))


def confirmation_key(token: str, secret: bytes) -> str:
    """What the tries at the password of a registration are counted under, of one link."""
    return _key(secret, "confirmation", token)


def _key(secret: bytes, kind: str, *parts: str) -> str:
    text = "\n".join(("throttle", kind, *parts))
    return f"{kind}:{hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()}"


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


def network_prefix(address: str) -> str:
    """For a log: enough to tell a visitor's network from the proxy's, too little to tell who it was."""
    network = network_of(address)
    if network == "unknown":
        return network
    base = ipaddress.ip_network(network).network_address
    return str(ipaddress.ip_network((base, 24 if base.version == 4 else 48), strict=False))
