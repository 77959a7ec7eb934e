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

import aiosmtplib
import idna

from services.mailer.model.mails import TOKEN_PLACE, Content, Mail, Outcome
from services.mailer.model.recipients import Mailbox, one_line
from services.mailer.model.settings import SmtpServer

STEP_SECONDS = 30.0
# Servers end a connection after so many mails; better at a moment of our own choice.
MAILS_PER_CONNECTION = 50
# What is told to whoever should have encrypted or logged in first, or better (RFC 3207, RFC 4954).
NOT_LET_IN = (530, 534, 535, 538)
_ANSWER_LENGTH = 500
_NAME_LENGTH = 60
_SIGNS_OF_ADDRESSES = re.compile(r'["(),:;<>@\[\]\\]')
_ADDRESS_IN_TEXT = re.compile(r"[^\s@<>]+@(?=[^\s@<>]+)")


class UndeliverableError(Exception):
    """No server can take this mail as it is."""


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
    message = write_message(mail, files, portal=portal, token=token)
    sender, recipient = wire_address(portal.address), wire_address(mail.recipient)
    if shown_sender(mail, portal).domain != portal.domain:
        message["Sender"] = _header_address(portal)
    if not mail.clerk_code:
        message["Auto-Submitted"] = "auto-generated"  # no answers of absent people
    addresses = (recipient, sender, *(wire_address(shown.address) for shown in _shown(mail, portal)))
    is_international = not all(address.isascii() for address in addresses)
    policy = email.policy.SMTPUTF8 if is_international else email.policy.SMTP
    return Envelope(sender, recipient, message.as_bytes(policy=policy), is_international)


def write_message(
    mail: Mail, files: Mapping[str, bytes], *, portal: Mailbox, token: str = ""
) -> EmailMessage:
    """What a reader gets. Raises UndeliverableError for an address that is none."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = one_line(mail.content.subject)
    message["From"] = _header_address(shown_sender(mail, portal))
    message["To"] = [_header_address(mailbox) for mailbox in mail.shown_to]
    if mail.reply_to and _can_be_answered(mail.reply_to):
        message["Reply-To"] = _header_address(mail.reply_to)
    message["Date"] = format_datetime(mail.queued_at)
    domain = mail.message_domain or wire_address(portal.address).rpartition("@")[2]
    message["Message-ID"] = f"<{mail.mail_id}@{domain}>"
    _fill(message, _with_token(mail.content, token), files)
    return message


def write_draft(mail: Mail, files: Mapping[str, bytes], *, portal: Mailbox, token: str = "") -> bytes:
    """An .eml that a mail program opens ready to be sent; date and Message-ID are the program's own."""
    message = write_message(mail, files, portal=portal, token=token)
    for name in ("Date", "Message-ID", "Reply-To"):
        del message[name]
    message["X-Unsent"] = "1"
    is_international = not all(shown.address.isascii() for shown in _shown(mail, portal))
    return message.as_bytes(policy=email.policy.SMTPUTF8 if is_international else email.policy.SMTP)


def shown_sender(mail: Mail, portal: Mailbox) -> Mailbox:
    """Whose mail it is; where no address was written down, it is the portal's as it is now."""
    return mail.shown_from if mail.shown_from.address else Mailbox(mail.shown_from.name, portal.address)


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


def _shown(mail: Mail, portal: Mailbox) -> tuple[Mailbox, ...]:
    return (shown_sender(mail, portal), *mail.shown_to)


def _header_address(mailbox: Mailbox) -> Address:
    local, _, domain = wire_address(mailbox.address).rpartition("@")
    return Address(_header_name(mailbox.name), local, domain)


def _header_name(name: str) -> str:
    """Without signs that need quotes: Python loses these where it folds a long line, and then a name's comma
    would begin another address."""
    return " ".join(_SIGNS_OF_ADDRESSES.sub(" ", one_line(name)).split())[:_NAME_LENGTH].strip()


def _can_be_answered(mailbox: Mailbox) -> bool:
    """A person's own address, which nobody has checked, holds up no mail to somebody else."""
    try:
        return wire_address(mailbox.address).isascii()
    except UndeliverableError:
        return False


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


def trusted_certificates(ca_file: Path | None) -> ssl.SSLContext:
    """The system's, and those of the dealer's own authority."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


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
        self.server = server
        self._own_domain = own_domain
        self._seconds = seconds
        self._tls = trusted_certificates(ca_file)
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
        server = self.server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            local_hostname=self._own_domain,
            timeout=min(STEP_SECONDS, self._seconds),
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=None if server.security == "none" else self._tls,
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
    return Answer("accepted", without_addresses(text))


def _refusal(code: int, message: str) -> Answer:
    """For good where it is about this mail; who is not let in must change settings, and the mail waits."""
    is_final = code >= 500 and code not in NOT_LET_IN
    return Answer("refused" if is_final else "postponed", without_addresses(f"{code} {message}"))


def _describe(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return without_addresses(f"{error.code} {error.message}")
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    # The library names the server and keeps the reason (a certificate, a refused connection) behind it.
    reason = error.__cause__ or error
    return without_addresses(f"{type(reason).__name__}: {reason}")


def without_addresses(text: str) -> str:
    return _ADDRESS_IN_TEXT.sub("…@", one_line(text))[:_ANSWER_LENGTH]
