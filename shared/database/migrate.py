"""Brings a database up to date: files `NNNN_verb_what.sql`, each once, in order, under one lock."""

from pathlib import Path

import structlog

from shared.database.pool import connect

_LOCK = 715_001  # any number, the same for all copies of all services
_log = structlog.get_logger()

# The outbox and the inbox stand in the database of every service.
_COMMON = Path(__file__).parent.parent / "messaging" / "migrations"


async def migrate(database_url: str, *folders: Path, with_outbox: bool = True) -> list[str]:
    """Apply what is missing from shared/messaging/migrations and `folders`; returns the names applied.

    The bus database has no outbox: `with_outbox` is False there.

    Safe when several copies start at once: the second waits for the first and finds nothing to do.
    """
    connection = await connect(database_url, timeout=5)
    applied: list[str] = []
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migration ("
            " name text CONSTRAINT migration_pkey PRIMARY KEY,"
            " applied_at timestamptz NOT NULL DEFAULT now())"
        )
        done = {row["name"] for row in await connection.fetch("SELECT name FROM migration")}
        for folder in (*([_COMMON] if with_outbox else []), *folders):
            for file in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")):
                name = f"{folder.parent.name}/{file.stem}"
                if name in done:
                    continue
                async with connection.transaction():
                    await connection.execute(file.read_text(encoding="utf-8"))
                    await connection.execute("INSERT INTO migration (name) VALUES ($1)", name)
                applied.append(name)
                _log.info("migration_applied", name=name)
    finally:
        await connection.close()
    return applied
