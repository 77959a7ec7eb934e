"""Accounts."""

import dataclasses
from datetime import datetime
from typing import Any
from uuid import UUID

from services.auth.model.accounts import (
    Account,
    AccountNotFoundError,
    EmailTakenError,
    locale_fault,
    name_fault,
    refuse_faults,
)
from services.auth.repository import accounts
from shared.database import Transaction
from shared.events.auth import AccountChanged, AccountRegistered
from shared.messaging import outbox


async def find_same_account(transaction: Transaction, wanted: Account) -> Account | None:
    """The account that was made before for the same access; raises EmailTakenError for another's address."""
    found = await accounts.find_account(transaction, wanted.email)
    if found is not None and not found.is_same_access(wanted):
        raise EmailTakenError
    return found


async def create_account(
    transaction: Transaction, account: Account, *, password_hash: str, now: datetime
) -> Account:
    """The address is the key: the same access again is the account there is, unchanged and untold."""
    if not await accounts.add_account(transaction, account, password_hash=password_hash, now=now):
        found = await find_same_account(transaction, account)
        if found is None:
            raise EmailTakenError
        return found
    await outbox.add(transaction, AccountRegistered(**told(account)))
    return account


async def find_own_account(transaction: Transaction, account_id: UUID) -> Account:
    """Raises AccountNotFoundError where it is gone or disabled meanwhile."""
    account = await accounts.find_account_by_id(transaction, account_id)
    if account is None:
        raise AccountNotFoundError
    return account


async def change_profile(transaction: Transaction, account_id: UUID, *, name: str, locale: str) -> None:
    """Told where something changes; raises InvalidError at a field."""
    refuse_faults(
        {"name": name_fault(name) if name else "Please enter a name.", "locale": locale_fault(locale)}
    )
    changed = await accounts.save_profile(transaction, account_id, name=name, locale=locale)
    if changed is not None:
        await tell_change(transaction, changed)


async def tell_change(transaction: Transaction, account: Account, *, is_disabled: bool = False) -> None:
    """`account` as it is now, with a revision of its own."""
    await outbox.add(transaction, AccountChanged(**told(account), disabled=is_disabled))


def told(account: Account) -> dict[str, Any]:
    """What every event about an account says of it."""
    return dataclasses.asdict(account)
