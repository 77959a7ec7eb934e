"""Puts a mail together at the last moment: its files from the storage, its link's token out of the seal."""

import base64

import structlog

from services.mailer.delivery import Envelope, put_in_envelope, write_draft
from services.mailer.model.mails import Content, Mail
from services.mailer.model.recipients import Mailbox
from shared.errors import NotFoundError
from shared.sealing import Seal
from shared.storage import FolderStorage

_log = structlog.get_logger()


class Packing:
    """`portal` is the mailbox of the portal itself, as it is when the mail goes out."""

    def __init__(self, storage: FolderStorage, seal: Seal) -> None:
        self._storage = storage
        self._seal = seal

    async def envelope(self, mail: Mail, *, portal: Mailbox) -> Envelope:
        """Raises UndeliverableError and UnsealableError; without an attachment NotFoundError or OSError."""
        return put_in_envelope(mail, await self._read_files(mail), portal=portal, token=self._token(mail))

    async def draft(self, mail: Mail, *, portal: Mailbox) -> bytes:
        """An .eml; raises as envelope does."""
        return write_draft(mail, await self._read_files(mail), portal=portal, token=self._token(mail))

    async def page(self, content: Content) -> str:
        """The HTML with its pictures inside, for a browser; a missing one stays its alternative text."""
        html = content.body_html
        for picture in content.pictures:
            try:
                data = base64.b64encode(await self._storage.read(picture.sha256)).decode()
            except (NotFoundError, OSError):
                continue
            html = html.replace(f"cid:{picture.content_id}", f"data:{picture.media_type};base64,{data}")
        return html

    def _token(self, mail: Mail) -> str:
        return self._seal.open(mail.link.token) if mail.link else ""

    async def _read_files(self, mail: Mail) -> dict[str, bytes]:
        """Attachments must be there; a mail without its pictures is better than none."""
        files = {one.sha256: await self._storage.read(one.sha256) for one in mail.content.attachments}
        for picture in mail.content.pictures:
            try:
                files[picture.sha256] = await self._storage.read(picture.sha256)
            except (NotFoundError, OSError):
                _log.warning("mail_picture_missing", mail_id=str(mail.mail_id), sha256=picture.sha256)
        return files
