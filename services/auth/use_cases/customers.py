"""What CDH tells of customers."""

from collections.abc import Sequence

from services.auth.repository import customers as customer_rows
from shared.database import Transaction
from shared.events.sync import Customer


async def take_customers(transaction: Transaction, customers: Sequence[Customer]) -> None:
    """Each in its newest revision; an older one than what is known is ignored."""
    newest = {one.customer_number: one for one in sorted(customers, key=lambda one: one.revision)}
    await customer_rows.save_customers(transaction, list(newest.values()))
