"""What was sent to whom, for the operator; a mail that failed may be sent again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.mailer.model.mails import Mail
from services.mailer.repository import queue
from services.mailer.use_cases.drafts import LinkOverError
from shared.database import Transaction
from shared.errors import ConflictError, NotFoundError


class NotFailedError(ConflictError):
    """Only a mail that failed, has a recipient and was not withdrawn can be sent again."""


async def list_mails(
    transaction: Transaction, *, state: str, words: Sequence[str], limit: int, offset: int
) -> tuple[list[Mail], int]:
    return await queue.list_mails(transaction, state=state, words=words, limit=limit, offset=offset)


async def send_again(transaction: Transaction, mail_id: UUID, *, now: datetime) -> None:
    """Raises NotFoundError, NotFailedError, LinkOverError."""
    mail = await queue.lock_mail(transaction, mail_id, "failed")
    if mail is None:
        if await queue.find_mail(transaction, mail_id) is None:
            raise NotFoundError("There is no such mail.")
        raise NotFailedError("This mail has not failed, or is on its way again.")
    if not mail.recipient:
        raise NotFailedError("This mail has no recipient.")
    if mail.is_withdrawn:
        raise NotFailedError("This mail was withdrawn: it must not go out any more.")
    if mail.has_dead_link(now):
        raise LinkOverError("The link in this mail has run out.")
    await queue.save_mail(transaction, mail.send_again(now))
