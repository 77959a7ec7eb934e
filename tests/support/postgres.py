"""A database for each test, as the migrations leave it."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from urllib.parse import urlsplit

import asyncpg

from deploy.local.postgres import RunningPostgres
from shared.database import Connection, migrate

SERVICES = Path(__file__).parent.parent.parent / "services"

# In its folder, which goes with the session, also when it was killed.
OWN_MEMORY = {"dynamic_shared_memory_type": "mmap"}
# Nothing here outlives the tests: do not wait for the disk, do not tidy up.
QUICK = {
    **OWN_MEMORY,
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "autovacuum": "off",
    "shared_buffers": "24MB",
    "max_connections": "300",
}


def copy_of(cluster: Path, folder: Path) -> Path:
    """For a server of its own: initdb takes a second, a copy of what it has made next to nothing."""
    copytree(cluster / "data", folder / "data", ignore=ignore_patterns("postmaster.*"))
    copy(cluster / "password", folder / "password")
    return folder


async def use_quick_passwords(server: RunningPostgres) -> None:
    """SCRAM takes some thousand rounds on both sides, and tests connect some thousand times."""
    connection = await asyncpg.connect(server.url(), timeout=10)
    try:
        await connection.execute("SET password_encryption = 'md5'")
        password = urlsplit(server.url()).password
        await connection.execute(f"ALTER ROLE postgres PASSWORD '{password}'")
        hba = Path(await connection.fetchval("SHOW hba_file"))
    finally:
        await connection.close()
    hba.write_text(hba.read_text().replace("scram-sha-256", "md5"))


# Of all that is not PostgreSQL's own: another sum, other tables, columns, functions or triggers.
_SCHEMA = """
    SELECT (SELECT sum(oid::bigint) FROM pg_class WHERE oid >= 16384)
         + (SELECT sum(oid::bigint) FROM pg_proc WHERE oid >= 16384)
         + (SELECT sum(oid::bigint) FROM pg_trigger)
         + (SELECT sum(oid::bigint) FROM pg_constraint WHERE oid >= 16384)
         + (SELECT count(*) FROM pg_attribute WHERE NOT attisdropped)
"""


class Databases:
    """Lends databases on one server, each as new; the same ones again and again, since making one is slow."""

    def __init__(self, server: RunningPostgres, connection: Connection) -> None:
        self._server = server
        self._connection = connection
        self._one_at_a_time = asyncio.Lock()
        self._templates: dict[str, Template] = {}
        self._lent: dict[str, Lent] = {}
        self._free: dict[str, list[Lent]] = defaultdict(list)
        self._count = 0

    async def lend(self, service: str) -> str:
        """The URL of a database as the migrations of this service leave it; those of outbox and inbox alone,
        if there is no such service."""
        async with self._one_at_a_time:
            template = self._templates.get(service) or await self._make_template(service)
            free = self._free[service]
            lent = free.pop() if free else await self._make(template)
            self._lent[lent.url] = lent
            return lent.url

    async def lend_empty(self, name: str) -> str:
        """The URL of a database with nothing in it."""
        async with self._one_at_a_time:
            return await self._create(name, "STRATEGY file_copy")

    async def take_back(self, url: str) -> None:
        async with self._one_at_a_time:
            lent = self._lent.pop(url, None)
            if lent and await lent.restore():
                self._free[lent.template.service].append(lent)
            else:
                await self._drop(url)

    async def close(self) -> None:
        """What is lent no more is left as it is: it goes with the server."""
        for free in self._free.values():
            for lent in free:
                await lent.connection.close()

    async def _make_template(self, service: str) -> "Template":
        database = f"template_{service}"
        await self._connection.execute(f'CREATE DATABASE "{database}"')
        url = self._server.url(database)
        await migrate(url, SERVICES / service / "migrations")
        self._templates[service] = await Template.of(service, database, url)
        return self._templates[service]

    async def _make(self, template: "Template") -> "Lent":
        # A copy of the files is five times as quick as writing every page to the log.
        url = await self._create(template.service, f'TEMPLATE "{template.database}" STRATEGY file_copy')
        return Lent(url, template, await asyncpg.connect(url, timeout=10))

    async def _create(self, name: str, options: str) -> str:
        self._count += 1
        database = f"test_{name}_{self._count}"
        await self._connection.execute(f'CREATE DATABASE "{database}" {options}')
        return self._server.url(database)

    async def _drop(self, url: str) -> None:
        await self._connection.execute(f'DROP DATABASE "{urlsplit(url).path.removeprefix("/")}" WITH (FORCE)')


@dataclass(frozen=True)
class Template:
    """What a service's database has in it at its start, and how to get back there."""

    service: str
    database: str
    schema: int
    restoring: str

    @classmethod
    async def of(cls, service: str, database: str, url: str) -> "Template":
        """Rows that migrations bring are kept beside the tables, to be brought in again."""
        connection = await asyncpg.connect(url, timeout=10)
        try:
            await connection.execute("CREATE SCHEMA as_new")
            listed = await connection.fetch(
                "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'"
            )
            tables = [row["name"] for row in listed]
            brought = [
                table for table in tables if await connection.fetchval(f"SELECT EXISTS (TABLE {table})")
            ]
            for table in brought:
                await connection.execute(f"CREATE TABLE as_new.{table} AS TABLE public.{table}")
            sequences = await connection.fetch(
                "SELECT format('%I', sequencename) AS name, coalesce(last_value, start_value) AS value,"
                " last_value IS NOT NULL AS is_called FROM pg_sequences WHERE schemaname = 'public'"
            )
            return cls(
                service,
                database,
                await connection.fetchval(_SCHEMA),
                ";".join(
                    (
                        "SET session_replication_role = replica",  # no trigger, no order among the tables
                        *(f"DELETE FROM {table}" for table in tables),  # noqa: S608 - the catalogue's own names
                        *(
                            f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE as_new.{table}"
                            for table in brought
                        ),
                        *(
                            f"SELECT setval('{row['name']}', {row['value']}, {row['is_called']})"
                            for row in sequences
                        ),
                    )
                ),
            )
        finally:
            await connection.close()


@dataclass(frozen=True)
class Lent:
    """A database that is lent or was, with the connection that makes it as new."""

    url: str
    template: Template
    connection: Connection

    async def restore(self) -> bool:
        """Everybody else is cut off. False where more than rows was changed: then it is over with it."""
        await self.connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if await self.connection.fetchval(_SCHEMA) != self.template.schema:
            await self.connection.close()
            return False
        await self.connection.execute(self.template.restoring)
        return True
