"""Remembering the recipients that other services tell."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.mailer.repository import recipients, waiting
from services.mailer.use_cases import withdrawals
from shared.database import Transaction
from shared.events import sync
from shared.events.auth import AccountChanged, AccountDeleted, AccountRegistered
from shared.revisions import newest


async def remember_account(transaction: Transaction, account: AccountRegistered | AccountChanged) -> None:
    now = datetime.now(UTC)
    known = await recipients.lock_account(transaction, account.account_id)
    is_news = await recipients.save_account(transaction, account)
    if is_news and known and isinstance(account, AccountChanged) and account.disabled:
        await withdrawals.withdraw_from_person(transaction, known, now=now)
    if account.role == "customer":
        await waiting.hurry_awaited_invitations(transaction, account.customer_number, now=now)


async def forget_account(transaction: Transaction, account: AccountDeleted) -> None:
    now = datetime.now(UTC)
    known = await recipients.lock_account(transaction, account.account_id)
    await recipients.remove_account(transaction, account.account_id, account.role, now=now)
    if known:
        await withdrawals.withdraw_from_person(transaction, known, now=now)


async def remember_customers(transaction: Transaction, customers: Sequence[sync.Customer]) -> None:
    await recipients.save_customers(transaction, newest(customers, lambda one: one.customer_number))


async def remember_clerks(transaction: Transaction, clerks: Sequence[sync.Clerk]) -> None:
    await recipients.save_clerks(transaction, newest(clerks, lambda one: one.clerk_code))
