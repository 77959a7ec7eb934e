"""What is over is removed."""

from datetime import datetime

from services.auth.repository import housekeeping
from shared.database import Transaction


async def remove_expired(transaction: Transaction, *, now: datetime) -> bool:
    """A bounded number of rows; True where more may be left."""
    return await housekeeping.remove_expired(transaction, now=now)
