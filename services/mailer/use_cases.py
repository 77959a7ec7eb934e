"""What mailer can do: remember recipients, make mails of what was heard, record what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.mailer import repository
from services.mailer.composing import Composer
from services.mailer.model import (
    Clerk,
    Content,
    Mail,
    Mailbox,
    Outcome,
    Recipient,
    choose_clerk_recipients,
    choose_request_recipients,
    choose_sender,
    mail_id_of,
    one_line,
    select_requests,
)
from shared.database import Transaction
from shared.effects import backoff
from shared.events import sync
from shared.events.approvals import ApprovalRecorded, ApprovalRequested
from shared.events.auth import AccountRegistered
from shared.events.mailer import MailFailed, MailSent
from shared.messaging import outbox

COPY = {"de": "Kopie", "en": "Copy"}
NO_ADDRESS = "Nobody of this customer has a usable e-mail address."
LONGEST_PAUSE = timedelta(hours=1)


# Recipients


async def remember_account(transaction: Transaction, account: AccountRegistered) -> None:
    await repository.save_account(transaction, account)


async def remember_customers(transaction: Transaction, customers: Sequence[sync.Customer]) -> None:
    newest: dict[str, sync.Customer] = {}
    for customer in sorted(customers, key=lambda one: one.revision):
        newest[customer.customer_number] = customer
    # In one order, so that two batches at the same time do not wait for each other.
    await repository.save_customers(transaction, [newest[number] for number in sorted(newest)])


async def remember_clerks(transaction: Transaction, clerks: Sequence[sync.Clerk]) -> None:
    await repository.save_clerks(transaction, sorted(clerks, key=lambda one: (one.clerk_code, one.revision)))


# Requests and decisions


async def collect_request(transaction: Transaction, request: ApprovalRequested) -> None:
    """Keep it until its companions of the same order have come; the version is the key."""
    await repository.add_request(transaction, request, now=datetime.now(UTC))


async def note_decision(transaction: Transaction, decision: ApprovalRecorded) -> None:
    """Keep it until its mails are composed; the decision is the key."""
    await repository.add_decision(transaction, decision, now=datetime.now(UTC))


@dataclass(frozen=True)
class MailRoom:
    """What composing needs to know beside what was heard."""

    composer: Composer
    portal: Mailbox
    fallback: Mailbox
    default_locale: str
    request_delay: timedelta
    copies_to_clerk: bool


async def compose_requests(transaction: Transaction, room: MailRoom, *, now: datetime) -> bool | timedelta:
    """Make the mails of the order that has waited long enough.

    True when that was done, else how long the next one has to wait, or False where none waits.
    """
    oldest = await repository.find_oldest_request(transaction)
    if oldest is None:
        return False
    document_id, heard_at = oldest
    if now < heard_at + room.request_delay:
        return heard_at + room.request_delay - now
    waiting = await repository.take_requests(transaction, document_id, now=now)
    decided = await repository.list_decided(transaction, {request.version_id for request in waiting})
    requests = select_requests(waiting, decided)
    if requests:
        await _queue_request_mails(transaction, room, requests, now=now)
    return True


async def compose_decision(transaction: Transaction, room: MailRoom, *, now: datetime) -> bool:
    """Make the mails of one decision: to the clerks and to the person who decided. False where none waits."""
    decision = await repository.take_decision(transaction, now=now)
    if decision is None:
        return False
    clerks = await repository.list_clerks(transaction, decision.clerk_codes)
    locales = await repository.list_clerk_locales(transaction, decision.clerk_codes)
    customer = await repository.find_customer(transaction, decision.customer_number)
    customer_name = customer.name if customer else ""
    person = Mailbox(one_line(decision.person_name), decision.person_email.strip())
    for recipient in choose_clerk_recipients(
        decision.clerk_codes, clerks, locales, fallback=room.fallback, default_locale=room.default_locale
    ):
        await _queue(
            transaction,
            room.composer.confirmation(decision, recipient, customer_name),
            recipient.mailbox,
            cause=f"approval_confirmed/{decision.decision_id}",
            template="approval_confirmed",
            shown_from=room.portal,
            reply_to=person if person.is_deliverable else None,
            now=now,
        )
    clerk = _first_known(decision.clerk_codes, clerks)
    locale = await repository.find_locale_of_address(transaction, person.address) or room.default_locale
    await _queue(
        transaction,
        room.composer.receipt(decision, Recipient(person, locale), customer_name, clerk),
        person,
        cause=f"decision_receipt/{decision.decision_id}",
        template="decision_receipt",
        shown_from=room.portal,
        reply_to=clerk.mailbox if clerk and clerk.mailbox.is_deliverable else room.fallback,
        now=now,
    )
    return True


async def _queue_request_mails(
    transaction: Transaction, room: MailRoom, requests: Sequence[ApprovalRequested], *, now: datetime
) -> None:
    newest = requests[-1]
    clerks = await repository.list_clerks(transaction, newest.clerk_codes)
    clerk = _first_known(newest.clerk_codes, clerks)
    recipients = choose_request_recipients(
        newest.contact_id,
        await repository.find_customer(transaction, newest.customer_number),
        await repository.list_accounts_of_customer(transaction, newest.customer_number),
        default_locale=room.default_locale,
    )
    cause = f"approval_requested/{min(request.version_id for request in requests)}"
    version_ids = tuple(request.version_id for request in requests)
    sender = choose_sender(clerk, room.portal)
    reply_to = clerk.mailbox if clerk and clerk.mailbox.is_deliverable else room.fallback
    for recipient in recipients:
        await _queue(
            transaction,
            room.composer.request(requests, recipient, clerk),
            recipient.mailbox,
            cause=cause,
            template="approval_requested",
            shown_from=sender,
            reply_to=reply_to,
            version_ids=version_ids,
            now=now,
        )
    if not recipients:
        await _queue(
            transaction,
            Content(subject="", body_text="", body_html=""),
            Mailbox("", ""),
            cause=cause,
            template="approval_requested",
            shown_from=sender,
            reply_to=reply_to,
            version_ids=version_ids,
            now=now,
        )
    elif room.copies_to_clerk and clerk and clerk.mailbox.is_deliverable:
        # A mail of its own rather than a Bcc: neither's refusal touches the other. It asks nobody, hence
        # it has no version_ids.
        content = room.composer.request(requests, recipients[0], clerk)
        await _queue(
            transaction,
            replace(content, subject=f"{COPY[recipients[0].locale]}: {content.subject}"),
            clerk.mailbox,
            cause=f"{cause}/copy",
            template="approval_requested",
            shown_from=sender,
            shown_to=tuple(recipient.mailbox for recipient in recipients),
            reply_to=reply_to,
            now=now,
        )


async def _queue(
    transaction: Transaction,
    content: Content,
    recipient: Mailbox,
    *,
    cause: str,
    template: str,
    shown_from: Mailbox,
    reply_to: Mailbox | None,
    now: datetime,
    version_ids: tuple[UUID, ...] = (),
    shown_to: tuple[Mailbox, ...] = (),
) -> None:
    """Queue a mail; where there is no address it fails at once, and that is told."""
    mail = Mail(
        mail_id=mail_id_of(cause, recipient.address),
        cause=cause,
        recipient=recipient.address,
        template=template,
        version_ids=version_ids,
        shown_from=shown_from,
        shown_to=shown_to or (recipient,),
        reply_to=reply_to,
        content=content,
        queued_at=now,
        due_at=now,
    )
    if not recipient.is_deliverable:
        mail = mail.record("refused", NO_ADDRESS, now=now, next_try_after=timedelta())
    if await repository.add_mail(transaction, mail) and mail.state == "failed":
        await _tell(transaction, mail)


def _first_known(clerk_codes: Sequence[str], clerks: dict[str, Clerk]) -> Clerk | None:
    """The clerk who assigned comes first."""
    return next((clerks[code] for code in clerk_codes if code in clerks), None)


# Delivery


async def claim_mail(
    transaction: Transaction, *, lease: timedelta, now: datetime
) -> tuple[Mail, int] | timedelta | None:
    """The next mail with the id of its attempt; else how long until one is due, or None where none waits."""
    claimed = await repository.claim_mail(transaction, now=now, leased_until=now + lease)
    if claimed is not None:
        return claimed
    due_at = await repository.find_next_due(transaction)
    return max(due_at - now, timedelta(milliseconds=50)) if due_at else None


async def record_delivery(
    transaction: Transaction, mail: Mail, attempt_id: int, *, outcome: Outcome, answer: str, now: datetime
) -> Mail | None:
    """Write down what became of an attempt and tell the end of a mail; None where a copy told it before."""
    await repository.save_attempt(transaction, attempt_id, outcome, answer, now=now)
    queued = await repository.lock_queued_mail(transaction, mail.mail_id)
    if queued is None:
        return None
    pause = backoff(queued.attempts, longest=LONGEST_PAUSE)
    recorded = queued.record(outcome, answer, now=now, next_try_after=pause)
    await repository.save_mail(transaction, recorded)
    if recorded.state != "queued":
        await _tell(transaction, recorded)
    return recorded


async def _tell(transaction: Transaction, mail: Mail) -> None:
    if mail.state == "sent":
        await outbox.add(
            transaction,
            MailSent(mail_id=mail.mail_id, template=mail.template, version_ids=mail.version_ids),
        )
    else:
        await outbox.add(
            transaction,
            MailFailed(
                mail_id=mail.mail_id, template=mail.template, version_ids=mail.version_ids, reason=mail.reason
            ),
        )
