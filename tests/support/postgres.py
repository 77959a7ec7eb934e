"""A database for each test, cloned from a template that is migrated once."""

import asyncio
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from urllib.parse import urlsplit

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
    "max_connections": "300",
}


def copy_of(cluster: Path, folder: Path) -> Path:
    """For a server of its own: initdb takes a second, a copy of what it has made next to nothing."""
    copytree(cluster / "data", folder / "data", ignore=ignore_patterns("postmaster.*"))
    copy(cluster / "password", folder / "password")
    return folder


class Databases:
    """Makes databases on one server and drops them again."""

    def __init__(self, server: RunningPostgres, connection: Connection) -> None:
        self._server = server
        self._connection = connection
        self._one_at_a_time = asyncio.Lock()
        self._templates: set[str] = set()
        self._count = 0

    async def create(self, service: str) -> str:
        """The URL of a fresh database of this service; of outbox and inbox alone, if there is none such."""
        template = f"template_{service}"
        if template not in self._templates:
            await self._run(f'CREATE DATABASE "{template}"')
            await migrate(self._server.url(template), SERVICES / service / "migrations")
            self._templates.add(template)
        # A copy of the files is five times as quick as writing every page to the log.
        return await self._create(service, f'TEMPLATE "{template}" STRATEGY file_copy')

    async def create_empty(self, name: str) -> str:
        """The URL of a database with nothing in it."""
        return await self._create(name, "STRATEGY file_copy")

    async def drop(self, url: str) -> None:
        await self._run(f'DROP DATABASE "{urlsplit(url).path.removeprefix("/")}" WITH (FORCE)')

    async def _create(self, name: str, options: str) -> str:
        self._count += 1
        database = f"test_{name}_{self._count}"
        await self._run(f'CREATE DATABASE "{database}" {options}')
        return self._server.url(database)

    async def _run(self, command: str) -> None:
        async with self._one_at_a_time:
            await self._connection.execute(command)
