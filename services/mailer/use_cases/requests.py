"""A proof waits for its customer: who is asked, and who is invited to begin with."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.mailer.letters import proofs
from services.mailer.model.mails import SealedLink, select_requests
from services.mailer.model.recipients import (
    Contact,
    Mailbox,
    Recipient,
    belongs_to,
    choose_request_recipients,
    one_line,
)
from services.mailer.repository import recipients, waiting
from services.mailer.use_cases import withdrawals
from services.mailer.use_cases.mail_room import MailRoom, Office, find_clerk, open_office, queue_from_clerk
from services.mailer.use_cases.postponing import postponed_if_it_fails
from shared.database import Transaction
from shared.events.approvals import ApprovalRequested
from shared.events.auth import CustomerInvited
from shared.events.mailer import InvitationRequested
from shared.messaging import outbox

INVITATION_PATIENCE = timedelta(hours=1)
"""So long requests wait for the link of an invitation; then they go out without."""


async def collect_request(transaction: Transaction, request: ApprovalRequested) -> None:
    """Keep it until its companions of the same order have come; the version is the key.

    Where the order became another customer's, he is asked anew, and the former one no longer.
    """
    now = datetime.now(UTC)
    if await waiting.add_request(transaction, request, now=now):
        await withdrawals.withdraw_from_former_customer(transaction, request, now=now)


async def compose_requests(transaction: Transaction, room: MailRoom, *, now: datetime) -> bool | timedelta:
    """Make the mails of the order that has waited long enough.

    True when that was done, else how long the next one has to wait, or False where none waits.
    """
    oldest = await waiting.find_oldest_request(transaction)
    if oldest is None:
        return False
    document_id, heard_at = oldest
    office = await open_office(transaction, room)
    due_at = heard_at + office.settings.request_delay
    if now < due_at:
        return due_at - now
    with postponed_if_it_fails(
        lambda later, until: waiting.postpone_requests(later, document_id, until=until)
    ):
        taken = await waiting.take_requests(transaction, document_id, now=now)
        if requests := await _still_open(transaction, taken):
            chosen = await _choose_recipients(transaction, office, requests[-1])
            if any(not recipient.has_account for recipient in chosen):
                await _ask_for_invitation(transaction, requests, chosen[0], now=now)
            else:
                await _queue_requests(transaction, office, requests, chosen, now=now)
    return True


async def compose_awaited(transaction: Transaction, room: MailRoom, *, now: datetime) -> bool | timedelta:
    """Make the mails of requests that waited for the link of an invitation; answers as compose_requests."""
    next_one = await waiting.find_next_awaited_invitation(transaction)
    if next_one is None:
        return False
    cause, document_id, ready_at = next_one
    if now < ready_at:
        return ready_at - now
    office = await open_office(transaction, room)
    with postponed_if_it_fails(
        lambda later, until: waiting.postpone_awaited_invitation(later, cause, until=until)
    ):
        await _compose_awaited(transaction, office, cause, document_id, now=now)
    return True


async def _compose_awaited(
    transaction: Transaction, office: Office, cause: str, document_id: UUID, *, now: datetime
) -> None:
    taken = await waiting.take_awaited_requests(transaction, cause, document_id, now=now)
    if taken is None:
        return
    waited, invited = taken
    if requests := await _still_open(transaction, waited):
        chosen = await _choose_recipients(transaction, office, requests[-1])
        if invited and any(not recipient.has_account for recipient in chosen):
            await _queue_with_invitation(transaction, office, requests, invited, now=now)
        else:
            await _queue_requests(transaction, office, requests, chosen, now=now)


async def take_link(transaction: Transaction, invited: CustomerInvited) -> bool:
    """Give the link to the requests that asked for it. False where it is to be a mail of its own."""
    if not invited.request_cause:
        return False
    if await waiting.answer_awaited_invitation(transaction, invited, now=datetime.now(UTC)):
        return True
    # The requests went out without it. He needs no link if he has an access by now: his own, no colleague's.
    person = Contact(invited.contact_id, invited.name, invited.email)
    accounts = await recipients.list_accounts_of_customer(transaction, invited.customer_number)
    return any(not one.disabled and belongs_to(one, invited.contact_id, person) for one in accounts)


async def _still_open(
    transaction: Transaction, requests: Sequence[ApprovalRequested]
) -> tuple[ApprovalRequested, ...]:
    decided = await waiting.list_decided(transaction, {request.version_id for request in requests})
    return select_requests(requests, decided)


async def _choose_recipients(
    transaction: Transaction, office: Office, request: ApprovalRequested
) -> tuple[Recipient, ...]:
    return choose_request_recipients(
        request.contact_id,
        await recipients.find_customer(transaction, request.customer_number),
        await recipients.list_accounts_of_customer(transaction, request.customer_number),
        default_locale=office.default_locale,
    )


async def _ask_for_invitation(
    transaction: Transaction, requests: Sequence[ApprovalRequested], recipient: Recipient, *, now: datetime
) -> None:
    """The requests wait for the link; requests of the same order that wait already are joined."""
    newest = requests[-1]
    cause = await waiting.find_awaited_invitation(transaction, newest.document_id, newest.customer_number)
    if cause is None:
        cause = _cause_of(requests)
        await waiting.add_awaited_invitation(
            transaction,
            cause,
            newest.document_id,
            newest.customer_number,
            ready_at=now + INVITATION_PATIENCE,
        )
        await outbox.add(
            transaction,
            InvitationRequested(
                cause=cause,
                customer_number=newest.customer_number,
                contact_id=recipient.contact_id,
                email=recipient.mailbox.address,
                name=recipient.mailbox.name if recipient.contact_id else "",
                locale=recipient.locale,
                clerk_code=next(iter(newest.clerk_codes), ""),
            ),
        )
    await waiting.let_requests_wait(transaction, [request.version_id for request in requests], cause)


async def _queue_with_invitation(
    transaction: Transaction,
    office: Office,
    requests: Sequence[ApprovalRequested],
    invited: CustomerInvited,
    *,
    now: datetime,
) -> None:
    recipient = Recipient(
        Mailbox(one_line(invited.name), invited.email.strip()), invited.locale, has_account=False
    )
    await _queue_requests(
        transaction,
        office,
        requests,
        (recipient,),
        link=SealedLink(invited.sealed_token, invited.expires_at),
        now=now,
    )


async def _queue_requests(
    transaction: Transaction,
    office: Office,
    requests: Sequence[ApprovalRequested],
    chosen: tuple[Recipient, ...],
    *,
    now: datetime,
    link: SealedLink | None = None,
) -> None:
    clerk = await find_clerk(transaction, requests[-1].clerk_codes)
    nobody = Recipient(Mailbox("", ""), office.default_locale)
    await queue_from_clerk(
        transaction,
        office,
        [
            proofs.request_approval(
                office.company, requests, one, clerk, invitation_ends_at=link.expires_at if link else None
            )
            for one in chosen or (nobody,)
        ],
        clerk,
        cause=_cause_of(requests),
        link=link,
        version_ids=tuple(request.version_id for request in requests),
        customer_number=requests[-1].customer_number,
        now=now,
    )


def _cause_of(requests: Sequence[ApprovalRequested]) -> str:
    """Of one order, and of this telling: it may have been another customer's before, and become his again."""
    oldest = min(requests, key=lambda request: request.version_id)
    return f"approval_requested/{oldest.event_id}/{requests[-1].customer_number}"
