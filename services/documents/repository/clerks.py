"""Clerks, as cards."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from shared.api.documents import ClerkCard
from shared.database import Transaction
from shared.events.sync import Clerk

_CLERKS = TypeAdapter(Sequence[Clerk])


async def save_clerks(transaction: Transaction, clerks: Sequence[Clerk]) -> None:
    """Save those that are newer than what is known."""
    await transaction.execute(
        """
        INSERT INTO clerk AS known
               (clerk_code, name, email, phone, picture_sha256, picture_name, picture_media_type, revision)
        SELECT clerk_code, name, email, phone, coalesce(picture->>'sha256', ''),
               coalesce(picture->>'name', ''), coalesce(picture->>'media_type', ''), revision
          FROM jsonb_to_recordset($1::text::jsonb) AS told(
               clerk_code text, name text, email text, phone text, picture jsonb, revision bigint)
         ORDER BY clerk_code
            ON CONFLICT ON CONSTRAINT clerk_pkey DO UPDATE
           SET (name, email, phone, picture_sha256, picture_name, picture_media_type, revision)
             = (excluded.name, excluded.email, excluded.phone, excluded.picture_sha256,
                excluded.picture_name, excluded.picture_media_type, excluded.revision)
         WHERE known.revision < excluded.revision
        """,
        _CLERKS.dump_json(clerks).decode(),
    )


_CARD = "SELECT clerk_code, name, email, phone, picture_sha256 FROM clerk WHERE clerk_code = $1"


async def find_clerk(transaction: Transaction, clerk_code: str) -> ClerkCard | None:
    row = await transaction.fetchrow(_CARD, clerk_code)
    return ClerkCard(**row) if row else None


async def find_clerk_for_customer(
    transaction: Transaction, customer_number: str, clerk_code: str
) -> ClerkCard | None:
    """The card of a clerk who has one of the customer's documents."""
    row = await transaction.fetchrow(
        f"""
        {_CARD} AND EXISTS (
            SELECT FROM document WHERE customer_number = $2 AND document.clerk_code = clerk.clerk_code)
        """,
        clerk_code,
        customer_number,
    )
    return ClerkCard(**row) if row else None


async def list_clerks(transaction: Transaction) -> list[ClerkCard]:
    rows = await transaction.fetch(
        "SELECT clerk_code, name, email, phone, picture_sha256 FROM clerk ORDER BY clerk_code"
    )
    return [ClerkCard(**row) for row in rows]
