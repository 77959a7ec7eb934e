"""Caught mails: a file each, and what can be read in it. Neither SMTP nor pages."""

import base64
import email
import email.policy
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import Envelope


class MailNotFoundError(Exception):
    """There is no mail with this id."""


@dataclass(frozen=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class CaughtMail:
    """`recipients` are those of the envelope, so hidden copies too."""

    mail_id: str
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", ""))

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        """With its own pictures inside (cid: becomes data:), so that it needs nothing from outside."""
        pictures = {
            str(part["Content-ID"]).strip("<> "): _data_url(part)
            for part in self.message.walk()
            if part["Content-ID"] and part.get_content_maintype() == "image"
        }
        return re.sub(
            r"cid:([^\"'\s)>]+)", lambda match: pictures.get(match[1], match[0]), self._body("html")
        )

    @property
    def attachments(self) -> list[Attachment]:
        return [
            Attachment(part.get_filename("attachment"), part.get_content_type(), _content(part))
            for part in self.message.iter_attachments()
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.mail_id,
            "received_at": self.received_at.isoformat(),
            "sender": self.sender,
            "recipients": list(self.recipients),
            "headers": {name: str(value) for name, value in self.message.items()},
            "subject": self.subject,
            "text": self.text,
            "html": self._body("html"),
            "attachments": [
                {
                    "name": attachment.name,
                    "media_type": attachment.media_type,
                    "size": len(attachment.content),
                    "path": f"/mails/{self.mail_id}/attachments/{number}",
                }
                for number, attachment in enumerate(self.attachments)
            ],
        }

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


class MailFolder:
    """A file per mail: the envelope as two headers on top, then the mail as it came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, envelope: Envelope) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        received_at = datetime.now(UTC)
        mail_id = f"{received_at:%Y%m%dT%H%M%S-%f}-{secrets.token_hex(2)}"
        head = (
            f"X-Envelope-From: {envelope.mail_from}\r\n"
            f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
            f"X-Received-At: {format_datetime(received_at)}\r\n"
        )
        unfinished = self._folder / f"{mail_id}.unfinished"
        unfinished.write_bytes(head.encode() + (envelope.original_content or b""))
        unfinished.rename(self._folder / f"{mail_id}.eml")

    def list_mails(self) -> list[CaughtMail]:
        """The newest first."""
        return [_read(file) for file in sorted(self._folder.glob("*.eml"), reverse=True)]

    def file(self, mail_id: str) -> Path:
        file = self._folder / f"{mail_id}.eml"
        # The id comes from an address: it names a file here and nowhere else.
        if not re.fullmatch(r"[0-9A-Za-z-]+", mail_id) or not file.is_file():
            raise MailNotFoundError(mail_id)
        return file

    def get(self, mail_id: str) -> CaughtMail:
        return _read(self.file(mail_id))


@lru_cache(maxsize=512)
def _read(file: Path) -> CaughtMail:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    recipients = str(message["X-Envelope-To"]).split(", ")
    received_at = parsedate_to_datetime(str(message["X-Received-At"]))
    sender = str(message["X-Envelope-From"])
    return CaughtMail(file.stem, received_at, sender, tuple(recipients), message)


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else part.as_bytes()


def _data_url(part: EmailMessage) -> str:
    return f"data:{part.get_content_type()};base64,{base64.b64encode(_content(part)).decode()}"
