"""A sample that was assigned and does not get to its customer: after some time its clerk is told, once."""

from datetime import datetime

from services.mailer.letters import proofs
from services.mailer.repository import waiting
from services.mailer.use_cases.mail_room import MailRoom, open_office, queue_for_clerks
from services.mailer.use_cases.postponing import postponed_if_it_fails
from shared.database import Transaction
from shared.events.approvals import ApprovalRequested, SampleSuperseded
from shared.events.sync import SampleAssigned


async def expect_request(transaction: Transaction, assigned: SampleAssigned, *, now: datetime) -> None:
    """The customer should be asked about it soon, counted from now: CDH may tell of it late, after a pause or
    with a first import."""
    await waiting.add_waiting_sample(transaction, assigned, now=now)


async def stop_expecting(transaction: Transaction, event: ApprovalRequested | SampleSuperseded) -> None:
    await waiting.remove_waiting_sample(transaction, event.version_id)


async def compose_waiting_sample(transaction: Transaction, room: MailRoom, *, now: datetime) -> bool:
    """Tell the clerk of one sample that waits too long. False where none does."""
    patience = room.sample_patience
    version_id = await waiting.lock_waiting_sample(transaction, assigned_before=now - patience)
    if version_id is None:
        return False
    office = await open_office(transaction, room)
    with postponed_if_it_fails(
        lambda later, until: waiting.postpone_waiting_sample(later, version_id, until=until - patience)
    ):
        assigned = await waiting.take_waiting_sample(transaction, version_id)
        await queue_for_clerks(
            transaction,
            office,
            [assigned.clerk_code],
            lambda recipient: proofs.tell_waiting_sample(office.company, assigned, recipient),
            cause=f"sample_waits/{assigned.version_id}",
            now=now,
        )
    return True
