"""What becomes a mail at once: invitations, links to confirm and to reset, and what people should know."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from services.mailer.letters import accounts, proofs
from services.mailer.letters.letter import Letter
from services.mailer.model.mails import SealedLink
from services.mailer.model.recipients import Mailbox, Recipient, one_line
from services.mailer.repository import recipients, waiting
from services.mailer.use_cases.decisions import find_decider
from services.mailer.use_cases.mail_room import (
    MailRoom,
    Office,
    find_clerk,
    name_of_customer,
    open_office,
    queue_for_clerks,
    queue_from_clerk,
    queue_letter,
    reply_address,
)
from services.mailer.use_cases.postponing import postponed_if_it_fails
from shared.database import Transaction
from shared.events import Event
from shared.events.approvals import ApprovalOutdated, ChangesConfirmed
from shared.events.auth import (
    AccountRegistered,
    CustomerInvited,
    EmailChanged,
    EmailChangeRefused,
    EmailConfirmationRequested,
    PasswordChanged,
    PasswordResetRequested,
    StaffInvited,
)

_log = structlog.get_logger()


async def note(transaction: Transaction, event: Event) -> None:
    """Keep it until its mails are composed; the event is the key."""
    await waiting.add_notice(transaction, event, now=datetime.now(UTC))


async def compose_notice(transaction: Transaction, room: MailRoom, *, now: datetime) -> bool:
    """Make the mails of one event. False where none waits."""
    event_id = await waiting.lock_next_notice(transaction, now=now)
    if event_id is None:
        return False
    office = await open_office(transaction, room)
    with postponed_if_it_fails(lambda later, until: waiting.postpone_notice(later, event_id, until=until)):
        event = await waiting.take_notice(transaction, event_id)
        await _COMPOSE[type(event)](transaction, office, event, now)
    return True


async def _invite_customer(
    transaction: Transaction, office: Office, event: CustomerInvited, now: datetime
) -> None:
    clerk = await find_clerk(transaction, [event.clerk_code])
    customer_name = await name_of_customer(transaction, event.customer_number)
    await queue_from_clerk(
        transaction,
        office,
        [accounts.invite_customer(office.company, event, _recipient(event), customer_name, clerk)],
        clerk,
        cause=_cause_of(event),
        customer_number=event.customer_number,
        link=SealedLink(event.sealed_token, event.expires_at),
        now=now,
    )


async def _invite_staff(transaction: Transaction, office: Office, event: StaffInvited, now: datetime) -> None:
    letter = accounts.invite_staff(office.company, event, _recipient(event))
    link = SealedLink(event.sealed_token, event.expires_at)
    await _queue_from_portal(transaction, office, letter, event, now=now, link=link)


async def _confirm_email(
    transaction: Transaction, office: Office, event: EmailConfirmationRequested, now: datetime
) -> None:
    letter = accounts.confirm_email(office.company, event, _recipient(event))
    link = SealedLink(event.sealed_token, event.expires_at)
    await _queue_from_portal(transaction, office, letter, event, now=now, link=link)


async def _offer_password_reset(
    transaction: Transaction, office: Office, event: PasswordResetRequested, now: datetime
) -> None:
    letter = accounts.offer_password_reset(office.company, event, _recipient(event))
    link = SealedLink(event.sealed_token, event.expires_at)
    await _queue_from_portal(transaction, office, letter, event, now=now, link=link)


async def _tell_password_change(
    transaction: Transaction, office: Office, event: PasswordChanged, now: datetime
) -> None:
    letter = accounts.tell_password_change(office.company, event, _recipient(event))
    await _queue_from_portal(transaction, office, letter, event, now=now)


async def _tell_email_change(
    transaction: Transaction, office: Office, event: EmailChanged, now: datetime
) -> None:
    former = Recipient(Mailbox(one_line(event.name), event.email_before.strip()), event.locale)
    letter = accounts.tell_email_change(office.company, event, former)
    await _queue_from_portal(transaction, office, letter, event, now=now)


async def _tell_taken_email(
    transaction: Transaction, office: Office, event: EmailChangeRefused, now: datetime
) -> None:
    letter = accounts.tell_taken_email(office.company, event, _recipient(event))
    await _queue_from_portal(transaction, office, letter, event, now=now)


async def _tell_registration(
    transaction: Transaction, office: Office, event: AccountRegistered, now: datetime
) -> None:
    customer = await recipients.find_customer(transaction, event.customer_number)

    def make(recipient: Recipient) -> Letter:
        return accounts.tell_registration(office.company, event, recipient, customer.name if customer else "")

    cause, reply_to = _cause_of(event), _recipient(event).mailbox
    await queue_for_clerks(
        transaction, office, [event.invited_by], make, cause=cause, reply_to=reply_to, now=now
    )
    if event.invited_email and (customer is None or not customer.has_address(event.invited_email)):
        # Nobody but the inviter says that this person belongs to the customer: the office hears of it, too.
        office_too = Recipient(office.fallback, office.default_locale)
        await queue_letter(transaction, office, make(office_too), cause=cause, reply_to=reply_to, now=now)


async def _tell_outdated(
    transaction: Transaction, office: Office, event: ApprovalOutdated, now: datetime
) -> None:
    customer_name = await name_of_customer(transaction, event.customer_number)
    await queue_for_clerks(
        transaction,
        office,
        event.clerk_codes,
        lambda recipient: proofs.tell_outdated(office.company, event, recipient, customer_name),
        cause=_cause_of(event),
        now=now,
    )


async def _tell_confirmed_changes(
    transaction: Transaction, office: Office, event: ChangesConfirmed, now: datetime
) -> None:
    """To the person who decided, if he still has an access.

    Without his decision, which comes first, nobody knows whom to tell.
    """
    decision = await waiting.find_decision(transaction, event.decision_id)
    if decision is None:
        _log.warning("confirmed_changes_of_nobody", decision_id=str(event.decision_id))
        return
    named = decision.model_copy(update={"account_id": event.account_id or decision.account_id})
    decider = await find_decider(transaction, office, named)
    if decider is None:
        return
    clerk = await find_clerk(transaction, [event.clerk_code, *event.clerk_codes])
    letter = proofs.tell_confirmed_changes(
        office.company,
        event,
        decider,
        await name_of_customer(transaction, event.customer_number),
        clerk,
    )
    await queue_letter(
        transaction,
        office,
        letter,
        cause=_cause_of(event),
        reply_to=reply_address(clerk, office),
        customer_number=event.customer_number,
        now=now,
    )


_COMPOSE: Mapping[type[Event], Callable[[Transaction, Office, Any, datetime], Awaitable[None]]] = {
    CustomerInvited: _invite_customer,
    StaffInvited: _invite_staff,
    EmailConfirmationRequested: _confirm_email,
    PasswordResetRequested: _offer_password_reset,
    PasswordChanged: _tell_password_change,
    EmailChanged: _tell_email_change,
    EmailChangeRefused: _tell_taken_email,
    AccountRegistered: _tell_registration,
    ApprovalOutdated: _tell_outdated,
    ChangesConfirmed: _tell_confirmed_changes,
}


async def _queue_from_portal(
    transaction: Transaction,
    office: Office,
    letter: Letter,
    event: Event,
    *,
    now: datetime,
    link: SealedLink | None = None,
) -> None:
    await queue_letter(
        transaction, office, letter, cause=_cause_of(event), reply_to=office.fallback, link=link, now=now
    )


def _cause_of(event: Event) -> str:
    return f"{event.wire_name}/{event.event_id}"


_Addressed = (
    CustomerInvited
    | StaffInvited
    | EmailConfirmationRequested
    | EmailChangeRefused
    | PasswordResetRequested
    | PasswordChanged
    | AccountRegistered
)


def _recipient(event: _Addressed) -> Recipient:
    return Recipient(Mailbox(one_line(event.name), event.email.strip()), event.locale)
