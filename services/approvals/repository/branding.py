"""How the dealer is called and looks, as the gateway told it."""

from services.approvals.model.versions import Dealer
from shared.database import Transaction
from shared.events.gateway import BrandingChanged


async def save_branding(transaction: Transaction, told: BrandingChanged) -> None:
    """An older revision than the one that is known changes nothing."""
    await transaction.execute(
        """
        INSERT INTO branding AS known
               (branding_id, company_name, logo_sha256, logo_width, logo_height, revision)
        VALUES (1, $1, $2, $3, $4, $5)
            ON CONFLICT ON CONSTRAINT branding_pkey DO UPDATE
           SET (company_name, logo_sha256, logo_width, logo_height, revision)
             = (excluded.company_name, excluded.logo_sha256, excluded.logo_width, excluded.logo_height,
                excluded.revision)
         WHERE known.revision < excluded.revision
        """,
        told.company_name,
        told.logo.sha256 if told.logo else "",
        told.logo_width,
        told.logo_height,
        told.revision,
    )


async def find_dealer(transaction: Transaction) -> Dealer:
    """Without a name where nothing was told, or nothing was set."""
    row = await transaction.fetchrow(
        "SELECT company_name, logo_sha256, logo_width, logo_height FROM branding"
    )
    if row is None:
        return Dealer("")
    return Dealer(row["company_name"], row["logo_sha256"], row["logo_width"], row["logo_height"])
