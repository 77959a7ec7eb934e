"""Migrations, transactions and waking on a real PostgreSQL."""

import asyncio
import errno
import os
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from shared.database import DATABASE_ERRORS, Waker, create_pool, migrate, transaction
from shared.database.wake import notify
from tests.support import eventually
from tests.support.proxy import Proxy


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "numbers" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_create_number.sql").write_text("CREATE TABLE number (value integer);")
    (folder / "0002_add_one.sql").write_text("INSERT INTO number (value) VALUES (1);")
    return folder


async def test_each_migration_is_applied_once_when_copies_start_together(
    bus_database_url: str, migrations: Path
) -> None:
    applied = await asyncio.gather(
        *(migrate(bus_database_url, migrations, with_outbox=False) for _ in range(4))
    )
    assert sorted(map(len, applied)) == [0, 0, 0, 2]
    (migrations / "0003_add_two.sql").write_text("INSERT INTO number (value) VALUES (2);")
    assert await migrate(bus_database_url, migrations, with_outbox=False) == ["numbers/0003_add_two"]
    pool = await create_pool(bus_database_url)
    assert await pool.fetchval("SELECT array_agg(value ORDER BY value) FROM number") == [1, 2]
    await pool.close()


async def test_a_migration_that_fails_leaves_nothing_behind(bus_database_url: str, migrations: Path) -> None:
    broken = migrations / "0002_add_one.sql"
    broken.write_text("INSERT INTO number (value) VALUES (1); SELECT 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(bus_database_url, migrations, with_outbox=False)
    broken.write_text("INSERT INTO number (value) VALUES (2);")
    assert await migrate(bus_database_url, migrations, with_outbox=False) == ["numbers/0002_add_one"]


async def test_a_raise_rolls_back_and_the_connection_is_clean_again(bus_database_url: str) -> None:
    pool = await create_pool(bus_database_url, max_size=1)
    await pool.execute("CREATE TABLE number (value integer)")

    async def insert_and_raise() -> None:
        async with transaction(pool) as opened:
            await opened.execute("INSERT INTO number (value) VALUES (1)")
            raise LookupError

    with pytest.raises(LookupError):
        await insert_and_raise()
    async with transaction(pool) as opened:
        assert await opened.fetchval("SELECT count(*) FROM number") == 0
    await pool.close()


async def test_a_connection_that_heard_the_servers_last_words_is_a_database_that_is_away(
    bus_database_url: str,
) -> None:
    fields = b"SFATAL\0C57P05\0Mterminating connection due to unexpected postmaster exit\0\0"
    last_words = b"E" + (4 + len(fields)).to_bytes(4, "big") + fields
    setting = b"heard\0yes\0"  # which tells that they have arrived
    last_words += b"S" + (4 + len(setting)).to_bytes(4, "big") + setting
    async with Proxy(bus_database_url) as proxy:
        pool = await create_pool(proxy.url, max_size=1)
        assert await pool.fetchval("SELECT 1") == 1
        await proxy.say(last_words)
        [held] = pool._holders  # type: ignore[attr-defined]  # asyncpg-stubs know no inside
        # The words arrive, and the end of the connection does not.
        await eventually(lambda: getattr(held._con.get_settings(), "heard", ""), is_="yes")
        with pytest.raises(DATABASE_ERRORS):
            await pool.fetchval("SELECT 1")
        proxy.cut()
        proxy.mend()
        assert await pool.fetchval("SELECT 1") == 1
        await pool.close()


@pytest.mark.parametrize("where", ["127.0.0.1:9", "no.such.host.invalid", "/no/such/socket"])
async def test_whatever_keeps_from_connecting_is_a_database_that_is_away(where: str) -> None:
    url = f"postgresql:///none?user=nobody&host={quote(where, safe='')}"
    pool = await create_pool(url)
    with pytest.raises(DATABASE_ERRORS):
        await pool.fetchval("SELECT 1")
    with pytest.raises(DATABASE_ERRORS):
        await migrate(url)
    await pool.close()


async def test_a_connection_that_is_cut_is_a_database_that_is_away(bus_database_url: str) -> None:
    async with Proxy(bus_database_url) as proxy:
        pool = await create_pool(proxy.url, max_size=1)

        async def lose_it() -> None:
            async with transaction(pool) as opened:
                proxy.cut()
                await opened.execute("SELECT 1")

        with pytest.raises(DATABASE_ERRORS):
            await lose_it()
        await pool.close()


def test_a_full_disk_is_no_database_that_is_away() -> None:
    assert not isinstance(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), DATABASE_ERRORS)


async def test_a_commit_wakes_and_a_cut_connection_is_made_again(bus_database_url: str) -> None:
    pool = await create_pool(bus_database_url)
    waker = Waker(bus_database_url, "work")
    woken = waker.event("work")
    listening = asyncio.create_task(waker.run())
    await eventually(woken.is_set)  # it looks once when it connects

    woken.clear()
    async with transaction(pool) as opened:
        await notify(opened, "work")
        assert not woken.is_set()
    await eventually(woken.is_set)

    woken.clear()
    await pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ILIKE 'listen%'"
    )
    await eventually(woken.is_set)  # connected again
    listening.cancel()
    await pool.close()
