"""What is over is removed: mails that ended long ago, and what they were made of."""

from datetime import datetime

from services.mailer.repository import housekeeping
from shared.database import Transaction


async def remove_old(transaction: Transaction, *, before: datetime) -> bool:
    """A bounded number of rows; True where more may be left."""
    return await housekeeping.remove_old(transaction, before=before)
