"""Real servers for all tests: one private PostgreSQL and one private RabbitMQ per worker.

`make test` shares the tests out to several workers; `pytest` alone is one worker.
"""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import asyncpg
import pytest
from xdist.scheduler import LoadScopeScheduling

from deploy.local import ports
from deploy.local.postgres import RunningPostgres, start_postgres
from deploy.local.rabbitmq import RunningRabbit, start_rabbitmq
from shared.messaging.topology import checked_in_topology
from tests.support.postgres import QUICK, Databases, copy_of, use_quick_passwords
from tests.support.rabbitmq import delete_queues
from tests.support.session_folder import session_folder

DatabaseFactory = Callable[[str], Awaitable[str]]


MOST_WORKERS = 4
PAGES = ("test_pages.py", "test_rare_pages.py", "test_layout.py", "test_paper.py")
FOLDER = pytest.StashKey[Path]()
FOLDER_OF_ALL = pytest.StashKey[AbstractContextManager[Path]]()


def pytest_configure(config: pytest.Config) -> None:
    """Whoever starts the workers makes one folder for all their servers, and removes it after their end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # CI's Ctrl-C: servers are ended here as well
    if hasattr(config, "workerinput"):
        config.stash[FOLDER] = Path(config.workerinput["folder"]) / config.workerinput["workerid"]
        config.stash[FOLDER].mkdir(mode=0o711)
        _take_own_ports(int(config.workerinput["workerid"].removeprefix("gw")))
    else:
        config.stash[FOLDER_OF_ALL] = session_folder()
        config.stash[FOLDER] = config.stash[FOLDER_OF_ALL].__enter__()


def _take_own_ports(worker: int) -> None:
    """No worker is given a port that another has chosen a moment ago."""
    share = (ports.HIGHEST_PORT - ports.LOWEST_PORT) // MOST_WORKERS
    ports.LOWEST_PORT += worker % MOST_WORKERS * share
    ports.HIGHEST_PORT = ports.LOWEST_PORT + share


def pytest_unconfigure(config: pytest.Config) -> None:
    if folder := config.stash.get(FOLDER_OF_ALL, None):
        folder.__exit__(None, None, None)


def pytest_configure_node(node: Any) -> None:
    """Of xdist: a worker is about to be started."""
    node.workerinput["folder"] = str(node.config.stash[FOLDER])


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores, since tests also wait; each has its servers, so not too many."""
    return min((os.cpu_count() or 1) + 2, MOST_WORKERS)


class LongestFirst(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """File by file, in the order of the collection, to whoever is free; the kills, minutes long, one by one.

    Those that use the running product go in two parts, since each worker that gets one starts a product.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith("tests/e2e/"):
            return "pages" if file.rpartition("/")[2] in PAGES else "stories"
        return nodeid if file.startswith("tests/resilience/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return LongestFirst(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, so that nobody is left waiting for them at the end; else by chance."""
    lengths: dict[Path, tuple[bool, float, bool]] = {}
    for item in items:
        lengths[item.path] = max(lengths.get(item.path, (False, 0, False)), _length(item))
    items.sort(key=lambda item: lengths[item.path], reverse=True)


def _length(item: pytest.Item) -> tuple[bool, float, bool]:
    """Who uses the running product; who asks for more patience than usual; who has own servers or tries
    a property on many examples."""
    fixtures = getattr(item, "fixturenames", ())
    mark = item.get_closest_marker("timeout")
    is_property = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    return "cockpit" in fixtures, float(mark.args[0]) if mark else 0, "memory_path" in fixtures or is_property


@pytest.fixture(scope="session")
def servers_folder(pytestconfig: pytest.Config) -> Path:
    """Of this worker; in memory where there is room, and gone after the session."""
    return pytestconfig.stash[FOLDER]


@pytest.fixture
def memory_path(servers_folder: Path) -> Iterator[Path]:
    """As `tmp_path`, for the servers that a test starts itself."""
    folder = Path(mkdtemp(dir=servers_folder))
    folder.chmod(0o711)
    yield folder
    rmtree(folder)


@pytest.fixture(scope="session")
async def new_cluster(servers_folder: Path) -> Path:
    """The folder of a server that has never served: tests start theirs on copies of it."""
    folder = servers_folder / "new_cluster"
    server = start_postgres(folder, settings=QUICK)
    await use_quick_passwords(server)
    server.stop()
    return folder


@pytest.fixture(scope="session")
def postgres_server(servers_folder: Path, new_cluster: Path) -> Iterator[RunningPostgres]:
    server = start_postgres(copy_of(new_cluster, servers_folder / "postgres"), settings=QUICK)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq_server(servers_folder: Path) -> Iterator[RunningRabbit]:
    server = start_rabbitmq(servers_folder / "rabbitmq")
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def databases(postgres_server: RunningPostgres) -> AsyncIterator[Databases]:
    connection = await asyncpg.connect(postgres_server.url(), timeout=10)
    databases = Databases(postgres_server, connection)
    yield databases
    await databases.close()
    await connection.close()


@pytest.fixture
async def make_database(databases: Databases) -> AsyncIterator[DatabaseFactory]:
    """`await make_database("approvals")` is the URL of a fresh database with the migrations of approvals."""
    urls = []

    async def make(service: str) -> str:
        urls.append(await databases.lend(service))
        return urls[-1]

    yield make
    for url in urls:
        await databases.take_back(url)


@pytest.fixture
async def bus_database_url(databases: Databases) -> AsyncIterator[str]:
    """An empty database for the PostgreSQL bus."""
    url = await databases.lend_empty("bus")
    yield url
    await databases.take_back(url)


@pytest.fixture
async def amqp_url(rabbitmq_server: RunningRabbit) -> AsyncIterator[str]:
    """The session's RabbitMQ; the queues of all services are deleted after the test."""
    yield rabbitmq_server.url
    await delete_queues(rabbitmq_server.url, checked_in_topology())
