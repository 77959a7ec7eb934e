"""Accounts."""

import dataclasses
from datetime import datetime
from typing import Any
from uuid import UUID

from services.auth.model.accounts import (
    Account,
    AccountNotFoundError,
    EmailTakenError,
    LastOperatorError,
    ListedAccount,
    ListWish,
    OwnAccountError,
    locale_fault,
    name_fault,
    refuse_faults,
)
from services.auth.repository import accounts, credentials, invitations, sessions
from shared.database import Transaction
from shared.events.auth import AccountChanged, AccountDeleted, AccountRegistered
from shared.messaging import outbox
from shared.web import Identity


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


async def list_accounts(transaction: Transaction, wish: ListWish) -> tuple[list[ListedAccount], int]:
    return await accounts.list_accounts(transaction, wish)


async def get_account(transaction: Transaction, account_id: UUID) -> ListedAccount:
    """Raises AccountNotFoundError."""
    account = await accounts.find_listed_account(transaction, account_id)
    if account is None:
        raise AccountNotFoundError
    return account


async def change_account(
    transaction: Transaction,
    who: Identity,
    account_id: UUID,
    *,
    may_approve: bool | None,
    disabled: bool | None,
    now: datetime,
) -> None:
    """None leaves as it is. Whoever is disabled has no session and no link from now on.

    Raises AccountNotFoundError, OwnAccountError, LastOperatorError.
    """
    account, disabled_at = await _lock_for_operator(
        transaction, who, account_id, takes_access=disabled is True
    )
    if may_approve is None or account.role != "customer":
        may_approve = account.may_approve
    if disabled is None or disabled == (disabled_at is not None):
        wanted_at = disabled_at
    else:
        wanted_at = now if disabled else None
    if (may_approve, wanted_at) == (account.may_approve, disabled_at):
        return
    changed = await accounts.save_rights(
        transaction, account_id, may_approve=may_approve, disabled_at=wanted_at
    )
    if wanted_at is not None:
        await sessions.remove_sessions(transaction, account_id)
        await credentials.remove_links(transaction, account_id)
    await tell_change(transaction, changed, is_disabled=wanted_at is not None)


async def delete_account(transaction: Transaction, who: Identity, account_id: UUID) -> None:
    """Everything that lets the person in is gone; raises the same errors."""
    account, _ = await _lock_for_operator(transaction, who, account_id, takes_access=True)
    await invitations.remove_unanswered_invitations(transaction, account)
    await accounts.remove_account(transaction, account_id)
    await outbox.add(
        transaction,
        AccountDeleted(account_id=account_id, role=account.role, customer_number=account.customer_number),
    )


async def _lock_for_operator(
    transaction: Transaction, who: Identity, account_id: UUID, *, takes_access: bool
) -> tuple[Account, datetime | None]:
    operators = await accounts.lock_enabled_operators(transaction)
    found = await accounts.lock_any_account(transaction, account_id)
    if found is None:
        raise AccountNotFoundError
    if takes_access and account_id == who.account_id:
        raise OwnAccountError
    if takes_access and operators == {account_id}:
        raise LastOperatorError
    return found


async def tell_change(transaction: Transaction, account: Account, *, is_disabled: bool = False) -> None:
    """`account` as it is now, with a revision of its own."""
    await outbox.add(transaction, AccountChanged(**told(account), disabled=is_disabled))


def told(account: Account) -> dict[str, Any]:
    """What every event about an account says of it."""
    return dataclasses.asdict(account)
