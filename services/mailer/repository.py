"""All SQL of mailer."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.mailer.model import (
    Account,
    Attachment,
    Clerk,
    Contact,
    Content,
    Customer,
    Mail,
    Mailbox,
    Outcome,
    Picture,
)
from shared.database import Transaction
from shared.database.wake import notify
from shared.events import sync
from shared.events.approvals import ApprovalRecorded, ApprovalRequested
from shared.events.auth import AccountRegistered
from shared.events.sync import File

COMPOSING = "mail_composing"
DELIVERY = "mail_delivery"

_MAIL = (
    "mail_id, cause, recipient, template, version_ids, shown_from, shown_to, reply_to, subject, body_text,"
    " body_html, pictures, attachments, state, reason, queued_at, due_at, attempts, ended_at"
)


# Recipients


async def save_account(transaction: Transaction, account: AccountRegistered) -> None:
    """An older revision than the one that is known changes nothing; so for customers and clerks."""
    await transaction.execute(
        "INSERT INTO account (account_id, role, name, email, locale, customer_number, contact_id, clerk_code,"
        " may_approve, revision)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (account_id) DO UPDATE SET role = EXCLUDED.role, name = EXCLUDED.name,"
        " email = EXCLUDED.email, locale = EXCLUDED.locale, customer_number = EXCLUDED.customer_number,"
        " contact_id = EXCLUDED.contact_id, clerk_code = EXCLUDED.clerk_code,"
        " may_approve = EXCLUDED.may_approve, revision = EXCLUDED.revision"
        " WHERE account.revision < EXCLUDED.revision",
        account.account_id,
        account.role,
        account.name,
        account.email,
        account.locale,
        account.customer_number,
        account.contact_id,
        account.clerk_code,
        account.may_approve,
        account.revision,
    )


async def save_customers(transaction: Transaction, customers: Sequence[sync.Customer]) -> None:
    """A customer's contacts are replaced as a whole."""
    rows = await transaction.fetch(
        "INSERT INTO customer (customer_number, name, email, revision)"
        " SELECT number, name, email, revision"
        " FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])"
        " AS told (number, name, email, revision)"
        " ON CONFLICT (customer_number) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email,"
        " revision = EXCLUDED.revision WHERE customer.revision < EXCLUDED.revision"
        " RETURNING customer_number",
        [customer.customer_number for customer in customers],
        [customer.name for customer in customers],
        [customer.email for customer in customers],
        [customer.revision for customer in customers],
    )
    changed = {row["customer_number"] for row in rows}
    contacts = {
        (customer.customer_number, contact.contact_id): contact
        for customer in customers
        if customer.customer_number in changed
        for contact in customer.contacts
    }
    await transaction.execute("DELETE FROM contact WHERE customer_number = ANY ($1::text[])", sorted(changed))
    await transaction.execute(
        "INSERT INTO contact (customer_number, contact_id, name, email)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])",
        [number for number, _ in contacts],
        [contact_id for _, contact_id in contacts],
        [contact.name for contact in contacts.values()],
        [contact.email for contact in contacts.values()],
    )


async def save_clerks(transaction: Transaction, clerks: Sequence[sync.Clerk]) -> None:
    await transaction.executemany(
        "INSERT INTO clerk (clerk_code, name, email, phone, picture, revision)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (clerk_code) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email,"
        " phone = EXCLUDED.phone, picture = EXCLUDED.picture, revision = EXCLUDED.revision"
        " WHERE clerk.revision < EXCLUDED.revision",
        [
            (
                clerk.clerk_code,
                clerk.name,
                clerk.email,
                clerk.phone,
                clerk.picture.model_dump() if clerk.picture else None,
                clerk.revision,
            )
            for clerk in clerks
        ],
    )


async def list_accounts_of_customer(transaction: Transaction, customer_number: str) -> list[Account]:
    rows = await transaction.fetch(
        "SELECT account_id, role, name, email, locale, customer_number, contact_id, clerk_code, may_approve"
        " FROM account WHERE role = 'customer' AND customer_number = $1 ORDER BY name, account_id",
        customer_number,
    )
    return [_account(row) for row in rows]


async def find_locale_of_address(transaction: Transaction, email: str) -> str | None:
    locale: str | None = await transaction.fetchval(
        "SELECT locale FROM account WHERE lower(email) = lower($1) LIMIT 1", email
    )
    return locale


async def find_customer(transaction: Transaction, customer_number: str) -> Customer | None:
    row = await transaction.fetchrow(
        "SELECT customer_number, name, email FROM customer WHERE customer_number = $1", customer_number
    )
    if row is None:
        return None
    contacts = await transaction.fetch(
        "SELECT contact_id, name, email FROM contact WHERE customer_number = $1 ORDER BY contact_id",
        customer_number,
    )
    return Customer(
        row["customer_number"],
        row["name"],
        row["email"],
        tuple(Contact(one["contact_id"], one["name"], one["email"]) for one in contacts),
    )


async def list_clerks(transaction: Transaction, clerk_codes: Collection[str]) -> dict[str, Clerk]:
    """Those that are known, by code."""
    rows = await transaction.fetch(
        "SELECT clerk_code, name, email, phone, picture FROM clerk WHERE clerk_code = ANY ($1::text[])",
        list(clerk_codes),
    )
    return {row["clerk_code"]: _clerk(row) for row in rows}


async def list_clerk_locales(transaction: Transaction, clerk_codes: Collection[str]) -> dict[str, str]:
    """The languages of those clerks who have an account, by code."""
    rows = await transaction.fetch(
        "SELECT clerk_code, locale FROM account WHERE role = 'clerk' AND clerk_code = ANY ($1::text[])",
        list(clerk_codes),
    )
    return {row["clerk_code"]: row["locale"] for row in rows}


# What waits to become mails


async def add_request(transaction: Transaction, request: ApprovalRequested, *, now: datetime) -> None:
    await transaction.execute(
        "INSERT INTO approval_request (version_id, document_id, event, heard_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (version_id) DO NOTHING",
        request.version_id,
        request.document_id,
        request.model_dump(mode="json"),
        now,
    )
    await notify(transaction, COMPOSING)


async def add_decision(transaction: Transaction, decision: ApprovalRecorded, *, now: datetime) -> None:
    await transaction.execute(
        "INSERT INTO decision (decision_id, version_id, event, heard_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (decision_id) DO NOTHING",
        decision.decision_id,
        decision.version_id,
        decision.model_dump(mode="json"),
        now,
    )
    await notify(transaction, COMPOSING)


async def find_oldest_request(transaction: Transaction) -> tuple[UUID, datetime] | None:
    """The order of the request that has waited longest, and since when."""
    row = await transaction.fetchrow(
        "SELECT document_id, heard_at FROM approval_request WHERE composed_at IS NULL"
        " ORDER BY heard_at LIMIT 1"
    )
    return (row["document_id"], row["heard_at"]) if row else None


async def take_requests(
    transaction: Transaction, document_id: UUID, *, now: datetime
) -> list[ApprovalRequested]:
    """All waiting requests of an order, oldest first, taken at once.

    The lock on the order makes a second copy wait until the first has taken them all: two copies that
    each took some would make two mails.
    """
    await transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(document_id))
    rows = await transaction.fetch(
        "UPDATE approval_request SET composed_at = $2 WHERE document_id = $1 AND composed_at IS NULL"
        " RETURNING event, heard_at, version_id",
        document_id,
        now,
    )
    rows.sort(key=lambda row: (row["heard_at"], row["version_id"]))
    return [ApprovalRequested.model_validate(row["event"]) for row in rows]


async def list_decided(transaction: Transaction, version_ids: Iterable[UUID]) -> set[UUID]:
    rows = await transaction.fetch(
        "SELECT DISTINCT version_id FROM decision WHERE version_id = ANY ($1::uuid[])", list(version_ids)
    )
    return {row["version_id"] for row in rows}


async def take_decision(transaction: Transaction, *, now: datetime) -> ApprovalRecorded | None:
    event = await transaction.fetchval(
        "UPDATE decision SET composed_at = $1 WHERE decision_id ="
        " (SELECT decision_id FROM decision WHERE composed_at IS NULL ORDER BY heard_at LIMIT 1"
        " FOR UPDATE SKIP LOCKED)"
        " RETURNING event",
        now,
    )
    return ApprovalRecorded.model_validate(event) if event else None


# The queue


async def add_mail(transaction: Transaction, mail: Mail) -> bool:
    """False where this cause has made a mail to this recipient before."""
    content = mail.content
    added = await transaction.fetchval(
        f"INSERT INTO mail ({_MAIL}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        " $15, $16, $17, $18, $19) ON CONFLICT (cause, recipient) DO NOTHING RETURNING true",
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
    )
    await notify(transaction, DELIVERY)
    return bool(added)


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


async def lock_queued_mail(transaction: Transaction, mail_id: UUID) -> Mail | None:
    """None where another copy has recorded its end."""
    row = await transaction.fetchrow(
        f"SELECT {_MAIL} FROM mail WHERE mail_id = $1 AND state = 'queued' FOR UPDATE", mail_id
    )
    return _mail(row) if row else None


async def save_mail(transaction: Transaction, mail: Mail) -> None:
    await transaction.execute(
        "UPDATE mail SET state = $2, reason = $3, due_at = $4, ended_at = $5 WHERE mail_id = $1",
        mail.mail_id,
        mail.state,
        mail.reason,
        mail.due_at,
        mail.ended_at,
    )


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


def _account(row: Record) -> Account:
    return Account(
        account_id=row["account_id"],
        role=row["role"],
        name=row["name"],
        email=row["email"],
        locale=row["locale"],
        customer_number=row["customer_number"],
        contact_id=row["contact_id"],
        clerk_code=row["clerk_code"],
        may_approve=row["may_approve"],
    )


def _clerk(row: Record) -> Clerk:
    picture = File.model_validate(row["picture"]) if row["picture"] else None
    return Clerk(row["clerk_code"], row["name"], row["email"], row["phone"], picture)


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
    )


def _mailbox(value: dict[str, Any]) -> Mailbox:
    return Mailbox(**value)
