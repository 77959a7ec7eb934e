"""Accounts."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record, UniqueViolationError

from services.auth.model.accounts import Account, ListedAccount, ListWish, email_key
from shared.database import Transaction

COLUMNS = (
    "account.account_id, account.role, account.name, account.email, account.locale, account.customer_number,"
    " account.contact_id, account.clerk_code, account.may_approve, account.revision"
)


async def add_account(
    transaction: Transaction, account: Account, *, password_hash: str, now: datetime
) -> bool:
    """False where the address is taken."""
    return bool(
        await transaction.fetchval(
            "INSERT INTO account (account_id, role, name, email, email_key, password_hash, locale,"
            " customer_number, contact_id, clerk_code, may_approve, revision, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
            " ON CONFLICT (email_key) DO NOTHING RETURNING true",
            account.account_id,
            account.role,
            account.name,
            account.email,
            email_key(account.email),
            password_hash,
            account.locale,
            account.customer_number,
            account.contact_id,
            account.clerk_code,
            account.may_approve,
            account.revision,
            now,
        )
    )


async def find_account(transaction: Transaction, email: str) -> Account | None:
    row = await transaction.fetchrow(f"SELECT {COLUMNS} FROM account WHERE email_key = $1", email_key(email))
    return account_of(row) if row else None


async def lock_account_by_key(transaction: Transaction, key: str) -> Account | None:
    """Of somebody who may log in with this address, as it is compared."""
    row = await transaction.fetchrow(
        f"SELECT {COLUMNS} FROM account WHERE email_key = $1 AND disabled_at IS NULL FOR NO KEY UPDATE", key
    )
    return account_of(row) if row else None


async def find_credentials(transaction: Transaction, email: str) -> tuple[Account, str] | None:
    """Account and password hash of somebody who may log in."""
    row = await transaction.fetchrow(
        f"SELECT {COLUMNS}, account.password_hash FROM account WHERE email_key = $1 AND disabled_at IS NULL",
        email_key(email),
    )
    return (account_of(row), row["password_hash"]) if row else None


_LISTED = (
    f"{COLUMNS}, coalesce(customer.name, '') AS customer_name, account.created_at, account.last_login_at,"
    " account.disabled_at"
)
_SORTED = "folded(customer_name), customer_number, folded(name), account_id"


async def list_accounts(transaction: Transaction, wish: ListWish) -> tuple[list[ListedAccount], int]:
    """The wished page, by company and name, and how many there are on all pages."""
    rows = await transaction.fetch(
        f"""
        WITH found AS (
            SELECT {_LISTED}
              FROM account LEFT JOIN customer USING (customer_number)
             WHERE ($1::boolean IS NULL OR (account.role = 'customer') = $1)
               AND ($2 = '' OR account.customer_number = $2)
               AND NOT EXISTS (
                   SELECT FROM unnest($3::text[]) AS word
                    WHERE position(folded(word) IN folded(concat_ws(' ', account.name, account.email,
                          account.customer_number, account.clerk_code, customer.name))) = 0)
        )
        SELECT (SELECT count(*) FROM found) AS total, page.*
          FROM (SELECT NULL) AS always
          LEFT JOIN (SELECT * FROM found ORDER BY {_SORTED} LIMIT $4 OFFSET $5) AS page ON true
         ORDER BY {_SORTED}
        """,
        wish.of_customers,
        wish.customer_number,
        wish.words,
        wish.limit,
        wish.offset,
    )
    return [_listed(row) for row in rows if row["account_id"]], rows[0]["total"]


async def find_listed_account(transaction: Transaction, account_id: UUID) -> ListedAccount | None:
    row = await transaction.fetchrow(
        f"SELECT {_LISTED} FROM account LEFT JOIN customer USING (customer_number) WHERE account_id = $1",
        account_id,
    )
    return _listed(row) if row else None


async def lock_enabled_operators(transaction: Transaction) -> set[UUID]:
    """Locked in one order, before any other account: two who disable one another come one after the other."""
    rows = await transaction.fetch(
        "SELECT account_id FROM account WHERE role = 'operator' AND disabled_at IS NULL"
        " ORDER BY account_id FOR UPDATE"
    )
    return {row["account_id"] for row in rows}


async def lock_any_account(
    transaction: Transaction, account_id: UUID
) -> tuple[Account, datetime | None] | None:
    """The account, disabled or not, and since when it is."""
    row = await transaction.fetchrow(
        f"SELECT {COLUMNS}, account.disabled_at FROM account WHERE account_id = $1 FOR UPDATE", account_id
    )
    return (account_of(row), row["disabled_at"]) if row else None


async def save_rights(
    transaction: Transaction, account_id: UUID, *, may_approve: bool, disabled_at: datetime | None
) -> Account:
    """The account with its new revision; it exists, since it is locked."""
    row = await transaction.fetchrow(
        "UPDATE account SET may_approve = $2, disabled_at = $3, revision = revision + 1"
        f" WHERE account_id = $1 RETURNING {COLUMNS}",
        account_id,
        may_approve,
        disabled_at,
    )
    assert row is not None
    return account_of(row)


async def remove_account(transaction: Transaction, account_id: UUID) -> None:
    """With sessions, links, known networks and the invitation that was accepted."""
    await transaction.execute("DELETE FROM account WHERE account_id = $1", account_id)


async def find_account_by_id(transaction: Transaction, account_id: UUID) -> Account | None:
    """Of somebody who may log in."""
    row = await transaction.fetchrow(
        f"SELECT {COLUMNS} FROM account WHERE account_id = $1 AND disabled_at IS NULL", account_id
    )
    return account_of(row) if row else None


async def save_profile(
    transaction: Transaction, account_id: UUID, *, name: str, locale: str
) -> Account | None:
    """The account with its new revision; None where nothing changes."""
    row = await transaction.fetchrow(
        "UPDATE account SET name = $2, locale = $3, revision = revision + 1 WHERE account_id = $1"
        f" AND disabled_at IS NULL AND (name, locale) <> ($2, $3) RETURNING {COLUMNS}",
        account_id,
        name,
        locale,
    )
    return account_of(row) if row else None


async def save_email(transaction: Transaction, account_id: UUID, email: str) -> Account | None:
    """The account with its new revision; None where another has got the address."""
    try:
        row = await transaction.fetchrow(
            "UPDATE account SET email = $2, email_key = $3, revision = revision + 1 WHERE account_id = $1"
            f" RETURNING {COLUMNS}",
            account_id,
            email,
            email_key(email),
        )
    except UniqueViolationError:
        return None
    return account_of(row) if row else None


async def save_password_hash(transaction: Transaction, account_id: UUID, password_hash: str) -> None:
    await transaction.execute(
        "UPDATE account SET password_hash = $2 WHERE account_id = $1", account_id, password_hash
    )


async def lock_account(transaction: Transaction, account_id: UUID) -> Account | None:
    """Of somebody who may log in; it stays as it is until the transaction ends.

    Whoever changes more than the account locks it first, so that nobody deadlocks.
    """
    row = await transaction.fetchrow(
        f"SELECT {COLUMNS} FROM account WHERE account_id = $1 AND disabled_at IS NULL FOR NO KEY UPDATE",
        account_id,
    )
    return account_of(row) if row else None


async def lock_enabled_account(transaction: Transaction, account_id: UUID, *, password_hash: str) -> bool:
    """Whether the account may still be used with this password; it stays so until the transaction ends."""
    return bool(
        await transaction.fetchval(
            "SELECT true FROM account WHERE account_id = $1 AND password_hash = $2 AND disabled_at IS NULL"
            " FOR NO KEY UPDATE",
            account_id,
            password_hash,
        )
    )


async def note_log_in(transaction: Transaction, account_id: UUID, *, now: datetime) -> None:
    await transaction.execute("UPDATE account SET last_login_at = $2 WHERE account_id = $1", account_id, now)


async def has_operator(transaction: Transaction) -> bool:
    return bool(
        await transaction.fetchval(
            "SELECT EXISTS (SELECT FROM account WHERE role = 'operator' AND disabled_at IS NULL)"
        )
    )


def _listed(row: Record) -> ListedAccount:
    return ListedAccount(
        account=account_of(row),
        customer_name=row["customer_name"],
        created_at=row["created_at"],
        last_login_at=row["last_login_at"],
        disabled_at=row["disabled_at"],
    )


def account_of(row: Record) -> Account:
    return Account(
        account_id=row["account_id"],
        role=row["role"],
        name=row["name"],
        email=row["email"],
        locale=row["locale"],
        customer_number=row["customer_number"],
        contact_id=row["contact_id"],
        clerk_code=row["clerk_code"],
        may_approve=row["may_approve"],
        revision=row["revision"],
    )
