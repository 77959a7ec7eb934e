"""Accounts."""

import dataclasses
from datetime import datetime
from typing import Any

from services.auth.model.accounts import Account, EmailTakenError
from services.auth.repository import accounts
from shared.database import Transaction
from shared.events.auth import AccountRegistered
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


def told(account: Account) -> dict[str, Any]:
    """What every event about an account says of it."""
    return dataclasses.asdict(account)
