"""The company's look: one row, counted up with each change, and the legal texts."""

from datetime import datetime

from services.gateway.model.branding import Branding, Logo
from shared.database import Transaction

CHANGED = "branding_changed"
"""The channel that wakes every copy of the gateway."""


async def find_revision(transaction: Transaction) -> int:
    """0 as long as nothing was ever set."""
    return await transaction.fetchval("SELECT revision FROM branding") or 0


async def get_branding(transaction: Transaction) -> Branding:
    """What was set, or nothing of it. One statement, so that all of it is of the same moment."""
    row = await transaction.fetchrow(
        """
        SELECT revision, company_name, colour, mail_imprint, logo_sha256, logo_size, logo_width, logo_height,
               (SELECT coalesce(jsonb_agg(jsonb_build_array(name, locale, text)), '[]') FROM legal_text)
                   AS legal_texts
          FROM branding
        """
    )
    if row is None:
        return Branding()
    return Branding(
        revision=row["revision"],
        company_name=row["company_name"],
        colour=row["colour"],
        mail_imprint=row["mail_imprint"],
        logo=Logo(row["logo_sha256"], row["logo_size"], row["logo_width"], row["logo_height"])
        if row["logo_sha256"]
        else None,
        legal_texts={(name, locale): text for name, locale, text in row["legal_texts"]},
    )


async def lock_branding(transaction: Transaction, *, now: datetime) -> Branding:
    """What was set so far, and nobody else changes it until the end of the transaction."""
    await transaction.execute(
        "INSERT INTO branding (revision, company_name, colour, mail_imprint, logo_sha256, logo_size,"
        " logo_width, logo_height, changed_at) VALUES (0, '', '', '', '', 0, 0, 0, $1)"
        " ON CONFLICT ON CONSTRAINT branding_pkey DO NOTHING",
        now,
    )
    await transaction.execute("SELECT FROM branding FOR UPDATE")
    return await get_branding(transaction)


async def save_branding(transaction: Transaction, branding: Branding, *, now: datetime) -> None:
    logo = branding.logo
    await transaction.execute(
        "UPDATE branding SET (revision, company_name, colour, mail_imprint, logo_sha256, logo_size,"
        " logo_width, logo_height, changed_at) = ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        branding.revision,
        branding.company_name,
        branding.colour,
        branding.mail_imprint,
        logo.sha256 if logo else "",
        logo.size if logo else 0,
        logo.width if logo else 0,
        logo.height if logo else 0,
        now,
    )
    await transaction.execute("DELETE FROM legal_text")
    await transaction.executemany(
        "INSERT INTO legal_text (name, locale, text) VALUES ($1, $2, $3)",
        [(name, locale, text) for (name, locale), text in branding.legal_texts.items()],
    )
