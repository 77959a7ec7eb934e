"""What sync hears."""

from services.sync.use_cases import order_folder
from shared.database import Transaction
from shared.events.approvals import ApprovalRecorded
from shared.messaging import Subscription


async def on_approval_recorded(transaction: Transaction, event: ApprovalRecorded) -> None:
    """Twice is harmless: the file is keyed by the decision."""
    await order_folder.file_record(transaction, event)


SUBSCRIPTIONS: tuple[Subscription, ...] = (Subscription(ApprovalRecorded, on_approval_recorded),)
