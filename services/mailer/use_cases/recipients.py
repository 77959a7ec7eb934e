"""Remembering the recipients that other services tell."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.mailer.repository import recipients, waiting
from shared.database import Transaction
from shared.events import sync
from shared.events.auth import AccountChanged, AccountDeleted, AccountRegistered
from shared.revisions import newest


async def remember_account(transaction: Transaction, account: AccountRegistered | AccountChanged) -> None:
    await recipients.save_account(transaction, account)
    if account.role == "customer":
        await waiting.hurry_awaited_invitations(transaction, account.customer_number, now=datetime.now(UTC))


async def forget_account(transaction: Transaction, account: AccountDeleted) -> None:
    await recipients.remove_account(transaction, account.account_id, account.role, now=datetime.now(UTC))


async def remember_customers(transaction: Transaction, customers: Sequence[sync.Customer]) -> None:
    await recipients.save_customers(transaction, newest(customers, lambda one: one.customer_number))


async def remember_clerks(transaction: Transaction, clerks: Sequence[sync.Clerk]) -> None:
    await recipients.save_clerks(transaction, newest(clerks, lambda one: one.clerk_code))
