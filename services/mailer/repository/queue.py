"""The queue of mails and the attempts to deliver them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.mailer.model.mails import Attachment, Content, Mail, MailState, Outcome, Picture, SealedLink
from services.mailer.model.recipients import Mailbox
from shared.database import Transaction
from shared.database.wake import notify

CHANNEL = "mail_delivery"

_MAIL = (
    "mail_id, cause, recipient, template, version_ids, shown_from, shown_to, reply_to, subject, body_text,"
    " body_html, pictures, attachments, state, reason, queued_at, due_at, attempts, ended_at, sealed_token,"
    " link_expires_at, clerk_code, message_domain, customer_number, withdrawn"
)

_FOUND = (
    "($1 = '' OR state = $1)"
    " AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS word"
    " WHERE strpos(lower(recipient || ' ' || subject), lower(word)) = 0)"
)
_MAIL_IN_LIST = _MAIL.replace("body_text", "'' AS body_text").replace("body_html", "'' AS body_html")
_MAIL_IN_LOG = _MAIL_IN_LIST.replace(
    " reason,",
    " CASE WHEN state = 'queued' THEN coalesce((SELECT a.answer FROM mail_attempt a"
    " WHERE a.mail_id = mail.mail_id ORDER BY a.mail_attempt_id DESC LIMIT 1), '') ELSE reason END"
    " AS reason,",
)


async def add_mail(transaction: Transaction, mail: Mail) -> bool:
    """False where this cause has made a mail to this recipient before."""
    content = mail.content
    added = await transaction.fetchval(
        f"INSERT INTO mail ({_MAIL}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        " $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)"
        " ON CONFLICT (cause, recipient) DO NOTHING RETURNING true",
        mail.mail_id,
        mail.cause,
        mail.recipient,
        mail.template,
        list(mail.version_ids),
        asdict(mail.shown_from),
        [asdict(mailbox) for mailbox in mail.shown_to],
        asdict(mail.reply_to) if mail.reply_to else None,
        content.subject,
        content.body_text,
        content.body_html,
        [asdict(picture) for picture in content.pictures],
        [asdict(attachment) for attachment in content.attachments],
        mail.state,
        mail.reason,
        mail.queued_at,
        mail.due_at,
        mail.attempts,
        mail.ended_at,
        mail.link.token if mail.link else "",
        mail.link.expires_at if mail.link else None,
        mail.clerk_code,
        mail.message_domain,
        mail.customer_number,
        mail.is_withdrawn,
    )
    await notify(transaction, CHANNEL)
    return bool(added)


async def make_due(transaction: Transaction) -> None:
    """What waits for its next attempt, and is in nobody's hand, need not wait."""
    await transaction.execute(
        "UPDATE mail SET due_at = now() WHERE state = 'queued' AND due_at > now() AND"
        " (SELECT a.ended_at IS NOT NULL FROM mail_attempt a WHERE a.mail_id = mail.mail_id"
        " ORDER BY a.mail_attempt_id DESC LIMIT 1)"
    )


async def find_next_due(transaction: Transaction) -> datetime | None:
    due_at: datetime | None = await transaction.fetchval(
        "SELECT min(due_at) FROM mail WHERE state = 'queued'"
    )
    return due_at


async def claim_mail(
    transaction: Transaction, *, now: datetime, leased_until: datetime
) -> tuple[Mail, int] | None:
    """The mail that is due longest, and the id of its new attempt.

    It is due again when the lease ends: that is how the mail of a process that died is found.
    """
    row = await transaction.fetchrow(
        "UPDATE mail SET due_at = $2, attempts = attempts + 1 WHERE mail_id ="
        " (SELECT mail_id FROM mail WHERE state = 'queued' AND due_at <= $1 ORDER BY due_at LIMIT 1"
        " FOR UPDATE SKIP LOCKED)"
        f" RETURNING {_MAIL}",
        now,
        leased_until,
    )
    if row is None:
        return None
    attempt_id = await transaction.fetchval(
        "INSERT INTO mail_attempt (mail_id, started_at, answer) VALUES ($1, $2, '')"
        " RETURNING mail_attempt_id",
        row["mail_id"],
        now,
    )
    return _mail(row), attempt_id


async def lock_mail(transaction: Transaction, mail_id: UUID, state: MailState) -> Mail | None:
    """None where it does not exist, or is in another state by now."""
    row = await transaction.fetchrow(
        f"SELECT {_MAIL} FROM mail WHERE mail_id = $1 AND state = $2 FOR UPDATE", mail_id, state
    )
    return _mail(row) if row else None


async def find_mail(transaction: Transaction, mail_id: UUID) -> Mail | None:
    row = await transaction.fetchrow(f"SELECT {_MAIL} FROM mail WHERE mail_id = $1", mail_id)
    return _mail(row) if row else None


async def save_mail(transaction: Transaction, mail: Mail) -> None:
    await transaction.execute(
        "UPDATE mail SET state = $2, reason = $3, due_at = $4, ended_at = $5, sealed_token = $6,"
        " queued_at = $7, attempts = $8, withdrawn = $9, version_ids = $10 WHERE mail_id = $1",
        mail.mail_id,
        mail.state,
        mail.reason,
        mail.due_at,
        mail.ended_at,
        mail.link.token if mail.link else "",
        mail.queued_at,
        mail.attempts,
        mail.is_withdrawn,
        list(mail.version_ids),
    )
    if mail.state == "queued":
        await notify(transaction, CHANNEL)


async def list_drafts(transaction: Transaction, clerk_code: str) -> list[Mail]:
    """Of this clerk, or of all where it is empty; without their bodies, the oldest first."""
    of_clerk, values = ("AND clerk_code = $1", [clerk_code]) if clerk_code else ("", [])
    rows = await transaction.fetch(
        f"SELECT {_MAIL_IN_LIST} FROM mail WHERE state = 'draft' {of_clerk} ORDER BY queued_at, mail_id",
        *values,
    )
    return [_mail(row) for row in rows]


async def count_drafts(transaction: Transaction, clerk_code: str) -> tuple[int, int]:
    """How many wait for this clerk, and how many for others."""
    row = await transaction.fetchrow(
        "SELECT count(*) FILTER (WHERE clerk_code = $1) AS own,"
        " count(*) FILTER (WHERE clerk_code <> $1) AS others FROM mail WHERE state = 'draft'",
        clerk_code,
    )
    assert row is not None  # counts always have a row
    return row["own"], row["others"]


async def lock_drafts_about(transaction: Transaction, version_id: UUID) -> list[Mail]:
    """Those that ask about this version, alone or among others."""
    rows = await transaction.fetch(
        f"SELECT {_MAIL} FROM mail WHERE state = 'draft' AND version_ids @> ARRAY[$1::uuid]"
        " ORDER BY mail_id FOR UPDATE",
        version_id,
    )
    return [_mail(row) for row in rows]


async def lock_unsent_to(transaction: Transaction, email: str, customer_number: str) -> list[Mail]:
    """Drafts and queued mails to this address that speak of this customer's affairs."""
    rows = await transaction.fetch(
        f"SELECT {_MAIL} FROM mail WHERE state IN ('draft', 'queued') AND lower(recipient) = lower($1)"
        " AND customer_number = $2 AND customer_number <> '' ORDER BY mail_id FOR UPDATE",
        email,
        customer_number,
    )
    return [_mail(row) for row in rows]


async def lock_unsent_requests_of_others(
    transaction: Transaction, version_id: UUID, customer_number: str
) -> list[Mail]:
    """Drafts and queued mails that ask another customer for this version, and their copies for the clerk."""
    rows = await transaction.fetch(
        f"""
        WITH asking AS (
            SELECT cause FROM mail
             WHERE state IN ('draft', 'queued') AND version_ids @> ARRAY[$1::uuid] AND customer_number <> $2
        )
        SELECT {_MAIL} FROM mail
         WHERE state IN ('draft', 'queued')
           AND (cause IN (SELECT cause FROM asking) OR cause IN (SELECT cause || '/copy' FROM asking))
         ORDER BY mail_id FOR UPDATE
        """,
        version_id,
        customer_number,
    )
    return [_mail(row) for row in rows]


async def list_mails(
    transaction: Transaction, *, state: str, words: Sequence[str], limit: int, offset: int
) -> tuple[list[Mail], int]:
    """The newest first, and how many there are; `state` and `words` may be empty.

    Without their bodies; the reason of one that waits is the answer to its last attempt.
    """
    total = await transaction.fetchval(f"SELECT count(*) FROM mail WHERE {_FOUND}", state, words)
    rows = await transaction.fetch(
        f"SELECT {_MAIL_IN_LOG} FROM mail WHERE {_FOUND} ORDER BY queued_at DESC, mail_id LIMIT $3 OFFSET $4",
        state,
        words,
        limit,
        offset,
    )
    return [_mail(row) for row in rows], total


async def save_attempt(
    transaction: Transaction, attempt_id: int, outcome: Outcome, answer: str, *, now: datetime
) -> None:
    await transaction.execute(
        "UPDATE mail_attempt SET outcome = $2, answer = $3, ended_at = $4 WHERE mail_attempt_id = $1",
        attempt_id,
        outcome,
        answer,
        now,
    )


def _mail(row: Record) -> Mail:
    return Mail(
        mail_id=row["mail_id"],
        cause=row["cause"],
        recipient=row["recipient"],
        template=row["template"],
        version_ids=tuple(row["version_ids"]),
        shown_from=_mailbox(row["shown_from"]),
        shown_to=tuple(_mailbox(one) for one in row["shown_to"]),
        reply_to=_mailbox(row["reply_to"]) if row["reply_to"] else None,
        content=Content(
            subject=row["subject"],
            body_text=row["body_text"],
            body_html=row["body_html"],
            pictures=tuple(Picture(**one) for one in row["pictures"]),
            attachments=tuple(Attachment(**one) for one in row["attachments"]),
        ),
        queued_at=row["queued_at"],
        due_at=row["due_at"],
        state=row["state"],
        reason=row["reason"],
        attempts=row["attempts"],
        ended_at=row["ended_at"],
        link=SealedLink(row["sealed_token"], row["link_expires_at"]) if row["sealed_token"] else None,
        clerk_code=row["clerk_code"],
        message_domain=row["message_domain"],
        customer_number=row["customer_number"],
        is_withdrawn=row["withdrawn"],
    )


def _mailbox(value: dict[str, Any]) -> Mailbox:
    return Mailbox(**value)
