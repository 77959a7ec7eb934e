"""Customers; only the dealer's people ask for them."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from services.documents.repository.searching import literally
from shared.api.documents import Customer, CustomerRow
from shared.database import Transaction
from shared.events import sync as told

_CUSTOMERS = TypeAdapter(Sequence[told.Customer])

# PostgreSQL may know no German collation: letters with dots are sorted beside those without.
_SORTED = "translate(lower(name), 'äöüéèß', 'aouees'), customer_number"


async def save_customers(transaction: Transaction, customers: Sequence[told.Customer]) -> None:
    """Save those that are newer than what is known."""
    await transaction.execute(
        """
        INSERT INTO customer AS known
               (customer_number, record_number, name, address, email, invoice_email, contacts, revision)
        SELECT customer_number, record_number, name, address, email, invoice_email, contacts, revision
          FROM jsonb_to_recordset($1::text::jsonb) AS told(
               customer_number text, record_number text, name text, address text, email text,
               invoice_email text, contacts jsonb, revision bigint)
         ORDER BY customer_number
            ON CONFLICT ON CONSTRAINT customer_pkey DO UPDATE
           SET (record_number, name, address, email, invoice_email, contacts, revision)
             = (excluded.record_number, excluded.name, excluded.address, excluded.email,
                excluded.invoice_email, excluded.contacts, excluded.revision)
         WHERE known.revision < excluded.revision
        """,
        _CUSTOMERS.dump_json(customers).decode(),
    )


async def list_customers(
    transaction: Transaction, words: Sequence[str], *, limit: int, offset: int
) -> tuple[list[CustomerRow], int]:
    """Those in which each of the words stands somewhere, sorted by name; and how many are on all pages."""
    rows = await transaction.fetch(
        f"""
        WITH found AS (
            SELECT customer_number, record_number, name, address FROM customer
             WHERE search_form(concat_ws(E'\\n', customer_number, record_number, name, address, email,
                                         jsonb_path_query_array(contacts, '$[*].*')))
                   LIKE ALL (SELECT '%' || search_form(word) || '%' FROM unnest($1::text[]) AS word))
        SELECT found.*, (SELECT count(*) FROM found) AS total
          FROM (SELECT NULL) AS always
          LEFT JOIN (SELECT * FROM found ORDER BY {_SORTED} LIMIT $2 OFFSET $3) AS found ON TRUE
         ORDER BY {_SORTED}
        """,
        [literally(word) for word in words],
        limit,
        offset,
    )
    return [CustomerRow(**row) for row in rows if row["customer_number"]], rows[0]["total"]


async def find_customer(transaction: Transaction, customer_number: str) -> Customer | None:
    """With the clerk of his newest document, and how many documents of each kind he has."""
    row = await transaction.fetchrow(
        """
        SELECT customer_number, record_number, name, address, email, invoice_email, contacts,
               (SELECT coalesce(jsonb_object_agg(kind, counted), '{}')
                  FROM (SELECT kind, count(*) AS counted FROM document
                         WHERE document.customer_number = customer.customer_number GROUP BY kind) AS of_kind
               ) AS counts,
               (SELECT jsonb_build_object('clerk_code', clerk_code, 'name', clerk.name, 'email', clerk.email,
                           'phone', phone, 'picture_sha256', picture_sha256)
                  FROM document JOIN clerk USING (clerk_code)
                 WHERE document.customer_number = customer.customer_number
                 ORDER BY document_date DESC, number DESC LIMIT 1) AS clerk
          FROM customer
         WHERE customer_number = $1
        """,
        customer_number,
    )
    return Customer(**row) if row else None
