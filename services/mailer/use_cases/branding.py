"""The dealer as mails show him: what the gateway told of him, else what the settings say."""

from dataclasses import replace

from services.mailer.letters.letter import Company
from services.mailer.repository import branding as repository
from shared.database import Transaction
from shared.events.gateway import BrandingChanged


async def remember_branding(transaction: Transaction, told: BrandingChanged) -> None:
    await repository.save_branding(transaction, told)


async def load_company(transaction: Transaction, settings: Company) -> Company:
    """As he looks and is called now."""
    told = await repository.find_branding(transaction)
    return replace(
        settings,
        name=told.company_name or settings.name,
        colour=told.colour or settings.colour,
        imprint=told.imprint or settings.imprint,
        logo=told.logo,
        logo_size=(told.logo_width, told.logo_height),
    )
