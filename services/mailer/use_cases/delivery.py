"""From the queue to the mail server: who takes which mail, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.mailer.model.mails import Mail, Outcome
from services.mailer.repository import queue
from services.mailer.use_cases.mail_room import MailRoom, Office, open_office, tell
from shared.database import Transaction
from shared.effects import backoff

LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Claimed:
    """A mail to be sent now, the id of this attempt, and what holds at this moment."""

    mail: Mail
    attempt_id: int
    office: Office


async def claim_mail(
    transaction: Transaction, room: MailRoom, *, lease: timedelta, now: datetime
) -> Claimed | timedelta | None:
    """The next mail; else how long until one is due, or None where none waits."""
    claimed = await queue.claim_mail(transaction, now=now, leased_until=now + lease)
    if claimed is not None:
        return Claimed(*claimed, office=await open_office(transaction, room))
    due_at = await queue.find_next_due(transaction)
    return max(due_at - now, timedelta(milliseconds=50)) if due_at else None


async def record_delivery(
    transaction: Transaction, mail: Mail, attempt_id: int, *, outcome: Outcome, answer: str, now: datetime
) -> Mail | None:
    """Write down what became of an attempt and tell the end of a mail; None where a copy told it before."""
    await queue.save_attempt(transaction, attempt_id, outcome, answer, now=now)
    queued = await queue.lock_mail(transaction, mail.mail_id, "queued")
    if queued is None:
        return None
    pause = backoff(queued.attempts, longest=LONGEST_PAUSE)
    recorded = queued.record(outcome, answer, now=now, next_try_after=pause)
    await queue.save_mail(transaction, recorded)
    if recorded.state != "queued":
        await tell(transaction, recorded)
    return recorded
