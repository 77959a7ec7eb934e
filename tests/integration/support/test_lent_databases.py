"""A database that was lent before is as new."""

from shared.database import connect
from tests.support import eventually
from tests.support.postgres import Databases


async def _rows(url: str) -> dict[str, int]:
    connection = await connect(url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            name: await connection.fetchval(f"SELECT count(*) FROM {name}")  # noqa: S608 - the catalogue's own
            for (name,) in tables
        }
    finally:
        await connection.close()


async def test_it_has_the_rows_that_migrations_bring_and_no_others(databases: Databases) -> None:
    first = await databases.lend("documents")
    brought = await _rows(first)
    assert brought["status"] > 0
    connection = await connect(first)
    await connection.execute("SET session_replication_role = replica; DELETE FROM status")
    await connection.execute("INSERT INTO inbox VALUES (gen_random_uuid(), 'a')")
    await databases.take_back(first)
    await eventually(connection.is_closed)

    second = await databases.lend("documents")
    assert second == first
    assert await _rows(second) == brought
    await databases.take_back(second)


async def test_one_whose_tables_were_changed_is_not_lent_again(databases: Databases) -> None:
    first = await databases.lend("documents")
    connection = await connect(first)
    await connection.execute("ALTER TABLE customer DROP COLUMN name")
    await connection.close()
    await databases.take_back(first)

    second = await databases.lend("documents")
    assert second != first
    await databases.take_back(second)
