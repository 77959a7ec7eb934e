"""Mails that must not go out any more, for what they say is not their recipient's business by now."""

from datetime import datetime

from services.mailer.repository import queue
from shared.database import Transaction
from shared.events.approvals import ApprovalRequested

ORDER_MOVED = "Withdrawn: the order was moved to another customer, who is asked instead."


async def withdraw_from_former_customer(
    transaction: Transaction, request: ApprovalRequested, *, now: datetime
) -> None:
    """Whoever had the order before is not asked any more.

    Nothing is told of it: the state of the mail that approvals knows is that of the new request.
    """
    for mail in await queue.lock_unsent_requests_of_others(
        transaction, request.version_id, request.customer_number
    ):
        await queue.save_mail(transaction, mail.withdraw(ORDER_MOVED, now=now))
