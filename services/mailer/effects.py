"""The two loops of mailer: compose what has waited, deliver what is queued. Transactions open here."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from services.mailer.delivery import Answer, SmtpConnection, UndeliverableError, put_in_envelope
from services.mailer.model.mails import LINK_OVER, Mail
from services.mailer.use_cases import decisions, notices, requests
from services.mailer.use_cases import delivery as use_cases
from services.mailer.use_cases.mail_room import MailRoom
from shared.database import DATABASE_ERRORS, Pool, transaction
from shared.errors import NotFoundError
from shared.sealing import Seal, UnsealableError
from shared.storage import FolderStorage

_RECORD_PAUSE_SECONDS = 0.5

_log = structlog.get_logger()


class Composing:
    def __init__(self, pool: Pool, room: MailRoom) -> None:
        self._pool = pool
        self._room = room

    async def perform_next(self) -> bool | timedelta:
        """One decision or one notice if there is any, else what has waited long enough."""
        for compose_at_once in (decisions.compose_decision, notices.compose_notice):
            async with transaction(self._pool) as opened:
                if await compose_at_once(opened, self._room, now=_now()):
                    return True
        waits: list[timedelta] = []
        for compose_when_due in (requests.compose_awaited, requests.compose_requests):
            async with transaction(self._pool) as opened:
                outcome = await compose_when_due(opened, self._room, now=_now())
            if outcome is True:
                return True
            if isinstance(outcome, timedelta):
                waits.append(outcome)
        return min(waits, default=False)


class Delivery:
    def __init__(
        self,
        pool: Pool,
        room: MailRoom,
        *,
        connection: SmtpConnection,
        storage: FolderStorage,
        seal: Seal,
        lease: timedelta,
    ) -> None:
        self._pool = pool
        self._room = room
        self._connection = connection
        self._storage = storage
        self._seal = seal
        self._lease = lease

    async def perform_next(self) -> bool | timedelta:
        """Claim, send, record: three steps, of which only the first and the last touch the database."""
        async with transaction(self._pool) as opened:
            claimed = await use_cases.claim_mail(opened, lease=self._lease, now=_now())
        if not isinstance(claimed, tuple):
            await self._connection.close()
            return claimed or False
        mail, attempt_id = claimed
        answer = await self._send(mail)
        await self._record(mail, attempt_id, answer)
        return True

    async def _send(self, mail: Mail) -> Answer:
        if mail.has_dead_link(_now()):
            return Answer("refused", LINK_OVER)
        try:
            files = await self._read_files(mail)
            token = self._seal.open(mail.link.token) if mail.link else ""
            envelope = put_in_envelope(mail, files, portal=self._room.portal, token=token)
        except (UndeliverableError, UnsealableError) as error:
            return Answer("refused", str(error))
        except (NotFoundError, OSError) as error:
            return Answer("postponed", f"A file of this mail cannot be read: {error}")
        except Exception as error:  # noqa: BLE001 - a mail that breaks our code must not stop the others
            _log.exception("mail_not_built", mail_id=str(mail.mail_id))
            return Answer("postponed", f"The mail cannot be built: {type(error).__name__}")
        return await self._connection.send(envelope)

    async def _read_files(self, mail: Mail) -> dict[str, bytes]:
        """Attachments must be there; a mail without its pictures is better than none."""
        files = {one.sha256: await self._storage.read(one.sha256) for one in mail.content.attachments}
        for picture in mail.content.pictures:
            try:
                files[picture.sha256] = await self._storage.read(picture.sha256)
            except (NotFoundError, OSError):
                _log.warning("mail_picture_missing", mail_id=str(mail.mail_id), sha256=picture.sha256)
        return files

    async def _record(self, mail: Mail, attempt_id: int, answer: Answer) -> None:
        """Until it stands: an accepted mail that nobody wrote down would go out again."""
        while True:
            try:
                async with transaction(self._pool) as opened:
                    recorded = await use_cases.record_delivery(
                        opened, mail, attempt_id, outcome=answer.outcome, answer=answer.text, now=_now()
                    )
                break
            except DATABASE_ERRORS as error:
                _log.warning("mail_record_waits_for_database", reason=str(error) or type(error).__name__)
                await asyncio.sleep(_RECORD_PAUSE_SECONDS)  # between two attempts to reach the database
        _log.info(
            "mail_attempted",
            mail_id=str(mail.mail_id),
            template=mail.template,
            outcome=answer.outcome,
            answer=answer.text,
            attempts=mail.attempts,
            state=recorded.state if recorded else None,
        )


def _now() -> datetime:
    return datetime.now(UTC)
