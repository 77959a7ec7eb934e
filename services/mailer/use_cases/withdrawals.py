"""Mails that must not go out any more, for what they say is not their recipient's business by now."""

from datetime import datetime

from services.mailer.model.recipients import Account
from services.mailer.repository import queue
from services.mailer.use_cases.mail_room import tell
from shared.database import Transaction
from shared.events.approvals import ApprovalRequested

ORDER_MOVED = "Withdrawn: the order was moved to another customer, who is asked instead."

ACCOUNT_ENDED = "Withdrawn: the account of this person was deleted or locked."


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


async def withdraw_from_person(transaction: Transaction, account: Account, *, now: datetime) -> None:
    """Who has no access any more reads nothing of his company's affairs. What is his own still comes."""
    for mail in await queue.lock_unsent_to(transaction, account.mailbox.address, account.customer_number):
        withdrawn = mail.withdraw(ACCOUNT_ENDED, now=now)
        await queue.save_mail(transaction, withdrawn)
        await tell(transaction, withdrawn)
