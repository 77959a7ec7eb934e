"""What documents hears. Each entity has its own revision: hearing twice, late or out of order is harmless."""

from services.documents import use_cases
from shared.database import Transaction
from shared.events.sync import ClerksChanged, CustomersChanged, DocumentsChanged, StatusesChanged
from shared.messaging import Subscription


async def on_customers_changed(transaction: Transaction, event: CustomersChanged) -> None:
    await use_cases.take_customers(transaction, event.customers)


async def on_clerks_changed(transaction: Transaction, event: ClerksChanged) -> None:
    await use_cases.take_clerks(transaction, event.clerks)


async def on_statuses_changed(transaction: Transaction, event: StatusesChanged) -> None:
    await use_cases.take_statuses(transaction, event)


async def on_documents_changed(transaction: Transaction, event: DocumentsChanged) -> None:
    await use_cases.take_documents(transaction, event.documents)


SUBSCRIPTIONS: tuple[Subscription, ...] = (
    Subscription(CustomersChanged, on_customers_changed),
    Subscription(ClerksChanged, on_clerks_changed),
    Subscription(StatusesChanged, on_statuses_changed),
    Subscription(DocumentsChanged, on_documents_changed),
)
