"""A database for each test, cloned from a template that is migrated once."""

from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from deploy.local.postgres import RunningPostgres
from shared.database import migrate

SERVICES = Path(__file__).parent.parent.parent / "services"

# Nothing here outlives the tests: do not wait for the disk.
QUICK = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}


class Databases:
    """Makes databases on one server and drops them again."""

    def __init__(self, server: RunningPostgres) -> None:
        self._server = server
        self._templates: set[str] = set()
        self._count = 0

    async def create(self, service: str) -> str:
        """The URL of a fresh database of this service; of outbox and inbox alone, if there is none such."""
        template = f"template_{service}"
        if template not in self._templates:
            await self._run(f'CREATE DATABASE "{template}"')
            await migrate(self._server.url(template), SERVICES / service / "migrations")
            self._templates.add(template)
        return await self._create(service, f'TEMPLATE "{template}"')

    async def create_empty(self, name: str) -> str:
        """The URL of a database with nothing in it."""
        return await self._create(name, "")

    async def drop(self, url: str) -> None:
        await self._run(f'DROP DATABASE "{urlsplit(url).path.removeprefix("/")}" WITH (FORCE)')

    async def _create(self, name: str, options: str) -> str:
        self._count += 1
        database = f"test_{name}_{self._count}"
        await self._run(f'CREATE DATABASE "{database}" {options}')
        return self._server.url(database)

    async def _run(self, command: str) -> None:
        connection = await asyncpg.connect(self._server.url("postgres"), timeout=10)
        try:
            await connection.execute(command)
        finally:
            await connection.close()
