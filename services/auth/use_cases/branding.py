"""What the dealer is called: his name makes no good password."""

from services.auth.repository import branding
from shared.database import Transaction


async def take_company_name(transaction: Transaction, company_name: str, *, revision: int) -> None:
    await branding.save_company_name(transaction, company_name, revision=revision)


async def find_company_name(transaction: Transaction, *, default: str) -> str:
    """As an operator set it, else as in the settings."""
    return await branding.find_company_name(transaction) or default
