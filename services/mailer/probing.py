"""Tries a mail server step by step, so that the operator hears in plain words what is wrong."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib

from services.mailer.delivery import NOT_LET_IN, Envelope, trusted_certificates, without_addresses
from services.mailer.model.settings import SmtpServer
from shared.api.mailer import TestCode

PROBE_SECONDS = 8.0
"""The page waits for it."""
_EXPIRED = (9, 10)  # not yet valid, expired: X509_V_ERR_CERT_…
_OTHER_NAME = (62, 63, 64)  # X509_V_ERR_…_MISMATCH


_SAYS_ALL: tuple[TestCode, ...] = ("name_not_found", "refused", "timeout", "no_tls_here", "starttls_missing")
"""The network's own words for it would add nothing."""


@dataclass(frozen=True)
class Outcome:
    """`answer` is what the server or the network said, without whole addresses."""

    code: TestCode
    answer: str = ""


class _FoundError(Exception):
    """The step that failed has been recognised."""

    def __init__(self, code: TestCode, error: Exception) -> None:
        super().__init__(code)
        self.outcome = Outcome(code, "" if code in _SAYS_ALL else _what_was_said(error))


async def probe(
    server: SmtpServer,
    envelope: Envelope,
    *,
    own_domain: str,
    ca_file: Path | None,
    seconds: float = PROBE_SECONDS,
) -> Outcome:
    """Really send this mail; never raises for what servers and networks do."""
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=own_domain,
        timeout=seconds,
        use_tls=server.security == "tls",
        start_tls=False,
        tls_context=trusted_certificates(ca_file) if server.security != "none" else None,
    )
    try:
        async with asyncio.timeout(seconds):
            await _connect(client)
            await _encrypt(client, server, ca_file)
            await _log_in(client, server)
            await _send(client, envelope)
    except _FoundError as found:
        return found.outcome
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return Outcome("timeout") if _is_timeout(error) else Outcome("other", _what_was_said(error))
    finally:
        client.close()
    return Outcome("sent")


async def _connect(client: aiosmtplib.SMTP) -> None:
    try:
        await client.connect()
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        raise _FoundError(_why_no_connection(error), error) from error


def _why_no_connection(error: Exception) -> TestCode:  # noqa: PLR0911 - one line for each reason
    reason = _root(error)
    if isinstance(reason, socket.gaierror):
        return "name_not_found"
    if isinstance(reason, ConnectionRefusedError):
        return "refused"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return _why_not_trusted(reason)
    if isinstance(reason, ssl.SSLError):
        return "no_tls_here"
    if _is_timeout(error):
        return "timeout"
    if isinstance(error, aiosmtplib.SMTPServerDisconnected | aiosmtplib.SMTPResponseException) or (
        isinstance(reason, ConnectionResetError)
    ):
        return "no_greeting"
    return "unreachable"


def _why_not_trusted(error: ssl.SSLCertVerificationError) -> TestCode:
    if error.verify_code in _EXPIRED:
        return "certificate_expired"
    return "certificate_other_name" if error.verify_code in _OTHER_NAME else "certificate_untrusted"


async def _encrypt(client: aiosmtplib.SMTP, server: SmtpServer, ca_file: Path | None) -> None:
    await client.ehlo()
    if server.security != "starttls":
        return
    if not client.supports_extension("starttls"):
        raise _FoundError("starttls_missing", aiosmtplib.SMTPException(""))
    try:
        await client.starttls(tls_context=trusted_certificates(ca_file))
        await client.ehlo()
    except (aiosmtplib.SMTPException, OSError) as error:
        reason = _root(error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise _FoundError(_why_not_trusted(reason), error) from error
        raise _FoundError("starttls_failed", error) from error


async def _log_in(client: aiosmtplib.SMTP, server: SmtpServer) -> None:
    if not server.username:
        return
    try:
        await client.login(server.username, server.password)
    except aiosmtplib.SMTPNotSupported as error:
        raise _FoundError("login_not_offered", error) from error
    except aiosmtplib.SMTPResponseException as error:
        code: TestCode = "encryption_required" if error.code == 530 else "login_refused"
        raise _FoundError(code, error) from error
    except aiosmtplib.SMTPException as error:
        raise _FoundError("login_not_offered", error) from error


async def _send(client: aiosmtplib.SMTP, envelope: Envelope) -> None:
    options = ["SMTPUTF8", "BODY=8BITMIME"] if envelope.is_international else []
    try:
        await client.sendmail(envelope.sender, [envelope.recipient], envelope.message, mail_options=options)
    except aiosmtplib.SMTPRecipientsRefused as error:
        refused = error.recipients[0]
        raise _FoundError(_why_refused(refused.code, "recipient_refused"), refused) from error
    except aiosmtplib.SMTPSenderRefused as error:
        raise _FoundError(_why_refused(error.code, "sender_refused"), error) from error
    except aiosmtplib.SMTPDataError as error:
        raise _FoundError("message_refused", error) from error


def _why_refused(code: int, usual: TestCode) -> TestCode:
    return "login_required" if code in NOT_LET_IN else usual


def _is_timeout(error: BaseException) -> bool:
    return isinstance(error, TimeoutError | aiosmtplib.SMTPTimeoutError) or isinstance(
        _root(error), TimeoutError
    )


def _root(error: BaseException) -> BaseException:
    """The library names the server and keeps the reason behind it."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _what_was_said(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return without_addresses(f"{error.code} {error.message}")
    return without_addresses(str(_root(error)))
