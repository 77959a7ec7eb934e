"""The way to the SMTP server: what a mail looks like on the wire, and what the server's answer means."""

import asyncio
import email.policy
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

import aiosmtplib
import idna

from services.mailer.model.mails import TOKEN_PLACE, Content, Mail, Outcome
from services.mailer.model.recipients import Mailbox, one_line

Security = Literal["plain", "starttls", "tls"]
_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("plain", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}
STEP_SECONDS = 30.0
# Servers end a connection after so many mails; better at a moment of our own choice.
MAILS_PER_CONNECTION = 50
_ANSWER_LENGTH = 500
_ADDRESS_IN_TEXT = re.compile(r"[^\s@<>]+@(?=[^\s@<>]+)")


class UndeliverableError(Exception):
    """No server can take this mail as it is."""


@dataclass(frozen=True)
class SmtpServer:
    host: str
    port: int
    security: Security
    username: str = ""
    password: str = ""


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


# The mail on the wire


@dataclass(frozen=True)
class Envelope:
    """What goes to the server. `is_international`: an address needs the server's SMTPUTF8."""

    sender: str
    recipient: str
    message: bytes
    is_international: bool


def put_in_envelope(mail: Mail, files: Mapping[str, bytes], *, portal: Mailbox, token: str = "") -> Envelope:
    """The mail with its files (by SHA-256); the same row always gives the same Message-ID and date.

    `token` is that of the mail's one-time link. Raises UndeliverableError for an address that is none.
    Bounces go to the portal's own address.
    """
    message = EmailMessage(policy=email.policy.SMTP)
    sender, recipient = wire_address(portal.address), wire_address(mail.recipient)
    message["Subject"] = one_line(mail.content.subject)
    message["From"] = _header_address(mail.shown_from)
    if mail.shown_from.domain != portal.domain:
        message["Sender"] = _header_address(portal)
    message["To"] = [_header_address(mailbox) for mailbox in mail.shown_to]
    if mail.reply_to:
        message["Reply-To"] = _header_address(mail.reply_to)
    message["Date"] = format_datetime(mail.queued_at)
    message["Message-ID"] = f"<{mail.mail_id}@{sender.rpartition('@')[2]}>"
    if mail.shown_from == portal:
        message["Auto-Submitted"] = "auto-generated"  # no answers of absent people
    _fill(message, _with_token(mail.content, token), files)
    addresses = (recipient, sender, *(wire_address(shown.address) for shown in _shown(mail)))
    is_international = not all(address.isascii() for address in addresses)
    policy = email.policy.SMTPUTF8 if is_international else email.policy.SMTP
    return Envelope(sender, recipient, message.as_bytes(policy=policy), is_international)


def _with_token(content: Content, token: str) -> Content:
    if not token:
        return content
    return replace(
        content,
        body_text=content.body_text.replace(TOKEN_PLACE, token),
        body_html=content.body_html.replace(TOKEN_PLACE, token),
    )


def _fill(message: EmailMessage, content: Content, files: Mapping[str, bytes]) -> None:
    message.set_content(content.body_text, cte="quoted-printable")
    message.add_alternative(content.body_html, subtype="html", cte="quoted-printable")
    html = message.get_payload(1)
    assert isinstance(html, EmailMessage)
    for picture in content.pictures:
        if picture.sha256 in files:  # else its alternative text is shown: better than no mail
            main, _, sub = picture.media_type.partition("/")
            html.add_related(
                files[picture.sha256],
                main,
                sub,
                cid=f"<{picture.content_id}>",
                disposition="inline",
                filename=f"{picture.content_id}.{'jpg' if sub == 'jpeg' else sub}",
            )
    for attachment in content.attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(files[attachment.sha256], main, sub, filename=one_line(attachment.name))


def _shown(mail: Mail) -> tuple[Mailbox, ...]:
    return (mail.shown_from, *mail.shown_to, *([mail.reply_to] if mail.reply_to else []))


def _header_address(mailbox: Mailbox) -> Address:
    local, _, domain = wire_address(mailbox.address).rpartition("@")
    return Address(one_line(mailbox.name), local, domain)


def wire_address(address: str) -> str:
    """The address with its domain as the DNS knows it (müller.de → xn--mller-kva.de)."""
    address = address.strip()
    if not Mailbox("", address).is_deliverable:
        raise UndeliverableError("This is no e-mail address.")
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError as error:
        raise UndeliverableError("The domain of this e-mail address cannot exist.") from error


# The conversation


@dataclass(frozen=True)
class Answer:
    """What became of one attempt. `text` has no whole addresses: it is logged and shown."""

    outcome: Outcome
    text: str


class SmtpConnection:
    """One connection, kept while there is one mail after the other. Not for two mails at a time."""

    def __init__(
        self, server: SmtpServer, *, own_domain: str, ca_file: Path | None = None, seconds: float
    ) -> None:
        """`seconds` limits one mail from connecting to the server's answer."""
        self._server = server
        self._own_domain = own_domain
        self._seconds = seconds
        self._tls = ssl.create_default_context()
        if ca_file:
            self._tls.load_verify_locations(ca_file)
        self._client: aiosmtplib.SMTP | None = None
        self._mails = 0

    async def send(self, envelope: Envelope) -> Answer:
        """Never raises for what servers and networks do. After anything odd the next mail connects afresh."""
        try:
            async with asyncio.timeout(self._seconds):
                client = await self._connected()
                answer = await _send(client, envelope)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            # Whoever is not reached or does not let us in says nothing about this mail: it waits.
            self._drop()
            return Answer("postponed", _describe(error))
        self._mails += 1
        if self._mails >= MAILS_PER_CONNECTION:
            await self.close()
        return answer

    async def close(self) -> None:
        """Part politely."""
        client = self._client
        if client is None:
            return
        try:
            async with asyncio.timeout(5):
                await client.quit()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            pass  # it is gone either way
        finally:
            self._drop()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            local_hostname=self._own_domain,
            timeout=min(STEP_SECONDS, self._seconds),
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=None if server.security == "plain" else self._tls,
        )
        self._client, self._mails = client, 0
        await client.connect()
        return client

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


async def _send(client: aiosmtplib.SMTP, envelope: Envelope) -> Answer:
    """What the server said to this very mail: 2xx, 4xx or 5xx. Everything else is raised."""
    options = ["SMTPUTF8", "BODY=8BITMIME"] if envelope.is_international else []
    try:
        _, text = await client.sendmail(
            envelope.sender, [envelope.recipient], envelope.message, mail_options=options
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        refused = error.recipients[0]
        return _refusal(refused.code, refused.message)
    except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
        return _refusal(error.code, error.message)
    except aiosmtplib.SMTPNotSupported:
        return Answer("refused", "The mail server cannot send to addresses with letters such as ä.")
    return Answer("accepted", _without_addresses(text))


def _refusal(code: int, message: str) -> Answer:
    return Answer("refused" if code >= 500 else "postponed", _without_addresses(f"{code} {message}"))


def _describe(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _without_addresses(f"{error.code} {error.message}")
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    # The library names the server and keeps the reason (a certificate, a refused connection) behind it.
    reason = error.__cause__ or error
    return _without_addresses(f"{type(reason).__name__}: {reason}")


def _without_addresses(text: str) -> str:
    return _ADDRESS_IN_TEXT.sub("…@", one_line(text))[:_ANSWER_LENGTH]
