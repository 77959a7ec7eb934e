"""How mails leave: the server, the portal's own address, and what the operator decides about them."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from services.mailer.model.recipients import Mailbox
from shared.api.mailer import Security, Way
from shared.errors import InvalidError

_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}
LONGEST_DELAY = timedelta(hours=1)


@dataclass(frozen=True)
class SmtpServer:
    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)

    def is_same_login(self, other: "SmtpServer") -> bool:
        """A password that is kept may only go to whom it was given for."""
        return (self.host, self.port, self.security, self.username) == (
            other.host,
            other.port,
            other.security,
            other.username,
        )


def parse_smtp_url(url: str) -> SmtpServer:
    """smtp://, smtps:// or smtp+starttls://[user:password@]host[:port]; the ValueError shows no password."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ValueError("SMTP_URL must look like smtp+starttls://user:password@mail.example.de:587")
    security, port = _SCHEMES[parts.scheme]
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or port,
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


@dataclass(frozen=True)
class MailSettings:
    """`sender` is the portal's own address, to which bounces come back; `fallback` gets the mails of clerks
    without an address. `way` is how a clerk's own mails leave: by SMTP, or as drafts for his Outlook.
    `changed_at` is None while the environment's values hold. `password_is_lost`: it was sealed with another
    secret and must be entered again.
    """

    server: SmtpServer
    sender: str
    fallback: str
    copy_to_clerk: bool
    way: Way
    request_delay: timedelta
    changed_at: datetime | None = None
    changed_by: str = ""
    password_is_lost: bool = False

    @property
    def fallback_address(self) -> str:
        return self.fallback or self.sender


def change_settings(
    before: MailSettings, change: MailSettings, *, password: str | None, now: datetime, by: str
) -> MailSettings:
    """The settings with `change`; without a `password` the one that is known stays.

    Raises InvalidError, whose fields say what is wrong: "missing", "malformed", or "password_again" where
    the server or the user is another one: the password known is not for him.
    """
    faults = _faults(change)
    if password is None and change.server.username:
        if change.server.is_same_login(before.server) and not before.password_is_lost:
            password = before.server.password
        else:
            faults["password"] = "password_again"  # noqa: S105 - a code
    if faults:
        raise InvalidError("These settings cannot work.", fields=faults)
    server = replace(change.server, password=(password or "") if change.server.username else "")
    return replace(change, server=server, changed_at=now, changed_by=by)


def _faults(change: MailSettings) -> dict[str, str]:
    faults: dict[str, str] = {}
    host = change.server.host
    if not host:
        faults["host"] = "missing"
    elif not _is_host(host):
        faults["host"] = "malformed"
    if not 1 <= change.server.port <= 65535:
        faults["port"] = "malformed"
    if not change.sender:
        faults["sender"] = "missing"
    elif not Mailbox("", change.sender).is_deliverable:
        faults["sender"] = "malformed"
    if change.fallback and not Mailbox("", change.fallback).is_deliverable:
        faults["fallback"] = "malformed"
    if not timedelta() <= change.request_delay <= LONGEST_DELAY:
        faults["request_delay_seconds"] = "malformed"
    return faults


def _is_host(host: str) -> bool:
    """Whether the network can be asked for it at all; it would fail loudly otherwise, with every mail."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return len(host) <= 253 and not any(sign.isspace() or sign in "/@?#" for sign in host)
