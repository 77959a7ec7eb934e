import asyncio
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local import postgres
from deploy.local.errors import LauncherError
from deploy.local.ports import free_port, is_free
from deploy.local.postgres import RunningPostgres, start_postgres
from deploy.local.secret_files import private_folder
from tests.support import eventually
from tests.support.postgres import copy_of
from tests.support.system import is_alive

Starter = Callable[[], RunningPostgres]


@pytest.fixture
def start(start_new: Starter, new_cluster: Path, memory_path: Path) -> Starter:
    """The same, on data that are there already: making them takes a second."""
    copy_of(new_cluster, memory_path / "postgres")
    return start_new


@pytest.fixture
def start_new(memory_path: Path) -> Iterator[Starter]:
    """Starts a server on one and the same folder; whatever runs at the end is stopped."""
    started: list[RunningPostgres] = []

    def start() -> RunningPostgres:
        started.append(start_postgres(memory_path / "postgres"))
        return started[-1]

    yield start
    for server in started:
        server.stop()


async def test_a_warm_start_finds_its_data_behind_the_same_address(start: Starter) -> None:
    first = start()
    await _execute(first.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    first.stop()
    second = start()
    assert second.url() == first.url()
    assert await _execute(second.url(), "SELECT answer FROM kept") == 42


async def test_committed_data_are_there_after_kill_9(start: Starter) -> None:
    first = start()
    await _execute(first.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    first.kill()
    second = start()
    assert await _execute(second.url(), "SELECT answer FROM kept") == 42


async def test_stopping_leaves_no_process(start: Starter) -> None:
    server = start()
    backend = await _execute(server.url(), "SELECT pg_backend_pid()")
    server.stop()
    assert not server.is_running
    assert not is_alive(server.pid)
    await eventually(lambda: not is_alive(int(str(backend))))


async def test_nobody_enters_without_the_password(start_new: Starter) -> None:
    server = start_new()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:guess@127.0.0.1:{server.port}/postgres")


def test_the_password_is_for_its_owner_only(start_new: Starter, memory_path: Path) -> None:
    start_new()
    assert (memory_path / "postgres" / "password").stat().st_mode & 0o777 == 0o600
    assert (memory_path / "postgres").stat().st_mode & 0o777 == 0o700


def test_a_taken_port_is_left_to_its_owner(start: Starter, memory_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as somebody:
        taken = somebody.getsockname()[1]
        (private_folder(memory_path / "postgres") / "port").write_text(f"{taken}\n")
        assert start().port != taken


async def test_started_again_it_waits_for_the_port_that_its_clients_know(
    start: Starter, memory_path: Path
) -> None:
    log = memory_path / "postgres" / "postgres.log"
    first = start()
    first.kill()
    await eventually(lambda: is_free(first.port))  # a child of it may have held it a moment longer
    with socket.create_server(("127.0.0.1", first.port)):
        starting = asyncio.create_task(asyncio.to_thread(start))
        await eventually(lambda: "could not create any TCP/IP sockets" in log.read_text())
    assert (await starting).port == first.port


async def test_the_wheel_serves_where_the_system_has_no_postgresql(
    start_new: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_system_folders", list)
    server = start_new()
    await _execute(server.url(), "CREATE EXTENSION pg_trgm")
    assert int(str(await _execute(server.url(), "SHOW server_version_num"))) >= 180_000


def test_data_of_another_version_are_not_touched(start: Starter, memory_path: Path) -> None:
    start().stop()
    (memory_path / "postgres" / "data" / "PG_VERSION").write_text("99\n")
    with pytest.raises(LauncherError, match=r"are of PostgreSQL 99.* install PostgreSQL 99"):
        start()


def test_a_machine_without_postgresql_says_what_to_install(
    start_new: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_system_folders", list)
    monkeypatch.setattr(postgres, "_wheel_folders", list)
    with pytest.raises(LauncherError, match="apt-get install postgresql"):
        start_new()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root cannot run PostgreSQL as itself")
def test_root_without_namespaces_needs_a_folder_that_another_user_can_reach(
    memory_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "unshare" else found(name))
    memory_path.chmod(0o700)
    with pytest.raises(LauncherError, match=r"may not enter .* set RUN_FOLDER"):
        start_postgres(private_folder(memory_path / "run") / "postgres")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root cannot run PostgreSQL as itself")
async def test_root_without_namespaces_runs_it_as_another_user(
    memory_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "unshare" else found(name))
    run_folder = private_folder(memory_path / "run")
    server = start_postgres(run_folder / "postgres")
    try:
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert await _execute(server.url(), "SELECT 42") == 42
        assert run_folder.stat().st_mode & 0o777 == 0o710
    finally:
        server.stop()


async def _execute(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
