"""Mails that wait for the clerk who sends them himself, from his own mail program."""

from datetime import datetime
from uuid import UUID

from services.mailer.model.mails import Mail
from services.mailer.repository import queue
from services.mailer.use_cases.mail_room import tell
from shared.database import Transaction
from shared.errors import ConflictError, NotFoundError

DISCARDED = "The draft was discarded by %s."
NO_LONGER_ASKED = "The draft was no longer needed: the proof was decided or replaced by a newer version."


class DraftGoneError(ConflictError):
    """Somebody has sent or discarded the draft already."""


class LinkOverError(ConflictError):
    """The link in this mail has run out; only a new invitation helps."""


async def list_drafts(transaction: Transaction, *, clerk_code: str) -> list[Mail]:
    """Of this clerk, or of all where it is empty; without their bodies, the oldest first."""
    return await queue.list_drafts(transaction, clerk_code)


async def count_drafts(transaction: Transaction, *, clerk_code: str) -> tuple[int, int]:
    """How many wait for this clerk, and how many for others."""
    return await queue.count_drafts(transaction, clerk_code)


async def get_draft(transaction: Transaction, mail_id: UUID) -> Mail:
    """Raises NotFoundError, DraftGoneError."""
    mail = await queue.find_mail(transaction, mail_id)
    if mail is None or not mail.clerk_code:
        raise NotFoundError("There is no such draft.")
    if mail.state != "draft":
        raise DraftGoneError("This draft was sent or discarded already.")
    return mail


async def mark_draft_sent(transaction: Transaction, mail_id: UUID, *, now: datetime) -> None:
    draft = await _lock(transaction, mail_id)
    await _end(transaction, draft.sent(now))


async def send_draft(transaction: Transaction, mail_id: UUID, *, now: datetime) -> None:
    """By SMTP after all, with the clerk as sender."""
    draft = await _lock(transaction, mail_id)
    if draft.has_dead_link(now):
        raise LinkOverError("The link in this mail has run out.")
    await queue.save_mail(transaction, draft.send_again(now))


async def discard_draft(transaction: Transaction, mail_id: UUID, *, by: str, now: datetime) -> None:
    draft = await _lock(transaction, mail_id)
    await _end(transaction, draft.failed(DISCARDED % by, now))


async def discard_drafts_about(transaction: Transaction, version_id: UUID, *, now: datetime) -> None:
    """Nobody needs to be asked about this version any more.

    A draft that asks about others as well stays for them: it leads to the order, whose page says what still
    waits.
    """
    for draft in await queue.lock_drafts_about(transaction, version_id):
        others = draft.without(version_id)
        if others.version_ids:
            await queue.save_mail(transaction, others)
        else:
            await _end(transaction, draft.failed(NO_LONGER_ASKED, now))


async def _lock(transaction: Transaction, mail_id: UUID) -> Mail:
    draft = await queue.lock_mail(transaction, mail_id, "draft")
    return draft or await get_draft(transaction, mail_id)


async def _end(transaction: Transaction, mail: Mail) -> None:
    await queue.save_mail(transaction, mail)
    await tell(transaction, mail)
