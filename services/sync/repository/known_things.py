"""What later events refer to: customers, clerks, status groups, orders."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from services.sync.model import KnownCustomer, KnownGroup
from shared.database import Transaction


async def add_known_clerks(transaction: Transaction, clerk_codes: Collection[str]) -> None:
    await transaction.execute(
        """
        INSERT INTO known_clerk (clerk_code) SELECT * FROM unnest($1::text[])
            ON CONFLICT ON CONSTRAINT known_clerk_pkey DO NOTHING
        """,
        sorted(clerk_codes),
    )


async def save_known_customers(transaction: Transaction, customers: Sequence[KnownCustomer]) -> None:
    """No number twice."""
    await transaction.executemany(
        """
        INSERT INTO known_customer (customer_number, has_email, contact_ids, contact_ids_with_email)
        VALUES ($1, $2, $3, $4)
            ON CONFLICT ON CONSTRAINT known_customer_pkey DO UPDATE
           SET has_email = excluded.has_email, contact_ids = excluded.contact_ids,
               contact_ids_with_email = excluded.contact_ids_with_email
        """,
        [
            (
                customer.customer_number,
                customer.has_email,
                sorted(customer.contact_ids),
                sorted(customer.contact_ids_with_email),
            )
            for customer in sorted(customers, key=lambda one: one.customer_number)
        ],
    )


async def find_known_customer(transaction: Transaction, customer_number: str) -> KnownCustomer | None:
    row = await transaction.fetchrow(
        """
        SELECT customer_number, has_email, contact_ids, contact_ids_with_email
          FROM known_customer WHERE customer_number = $1
        """,
        customer_number,
    )
    if row is None:
        return None
    return KnownCustomer(
        customer_number=row["customer_number"],
        has_email=row["has_email"],
        contact_ids=frozenset(row["contact_ids"]),
        contact_ids_with_email=frozenset(row["contact_ids_with_email"]),
    )


async def is_known_clerk(transaction: Transaction, clerk_code: str) -> bool:
    return bool(await transaction.fetchval("SELECT TRUE FROM known_clerk WHERE clerk_code = $1", clerk_code))


async def add_known_groups(transaction: Transaction, kinds: Mapping[str, str]) -> None:
    """Group id to kind of document."""
    group_ids = sorted(kinds)
    await transaction.execute(
        """
        INSERT INTO known_status_group (group_id, kind) SELECT * FROM unnest($1::text[], $2::text[])
            ON CONFLICT ON CONSTRAINT known_status_group_pkey DO NOTHING
        """,
        group_ids,
        [kinds[group_id] for group_id in group_ids],
    )


async def list_known_groups(transaction: Transaction) -> list[KnownGroup]:
    rows = await transaction.fetch("SELECT group_id, kind, is_default FROM known_status_group")
    return [KnownGroup(**row) for row in rows]


async def remove_known_groups(transaction: Transaction, group_ids: Collection[str]) -> None:
    await transaction.execute(
        "DELETE FROM known_status_group WHERE group_id = ANY ($1) AND NOT is_default", list(group_ids)
    )


async def save_known_orders(transaction: Transaction, dates: Mapping[str, dt.date]) -> None:
    """Order number to the order's date."""
    numbers = sorted(dates)
    await transaction.execute(
        """
        INSERT INTO known_order AS known (order_number, order_date)
        SELECT * FROM unnest($1::text[], $2::date[])
            ON CONFLICT ON CONSTRAINT known_order_pkey DO UPDATE SET order_date = excluded.order_date
         WHERE known.order_date <> excluded.order_date
        """,
        numbers,
        [dates[number] for number in numbers],
    )
