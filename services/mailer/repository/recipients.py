"""The recipients, as other services told them: accounts, customers with contacts, clerks."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from asyncpg import Record

from services.mailer.model.recipients import Account, Clerk, Contact, Customer
from shared.database import Transaction
from shared.events import sync
from shared.events.auth import AccountChanged, AccountRegistered
from shared.events.sync import File

_ACCOUNT = (
    "account_id, role, name, email, locale, customer_number, contact_id, clerk_code, may_approve, disabled"
)


async def save_account(transaction: Transaction, account: AccountRegistered | AccountChanged) -> bool:
    """An older revision than the one that is known changes nothing; so for customers and clerks.

    False where it is older, or the account is gone.
    """
    saved = await transaction.fetchval(
        "INSERT INTO account (account_id, role, name, email, locale, customer_number, contact_id, clerk_code,"
        " may_approve, disabled, revision)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (account_id) DO UPDATE SET role = EXCLUDED.role, name = EXCLUDED.name,"
        " email = EXCLUDED.email, locale = EXCLUDED.locale, customer_number = EXCLUDED.customer_number,"
        " contact_id = EXCLUDED.contact_id, clerk_code = EXCLUDED.clerk_code,"
        " may_approve = EXCLUDED.may_approve, disabled = EXCLUDED.disabled, revision = EXCLUDED.revision"
        " WHERE account.revision < EXCLUDED.revision AND account.deleted_at IS NULL RETURNING true",
        account.account_id,
        account.role,
        account.name,
        account.email,
        account.locale,
        account.customer_number,
        account.contact_id,
        account.clerk_code,
        account.may_approve,
        account.disabled if isinstance(account, AccountChanged) else False,
        account.revision,
    )
    return bool(saved)


async def lock_account(transaction: Transaction, account_id: UUID) -> Account | None:
    """As it is known before it changes; None where it is not known, or gone."""
    row = await transaction.fetchrow(
        f"SELECT {_ACCOUNT} FROM account WHERE account_id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE",
        account_id,
    )
    return _account(row) if row else None


async def remove_account(transaction: Transaction, account_id: UUID, role: str, *, now: datetime) -> None:
    """Nothing of the person stays; the id does, so that news that come late change nothing."""
    await transaction.execute(
        "INSERT INTO account (account_id, role, name, email, locale, customer_number, contact_id, clerk_code,"
        " may_approve, revision, deleted_at)"
        " VALUES ($1, $2, '', '', '', '', '', '', false, 0, $3)"
        " ON CONFLICT (account_id) DO UPDATE SET name = '', email = '', locale = '', customer_number = '',"
        " contact_id = '', clerk_code = '', may_approve = false, deleted_at = EXCLUDED.deleted_at",
        account_id,
        role,
        now,
    )


async def save_customers(transaction: Transaction, customers: Sequence[sync.Customer]) -> None:
    """A customer's contacts are replaced as a whole."""
    rows = await transaction.fetch(
        "INSERT INTO customer (customer_number, name, email, revision)"
        " SELECT number, name, email, revision"
        " FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])"
        " AS told (number, name, email, revision)"
        " ON CONFLICT (customer_number) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email,"
        " revision = EXCLUDED.revision WHERE customer.revision < EXCLUDED.revision"
        " RETURNING customer_number",
        [customer.customer_number for customer in customers],
        [customer.name for customer in customers],
        [customer.email for customer in customers],
        [customer.revision for customer in customers],
    )
    changed = {row["customer_number"] for row in rows}
    contacts = {
        (customer.customer_number, contact.contact_id): contact
        for customer in customers
        if customer.customer_number in changed
        for contact in customer.contacts
    }
    await transaction.execute("DELETE FROM contact WHERE customer_number = ANY ($1::text[])", sorted(changed))
    await transaction.execute(
        "INSERT INTO contact (customer_number, contact_id, name, email)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])",
        [number for number, _ in contacts],
        [contact_id for _, contact_id in contacts],
        [contact.name for contact in contacts.values()],
        [contact.email for contact in contacts.values()],
    )


async def save_clerks(transaction: Transaction, clerks: Sequence[sync.Clerk]) -> None:
    await transaction.executemany(
        "INSERT INTO clerk (clerk_code, name, email, phone, picture, revision)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (clerk_code) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email,"
        " phone = EXCLUDED.phone, picture = EXCLUDED.picture, revision = EXCLUDED.revision"
        " WHERE clerk.revision < EXCLUDED.revision",
        [
            (
                clerk.clerk_code,
                clerk.name,
                clerk.email,
                clerk.phone,
                clerk.picture.model_dump() if clerk.picture else None,
                clerk.revision,
            )
            for clerk in clerks
        ],
    )


async def list_accounts_of_customer(transaction: Transaction, customer_number: str) -> list[Account]:
    """With those that are disabled. They stay as they are until the end: whoever loses his access while a
    mail is made for him is looked for among its recipients afterwards.
    """
    rows = await transaction.fetch(
        f"SELECT {_ACCOUNT} FROM account WHERE role = 'customer' AND customer_number = $1"
        " ORDER BY name, account_id FOR SHARE",
        customer_number,
    )
    return [_account(row) for row in rows]


async def find_account(transaction: Transaction, account_id: UUID) -> Account | Literal["gone"] | None:
    """Held until the end, likewise; None where nothing was told of it so far."""
    row = await transaction.fetchrow(
        f"SELECT {_ACCOUNT}, deleted_at FROM account WHERE account_id = $1 FOR SHARE", account_id
    )
    if row is None:
        return None
    return "gone" if row["deleted_at"] else _account(row)


async def find_locale_of_address(transaction: Transaction, email: str) -> str | None:
    locale: str | None = await transaction.fetchval(
        "SELECT locale FROM account WHERE lower(email) = lower($1) LIMIT 1", email
    )
    return locale


async def find_customer(transaction: Transaction, customer_number: str) -> Customer | None:
    row = await transaction.fetchrow(
        "SELECT customer_number, name, email FROM customer WHERE customer_number = $1", customer_number
    )
    if row is None:
        return None
    contacts = await transaction.fetch(
        "SELECT contact_id, name, email FROM contact WHERE customer_number = $1 ORDER BY contact_id",
        customer_number,
    )
    return Customer(
        row["customer_number"],
        row["name"],
        row["email"],
        tuple(Contact(one["contact_id"], one["name"], one["email"]) for one in contacts),
    )


async def list_clerks(transaction: Transaction, clerk_codes: Collection[str]) -> dict[str, Clerk]:
    """Those that are known, by code."""
    rows = await transaction.fetch(
        "SELECT clerk_code, name, email, phone, picture FROM clerk WHERE clerk_code = ANY ($1::text[])",
        list(clerk_codes),
    )
    return {row["clerk_code"]: _clerk(row) for row in rows}


async def list_clerk_locales(transaction: Transaction, clerk_codes: Collection[str]) -> dict[str, str]:
    """The languages of those clerks who have an account, by code."""
    rows = await transaction.fetch(
        "SELECT clerk_code, locale FROM account WHERE role = 'clerk' AND clerk_code = ANY ($1::text[])",
        list(clerk_codes),
    )
    return {row["clerk_code"]: row["locale"] for row in rows}


def _account(row: Record) -> Account:
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
        disabled=row["disabled"],
    )


def _clerk(row: Record) -> Clerk:
    picture = File.model_validate(row["picture"]) if row["picture"] else None
    return Clerk(row["clerk_code"], row["name"], row["email"], row["phone"], picture)
