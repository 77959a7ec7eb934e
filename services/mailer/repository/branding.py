"""How the dealer looks and is called, as the gateway told it."""

from dataclasses import dataclass

from shared.database import Transaction
from shared.events.gateway import BrandingChanged
from shared.events.sync import File


@dataclass(frozen=True)
class Branding:
    """What is empty was not set: there the settings hold."""

    company_name: str = ""
    colour: str = ""
    imprint: str = ""
    logo: File | None = None
    logo_width: int = 0
    logo_height: int = 0


async def save_branding(transaction: Transaction, told: BrandingChanged) -> None:
    """An older revision than the one that is known changes nothing."""
    await transaction.execute(
        "INSERT INTO branding (branding_id, company_name, colour, imprint, logo, logo_width, logo_height,"
        " revision) VALUES (1, $1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (branding_id) DO UPDATE SET company_name = EXCLUDED.company_name,"
        " colour = EXCLUDED.colour, imprint = EXCLUDED.imprint, logo = EXCLUDED.logo,"
        " logo_width = EXCLUDED.logo_width, logo_height = EXCLUDED.logo_height,"
        " revision = EXCLUDED.revision"
        " WHERE branding.revision < EXCLUDED.revision",
        told.company_name,
        told.colour,
        told.imprint,
        told.logo.model_dump() if told.logo else None,
        told.logo_width,
        told.logo_height,
        told.revision,
    )


async def find_branding(transaction: Transaction) -> Branding:
    row = await transaction.fetchrow(
        "SELECT company_name, colour, imprint, logo, logo_width, logo_height FROM branding"
    )
    if row is None:
        return Branding()
    return Branding(
        row["company_name"],
        row["colour"],
        row["imprint"],
        File.model_validate(row["logo"]) if row["logo"] else None,
        row["logo_width"],
        row["logo_height"],
    )
