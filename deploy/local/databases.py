"""Makes the databases of the services on a PostgreSQL server, and a role for each that sees nothing else."""

from collections.abc import Mapping

import asyncpg

from shared.database import Connection

# The gateway first: people look at its pages while the others still come up.
SERVICES = ("gateway", "auth", "documents", "approvals", "mailer", "sync")
BUS = "bus"
PREFIX = "cockpit_"


async def create_databases(
    admin_url: str, *, role_passwords: Mapping[str, str] | None = None, prefix: str = PREFIX
) -> None:
    """Makes what is missing of `<prefix><service>` and `<prefix>bus`. Harmless when run again.

    With `role_passwords` (service to password) each service gets a role named like its database: it owns it,
    and nobody else may enter; the bus is open to all. Without, the administrator's role serves them all.
    """
    connection = await asyncpg.connect(admin_url, timeout=10)
    try:
        for service in (*SERVICES, BUS):
            await _create_database(connection, f"{prefix}{service}")
        if role_passwords is not None:
            bus = f"{prefix}{BUS}"
            await _create_role(connection, bus)
            await _hand_over(connection, database=bus, owner=bus)
            for service in SERVICES:
                name = f"{prefix}{service}"
                await _create_role(connection, name)
                await _execute(connection, "ALTER ROLE %I LOGIN PASSWORD %L", name, role_passwords[service])
                await _hand_over(connection, database=name, owner=name)
                await _execute(connection, "GRANT %I TO %I", bus, name)
                # On the bus every service acts as its owner, so that whoever comes first may make the tables.
                await _execute(connection, "ALTER ROLE %I IN DATABASE %I SET role TO %L", name, bus, bus)
    finally:
        await connection.close()


async def _create_database(connection: Connection, name: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        await _execute(connection, "CREATE DATABASE %I ENCODING 'UTF8' TEMPLATE template0", name)


async def _create_role(connection: Connection, name: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name):
        await _execute(connection, "CREATE ROLE %I", name)


async def _hand_over(connection: Connection, *, database: str, owner: str) -> None:
    await _execute(connection, "GRANT %I TO CURRENT_USER", owner)
    await _execute(connection, "ALTER DATABASE %I OWNER TO %I", database, owner)
    await _execute(connection, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database)


async def _execute(connection: Connection, template: str, *values: str) -> None:
    """Statements that take no parameters are put together by PostgreSQL's own quoting: %I names, %L texts."""
    statement = await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", template, list(values))
    await connection.execute(statement)
