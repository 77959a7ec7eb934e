"""What CDH has told of customers."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from services.auth.model.invitations import Contact, Customer
from shared.database import Transaction
from shared.events import sync as told

_CUSTOMERS = TypeAdapter(Sequence[told.Customer])


async def save_customers(transaction: Transaction, customers: Sequence[told.Customer]) -> None:
    """Save those that are newer than what is known; each stands in `customers` once."""
    await transaction.execute(
        """
        INSERT INTO customer AS known (customer_number, name, email, contacts, revision)
        SELECT customer_number, name, email, contacts, revision
          FROM jsonb_to_recordset($1::text::jsonb)
            AS told(customer_number text, name text, email text, contacts jsonb, revision bigint)
         ORDER BY customer_number
            ON CONFLICT ON CONSTRAINT customer_pkey DO UPDATE
           SET (name, email, contacts, revision)
             = (excluded.name, excluded.email, excluded.contacts, excluded.revision)
         WHERE known.revision < excluded.revision
        """,
        _CUSTOMERS.dump_json(customers).decode(),
    )


async def find_customer(transaction: Transaction, customer_number: str) -> Customer | None:
    row = await transaction.fetchrow(
        "SELECT customer_number, name, email, contacts FROM customer WHERE customer_number = $1",
        customer_number,
    )
    if row is None:
        return None
    contacts = tuple(Contact(one["contact_id"], one["name"], one["email"]) for one in row["contacts"])
    return Customer(row["customer_number"], row["name"], row["email"], contacts)
