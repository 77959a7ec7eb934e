"""What becomes a mail at once: invitations, links to confirm and to reset, and what people should know."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from services.mailer import letters
from services.mailer.model.mails import SealedLink
from services.mailer.model.recipients import Mailbox, Recipient, choose_sender, one_line
from services.mailer.repository import waiting
from services.mailer.use_cases.mail_room import (
    MailRoom,
    find_clerk,
    name_of_customer,
    queue_copy,
    queue_for_clerks,
    queue_letter,
    reply_address,
)
from shared.database import Transaction
from shared.events import Event
from shared.events.approvals import ApprovalOutdated
from shared.events.auth import (
    AccountRegistered,
    CustomerInvited,
    EmailChanged,
    EmailConfirmationRequested,
    PasswordChanged,
    PasswordResetRequested,
    StaffInvited,
)


async def note(transaction: Transaction, event: Event) -> None:
    """Keep it until its mails are composed; the event is the key."""
    await waiting.add_notice(transaction, event, now=datetime.now(UTC))


async def compose_notice(transaction: Transaction, room: MailRoom, *, now: datetime) -> bool:
    """Make the mails of one event. False where none waits."""
    event = await waiting.take_notice(transaction)
    if event is None:
        return False
    await _COMPOSE[type(event)](transaction, room, event, now)
    return True


async def _invite_customer(
    transaction: Transaction, room: MailRoom, event: CustomerInvited, now: datetime
) -> None:
    clerk = await find_clerk(transaction, [event.clerk_code])
    recipient = _recipient(event)
    customer_name = await name_of_customer(transaction, event.customer_number)
    letter = letters.invite_customer(room.company, event, recipient, customer_name, clerk)
    await queue_letter(
        transaction,
        room,
        letter,
        cause=_cause_of(event),
        shown_from=choose_sender(clerk, room.portal),
        reply_to=reply_address(clerk, room),
        link=SealedLink(event.sealed_token, event.expires_at),
        now=now,
    )
    await queue_copy(transaction, room, letter, clerk, (recipient,), cause=_cause_of(event), now=now)


async def _invite_staff(transaction: Transaction, room: MailRoom, event: StaffInvited, now: datetime) -> None:
    letter = letters.invite_staff(room.company, event, _recipient(event))
    link = SealedLink(event.sealed_token, event.expires_at)
    await _queue_from_portal(transaction, room, letter, event, now=now, link=link)


async def _confirm_email(
    transaction: Transaction, room: MailRoom, event: EmailConfirmationRequested, now: datetime
) -> None:
    letter = letters.confirm_email(room.company, event, _recipient(event))
    link = SealedLink(event.sealed_token, event.expires_at)
    await _queue_from_portal(transaction, room, letter, event, now=now, link=link)


async def _offer_password_reset(
    transaction: Transaction, room: MailRoom, event: PasswordResetRequested, now: datetime
) -> None:
    letter = letters.offer_password_reset(room.company, event, _recipient(event))
    link = SealedLink(event.sealed_token, event.expires_at)
    await _queue_from_portal(transaction, room, letter, event, now=now, link=link)


async def _tell_password_change(
    transaction: Transaction, room: MailRoom, event: PasswordChanged, now: datetime
) -> None:
    letter = letters.tell_password_change(room.company, event, _recipient(event))
    await _queue_from_portal(transaction, room, letter, event, now=now)


async def _tell_email_change(
    transaction: Transaction, room: MailRoom, event: EmailChanged, now: datetime
) -> None:
    former = Recipient(Mailbox(one_line(event.name), event.email_before.strip()), event.locale)
    letter = letters.tell_email_change(room.company, event, former)
    await _queue_from_portal(transaction, room, letter, event, now=now)


async def _tell_registration(
    transaction: Transaction, room: MailRoom, event: AccountRegistered, now: datetime
) -> None:
    customer_name = await name_of_customer(transaction, event.customer_number)
    await queue_for_clerks(
        transaction,
        room,
        [event.invited_by],
        lambda recipient: letters.tell_registration(room.company, event, recipient, customer_name),
        cause=_cause_of(event),
        reply_to=_recipient(event).mailbox,
        now=now,
    )


async def _tell_outdated(
    transaction: Transaction, room: MailRoom, event: ApprovalOutdated, now: datetime
) -> None:
    customer_name = await name_of_customer(transaction, event.customer_number)
    await queue_for_clerks(
        transaction,
        room,
        event.clerk_codes,
        lambda recipient: letters.tell_outdated(room.company, event, recipient, customer_name),
        cause=_cause_of(event),
        now=now,
    )


_COMPOSE: Mapping[type[Event], Callable[[Transaction, MailRoom, Any, datetime], Awaitable[None]]] = {
    CustomerInvited: _invite_customer,
    StaffInvited: _invite_staff,
    EmailConfirmationRequested: _confirm_email,
    PasswordResetRequested: _offer_password_reset,
    PasswordChanged: _tell_password_change,
    EmailChanged: _tell_email_change,
    AccountRegistered: _tell_registration,
    ApprovalOutdated: _tell_outdated,
}


async def _queue_from_portal(
    transaction: Transaction,
    room: MailRoom,
    letter: letters.Letter,
    event: Event,
    *,
    now: datetime,
    link: SealedLink | None = None,
) -> None:
    await queue_letter(
        transaction, room, letter, cause=_cause_of(event), reply_to=room.fallback, link=link, now=now
    )


def _cause_of(event: Event) -> str:
    return f"{event.wire_name}/{event.event_id}"


_Addressed = (
    CustomerInvited
    | StaffInvited
    | EmailConfirmationRequested
    | PasswordResetRequested
    | PasswordChanged
    | AccountRegistered
)


def _recipient(event: _Addressed) -> Recipient:
    return Recipient(Mailbox(one_line(event.name), event.email.strip()), event.locale)
