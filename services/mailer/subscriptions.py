"""What mailer hears. Nothing is sent here: rows are written, from which the loops of effects.py work."""

from services.mailer import use_cases
from shared.database import Transaction
from shared.events.approvals import ApprovalRecorded, ApprovalRequested
from shared.events.auth import AccountRegistered
from shared.events.sync import ClerksChanged, CustomersChanged
from shared.messaging import Subscription


async def on_approval_requested(transaction: Transaction, event: ApprovalRequested) -> None:
    await use_cases.collect_request(transaction, event)


async def on_approval_recorded(transaction: Transaction, event: ApprovalRecorded) -> None:
    await use_cases.note_decision(transaction, event)


async def on_account_registered(transaction: Transaction, event: AccountRegistered) -> None:
    await use_cases.remember_account(transaction, event)


async def on_customers_changed(transaction: Transaction, event: CustomersChanged) -> None:
    await use_cases.remember_customers(transaction, event.customers)


async def on_clerks_changed(transaction: Transaction, event: ClerksChanged) -> None:
    await use_cases.remember_clerks(transaction, event.clerks)


SUBSCRIPTIONS: tuple[Subscription, ...] = (
    Subscription(ApprovalRequested, on_approval_requested),
    Subscription(ApprovalRecorded, on_approval_recorded),
    Subscription(AccountRegistered, on_account_registered),
    Subscription(CustomersChanged, on_customers_changed),
    Subscription(ClerksChanged, on_clerks_changed),
)
