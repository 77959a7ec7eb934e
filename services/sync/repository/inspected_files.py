"""Files that were looked into, and what was found."""

from services.sync.model import InspectedFile
from shared.database import Transaction


async def find_inspected_file(transaction: Transaction, sha256: str) -> InspectedFile | None:
    row = await transaction.fetchrow(
        "SELECT sha256, size, format, fault FROM inspected_file WHERE sha256 = $1", sha256
    )
    return InspectedFile(**row) if row else None


async def add_inspected_file(transaction: Transaction, file: InspectedFile) -> None:
    """Two who inspected the same bytes found the same: the first row stays."""
    await transaction.execute(
        """
        INSERT INTO inspected_file (sha256, size, format, fault) VALUES ($1, $2, $3, $4)
            ON CONFLICT ON CONSTRAINT inspected_file_pkey DO NOTHING
        """,
        file.sha256,
        file.size,
        file.format,
        file.fault,
    )
