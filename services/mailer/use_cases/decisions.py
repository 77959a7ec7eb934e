"""A customer decided: the clerks and he himself get the record."""

from datetime import UTC, datetime

import structlog

from services.mailer.letters import proofs
from services.mailer.model.recipients import Mailbox, Recipient, one_line
from services.mailer.repository import recipients, waiting
from services.mailer.use_cases.mail_room import (
    MailRoom,
    Office,
    find_clerk,
    name_of_customer,
    open_office,
    queue_for_clerks,
    queue_letter,
    reply_address,
)
from services.mailer.use_cases.postponing import postponed_if_it_fails
from shared.database import Transaction
from shared.events.approvals import ApprovalRecorded

_log = structlog.get_logger()


async def note_decision(transaction: Transaction, decision: ApprovalRecorded) -> None:
    """Keep it until its mails are composed; the decision is the key."""
    await waiting.add_decision(transaction, decision, now=datetime.now(UTC))


async def compose_decision(transaction: Transaction, room: MailRoom, *, now: datetime) -> bool:
    """Make the mails of one decision. False where none waits."""
    decision_id = await waiting.lock_next_decision(transaction, now=now)
    if decision_id is None:
        return False
    office = await open_office(transaction, room)
    with postponed_if_it_fails(
        lambda later, until: waiting.postpone_decision(later, decision_id, until=until)
    ):
        decision = await waiting.take_decision(transaction, decision_id, now=now)
        await _queue_decision(transaction, office, decision, now=now)
    return True


async def _queue_decision(
    transaction: Transaction, office: Office, decision: ApprovalRecorded, *, now: datetime
) -> None:
    """To the clerks and to the person who decided."""
    customer_name = await name_of_customer(transaction, decision.customer_number)
    decider = await find_decider(transaction, office, decision)
    await queue_for_clerks(
        transaction,
        office,
        decision.clerk_codes,
        lambda recipient: proofs.confirm_approval(office.company, decision, recipient, customer_name),
        cause=f"approval_confirmed/{decision.decision_id}",
        reply_to=decider.mailbox if decider and decider.mailbox.is_deliverable else None,
        now=now,
    )
    if decider is None:
        return
    clerk = await find_clerk(transaction, decision.clerk_codes)
    await queue_letter(
        transaction,
        office,
        proofs.acknowledge_decision(office.company, decision, decider, customer_name, clerk),
        cause=f"decision_receipt/{decision.decision_id}",
        reply_to=reply_address(clerk, office),
        customer_number=decision.customer_number,
        now=now,
    )


async def find_decider(
    transaction: Transaction, office: Office, decision: ApprovalRecorded
) -> Recipient | None:
    """The person who decided, at his present address; None once his access is deleted or disabled.

    Of an account that is not told yet, and where none is named, the address of the decision counts.
    """
    account = await recipients.find_account(transaction, decision.account_id) if decision.account_id else None
    if account == "gone" or (account and account.disabled):
        _log.info("decider_has_no_access", decision_id=str(decision.decision_id))
        return None
    if account:
        return Recipient(account.mailbox, account.locale)
    person = Mailbox(one_line(decision.person_name), decision.person_email.strip())
    locale = await recipients.find_locale_of_address(transaction, person.address)
    return Recipient(person, locale or office.default_locale)
