from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from deploy.local.databases import SERVICES, create_databases
from deploy.local.postgres import RunningPostgres, start_postgres
from shared.database import Connection
from tests.support.postgres import QUICK, copy_of

PASSWORDS = {service: f"of {service}'s own" for service in SERVICES}


@pytest.fixture(scope="module")
def server(servers_folder: Path, new_cluster: Path) -> Iterator[RunningPostgres]:
    """One of its own, since roles belong to a whole server."""
    server = start_postgres(copy_of(new_cluster, servers_folder / "roles"), settings=QUICK)
    yield server
    server.stop()


@pytest.fixture
async def admin_url(server: RunningPostgres) -> str:
    # Twice, as at every further start.
    for _ in range(2):
        await create_databases(server.url(), role_passwords=PASSWORDS)
    return server.url()


async def test_each_service_owns_its_database_and_enters_no_other(admin_url: str) -> None:
    auth = await _connect(admin_url, role="auth", database="auth")
    await auth.execute("CREATE TABLE account (name text)")
    await auth.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    await auth.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _connect(admin_url, role="auth", database="documents")


async def test_all_services_share_the_tables_of_the_bus(admin_url: str) -> None:
    first = await _connect(admin_url, role="sync", database="bus")
    await first.execute("CREATE TABLE message (body text)")
    await first.close()
    second = await _connect(admin_url, role="mailer", database="bus")
    await second.execute("ALTER TABLE message ADD COLUMN sent_at timestamptz")
    await second.execute("INSERT INTO message (body) VALUES ('told')")
    assert await second.fetchval("SELECT body FROM message") == "told"
    await second.close()


async def test_without_roles_the_administrator_serves_them_all(server: RunningPostgres) -> None:
    await create_databases(server.url(), prefix="plain_")
    await create_databases(server.url(), prefix="plain_")
    for service in SERVICES:
        connection = await asyncpg.connect(server.url(f"plain_{service}"), timeout=10)
        await connection.close()


async def _connect(admin_url: str, *, role: str, database: str) -> Connection:
    parts = urlsplit(admin_url)
    return await asyncpg.connect(
        host=parts.hostname,
        port=parts.port,
        user=f"cockpit_{role}",
        password=PASSWORDS[role],
        database=f"cockpit_{database}",
        timeout=10,
    )
