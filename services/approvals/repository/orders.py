"""The projections of CDH's orders and customers, and the lock that brings samples and orders together."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from services.approvals.model.orders import Order, Position
from shared.database import Transaction
from shared.events.sync import Customer, Document

_POSITIONS = TypeAdapter(tuple[Position, ...])


async def lock_order_numbers(transaction: Transaction, order_numbers: Iterable[str]) -> None:
    """Until the end of the transaction nobody else brings samples and orders of these numbers together.

    Else a sample and its order that arrive at the same moment would not see one another.
    """
    await transaction.execute(
        """
        SELECT pg_advisory_xact_lock(hash)
          FROM (SELECT DISTINCT hashtextextended(number, 0) AS hash
                  FROM unnest($1::text[]) AS number ORDER BY hash) AS in_one_order_for_all
        """,
        list(order_numbers),
    )


async def save_orders(transaction: Transaction, orders: Sequence[Document]) -> list[UUID]:
    """Insert or update those that are newer than what is known; returns their ids. No id twice."""
    rows = await transaction.fetch(
        """
        INSERT INTO cdh_order (
            document_id, number, customer_number, contact_id, clerk_code, positions, revision)
        SELECT document_id, number, customer_number, contact_id, clerk_code, positions, revision
          FROM jsonb_to_recordset($1::jsonb) AS given (
               document_id uuid, number text, customer_number text, contact_id text, clerk_code text,
               positions jsonb, revision bigint)
         ORDER BY document_id
        ON CONFLICT ON CONSTRAINT cdh_order_pkey DO UPDATE
           SET number = EXCLUDED.number, customer_number = EXCLUDED.customer_number,
               contact_id = EXCLUDED.contact_id, clerk_code = EXCLUDED.clerk_code,
               positions = EXCLUDED.positions, revision = EXCLUDED.revision
         WHERE cdh_order.revision < EXCLUDED.revision
        RETURNING document_id
        """,
        [_order_json(order) for order in orders],
    )
    return [row["document_id"] for row in rows]


async def list_orders(transaction: Transaction, document_ids: Sequence[UUID]) -> list[Order]:
    rows = await transaction.fetch(
        """
        SELECT document_id, number, customer_number, contact_id, clerk_code, positions
          FROM cdh_order WHERE document_id = ANY($1::uuid[])
        """,
        document_ids,
    )
    return [_order(row) for row in rows]


async def get_order(transaction: Transaction, document_id: UUID) -> Order:
    """Of a linked version, whose order is there."""
    return (await list_orders(transaction, [document_id]))[0]


async def list_orders_by_numbers(transaction: Transaction, numbers: Iterable[str]) -> list[Order]:
    """A number alone is not unique; the last one changed comes first."""
    rows = await transaction.fetch(
        """
        SELECT document_id, number, customer_number, contact_id, clerk_code, positions
          FROM cdh_order WHERE number = ANY($1::text[]) ORDER BY revision DESC, document_id
        """,
        list(numbers),
    )
    return [_order(row) for row in rows]


async def save_customers(transaction: Transaction, customers: Sequence[Customer]) -> None:
    """Insert or update those that are newer than what is known. No number twice."""
    await transaction.execute(
        """
        INSERT INTO customer (customer_number, name, revision)
        SELECT customer_number, name, revision
          FROM unnest($1::text[], $2::text[], $3::bigint[]) AS given (customer_number, name, revision)
         ORDER BY customer_number
        ON CONFLICT ON CONSTRAINT customer_pkey DO UPDATE
           SET name = EXCLUDED.name, revision = EXCLUDED.revision
         WHERE customer.revision < EXCLUDED.revision
        """,
        [customer.customer_number for customer in customers],
        [customer.name for customer in customers],
        [customer.revision for customer in customers],
    )


async def find_customer_name(transaction: Transaction, customer_number: str) -> str | None:
    name: str | None = await transaction.fetchval(
        "SELECT name FROM customer WHERE customer_number = $1", customer_number
    )
    return name


def _order_json(order: Document) -> dict[str, Any]:
    return {
        "document_id": str(order.document_id),
        "number": order.number,
        "customer_number": order.customer_number,
        "contact_id": order.contact_id,
        "clerk_code": order.clerk_code,
        "positions": [
            position.model_dump(
                mode="json",
                include={
                    "position_id", "number", "article_number", "text", "description", "quantity", "unit",
                    "colour", "size", "finishing",
                },
            )
            for position in order.positions
        ],
        "revision": order.revision,
    }  # fmt: skip


def positions_json(positions: Iterable[Position]) -> Any:
    return _POSITIONS.dump_python(tuple(positions), mode="json")


def positions_of(values: list[dict[str, str]]) -> tuple[Position, ...]:
    return _POSITIONS.validate_python(values)


def _order(row: asyncpg.Record) -> Order:
    return Order(
        document_id=row["document_id"],
        number=row["number"],
        customer_number=row["customer_number"],
        contact_id=row["contact_id"],
        clerk_code=row["clerk_code"],
        positions=positions_of(row["positions"]),
    )
