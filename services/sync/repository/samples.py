"""The versions of samples."""

from collections.abc import Sequence
from uuid import UUID

from shared.database import Transaction


async def add_sample_version(
    transaction: Transaction,
    sample_id: UUID,
    *,
    order_number: str,
    position_numbers: Sequence[str],
    title: str,
    sha256: str,
    also_same_bytes: bool,
) -> int | None:
    """The number of the new version; None when the newest one is this file already. Others wait."""
    version: int | None = await transaction.fetchval(
        """
        INSERT INTO sample AS known (sample_id, order_number, position_numbers, title, version, sha256)
        VALUES ($1, $2, $3, $4, 1, $5)
            ON CONFLICT ON CONSTRAINT sample_pkey DO UPDATE
           SET version = known.version + 1, sha256 = excluded.sha256
         WHERE known.sha256 <> excluded.sha256 OR $6
        RETURNING version
        """,
        sample_id,
        order_number,
        position_numbers,
        title,
        sha256,
        also_same_bytes,
    )
    return version
