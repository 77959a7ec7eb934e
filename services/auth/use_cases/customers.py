"""What CDH tells of customers."""

from collections.abc import Sequence

from services.auth.repository import customers as customer_rows
from shared.database import Transaction
from shared.events.sync import Customer
from shared.revisions import newest


async def take_customers(transaction: Transaction, customers: Sequence[Customer]) -> None:
    """Each in its newest revision; an older one than what is known is ignored."""
    await customer_rows.save_customers(transaction, newest(customers, lambda one: one.customer_number))
