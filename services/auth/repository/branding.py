"""The dealer's name, as the gateway told it."""

from shared.database import Transaction


async def save_company_name(transaction: Transaction, company_name: str, *, revision: int) -> None:
    """An older revision than the one that is known changes nothing."""
    await transaction.execute(
        """
        INSERT INTO branding AS known (branding_id, company_name, revision) VALUES (1, $1, $2)
            ON CONFLICT ON CONSTRAINT branding_pkey DO UPDATE
           SET (company_name, revision) = (excluded.company_name, excluded.revision)
         WHERE known.revision < excluded.revision
        """,
        company_name,
        revision,
    )


async def find_company_name(transaction: Transaction) -> str:
    """Empty where nothing was told, or nothing was set."""
    return await transaction.fetchval("SELECT company_name FROM branding") or ""
