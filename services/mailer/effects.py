"""The loops of mailer: compose what has waited, deliver what is queued. Transactions open here."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from services.mailer.delivery import Answer, SmtpConnection, UndeliverableError
from services.mailer.model.mails import LINK_OVER
from services.mailer.model.settings import MailSettings
from services.mailer.packing import Packing
from services.mailer.use_cases import decisions, notices, requests, waiting_samples
from services.mailer.use_cases import delivery as use_cases
from services.mailer.use_cases.mail_room import MailRoom
from services.mailer.use_cases.postponing import NotComposedError
from shared.database import DATABASE_ERRORS, Pool, transaction
from shared.errors import NotFoundError, reason_of
from shared.sealing import UnsealableError

NOT_COMPOSED_PAUSE = timedelta(minutes=5)
"""What cannot be composed now will hardly be in a second: somebody has to look, or to update."""
_RECORD_PAUSE_SECONDS = 0.5

_log = structlog.get_logger()


class Composing:
    def __init__(self, pool: Pool, room: MailRoom) -> None:
        self._pool = pool
        self._room = room

    async def perform_next(self) -> bool | timedelta:
        """One decision or one notice if there is any, else what has waited long enough."""
        waits: list[timedelta] = []
        for compose in (
            decisions.compose_decision,
            notices.compose_notice,
            waiting_samples.compose_waiting_sample,
            requests.compose_awaited,
            requests.compose_requests,
        ):
            outcome = await self._try(compose)
            if outcome is True:
                return True
            if isinstance(outcome, timedelta):
                waits.append(outcome)
        return min(waits, default=False)

    async def _try(self, compose: Callable[..., Awaitable[bool | timedelta]]) -> bool | timedelta:
        """Each step fails on its own, and of one step each row: the others go on."""
        try:
            async with transaction(self._pool) as opened:
                return await compose(opened, self._room, now=_now())
        except DATABASE_ERRORS:
            raise
        except NotComposedError as error:
            _log.exception("mail_not_composed", step=compose.__name__)
            async with transaction(self._pool) as opened:
                await error.postpone(opened, _now() + NOT_COMPOSED_PAUSE)
            return True
        except Exception:  # noqa: BLE001 - the edge of a step that must not stop the others
            _log.exception("composing_crashed", step=compose.__name__)
            return False


class Delivery:
    def __init__(
        self,
        pool: Pool,
        room: MailRoom,
        *,
        connect: Callable[[MailSettings], SmtpConnection],
        packing: Packing,
        lease: timedelta,
    ) -> None:
        self._pool = pool
        self._room = room
        self._connect = connect
        self._connection: SmtpConnection | None = None
        self._packing = packing
        self._lease = lease

    async def perform_next(self) -> bool | timedelta:
        """Claim, send, record: three steps, of which only the first and the last touch the database."""
        async with transaction(self._pool) as opened:
            claimed = await use_cases.claim_mail(opened, self._room, lease=self._lease, now=_now())
        if not isinstance(claimed, use_cases.Claimed):
            await self._part()
            return claimed or False
        answer = await self._send(claimed)
        await self._record(claimed, answer)
        return True

    async def _send(self, claimed: use_cases.Claimed) -> Answer:
        mail = claimed.mail
        if mail.has_dead_link(_now()):
            return Answer("refused", LINK_OVER)
        try:
            envelope = await self._packing.envelope(mail, portal=claimed.office.portal)
        except (UndeliverableError, UnsealableError) as error:
            return Answer("refused", str(error))
        except (NotFoundError, OSError) as error:
            return Answer("postponed", f"A file of this mail cannot be read: {error}")
        except Exception as error:  # noqa: BLE001 - a mail that breaks our code must not stop the others
            _log.exception("mail_not_built", mail_id=str(mail.mail_id))
            return Answer("postponed", f"The mail cannot be built: {type(error).__name__}")
        connection = await self._connected(claimed.office.settings)
        return await connection.send(envelope)

    async def _connected(self, settings: MailSettings) -> SmtpConnection:
        """The connection that is kept, unless it leads to a server that is none of ours any more."""
        if self._connection is None or self._connection.server != settings.server:
            await self._part()
            self._connection = self._connect(settings)
        return self._connection

    async def _part(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _record(self, claimed: use_cases.Claimed, answer: Answer) -> None:
        """Until it stands: an accepted mail that nobody wrote down would go out again."""
        mail = claimed.mail
        while True:
            try:
                async with transaction(self._pool) as opened:
                    recorded = await use_cases.record_delivery(
                        opened,
                        mail,
                        claimed.attempt_id,
                        outcome=answer.outcome,
                        answer=answer.text,
                        now=_now(),
                    )
                break
            except DATABASE_ERRORS as error:
                _log.warning("mail_record_waits_for_database", reason=reason_of(error))
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
