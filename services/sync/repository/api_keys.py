"""The keys of CDH's door, as hashes."""

from shared.api.sync import ApiKeyRow
from shared.database import Transaction


async def add_api_key(transaction: Transaction, *, name: str, key_hash: bytes, created_by: str) -> bool:
    """Whether it was added: not while a good key has this name."""
    return bool(
        await transaction.fetchval(
            """
            INSERT INTO api_key (name, key_hash, created_by) VALUES ($1, $2, $3)
                ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING
            RETURNING TRUE
            """,
            name,
            key_hash,
            created_by,
        )
    )


async def list_api_keys(transaction: Transaction) -> list[ApiKeyRow]:
    """Those that are good first, then the newest."""
    rows = await transaction.fetch(
        """
        SELECT api_key_id, name, created_by, created_at, last_used_at, revoked_at
          FROM api_key
         ORDER BY revoked_at IS NOT NULL, created_at DESC, api_key_id DESC
        """
    )
    return [ApiKeyRow(**row) for row in rows]


async def revoke_api_key(transaction: Transaction, api_key_id: int) -> bool:
    """Whether there is such a key. The first time counts."""
    return bool(
        await transaction.fetchval(
            """
            UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE api_key_id = $1
            RETURNING TRUE
            """,
            api_key_id,
        )
    )


async def find_api_key(transaction: Transaction, key_hash: bytes) -> int | None:
    """The id of the key with this hash, unless it is revoked. Its use is noted once in five minutes."""
    row = await transaction.fetchrow(
        """
        SELECT api_key_id, coalesce(last_used_at < now() - interval '5 minutes', TRUE) AS is_due
          FROM api_key
         WHERE key_hash = $1 AND revoked_at IS NULL
        """,
        key_hash,
    )
    if row and row["is_due"]:
        await transaction.execute(
            "UPDATE api_key SET last_used_at = now() WHERE api_key_id = $1", row["api_key_id"]
        )
    return row["api_key_id"] if row else None
