"""Real servers for all tests: one private PostgreSQL and one private RabbitMQ per session."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from deploy.local.postgres import RunningPostgres, start_postgres
from deploy.local.rabbitmq import RunningRabbit, start_rabbitmq
from shared.messaging.topology import checked_in_topology
from tests.support.postgres import QUICK, Databases
from tests.support.rabbitmq import delete_queues

DatabaseFactory = Callable[[str], Awaitable[str]]


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPostgres]:
    server = start_postgres(tmp_path_factory.mktemp("postgres"), settings=QUICK)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRabbit]:
    server = start_rabbitmq(tmp_path_factory.mktemp("rabbitmq"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def databases(postgres_server: RunningPostgres) -> Databases:
    return Databases(postgres_server)


@pytest.fixture
async def make_database(databases: Databases) -> AsyncIterator[DatabaseFactory]:
    """`await make_database("approvals")` is the URL of a fresh database with the migrations of approvals."""
    urls = []

    async def make(service: str) -> str:
        urls.append(await databases.create(service))
        return urls[-1]

    yield make
    for url in urls:
        await databases.drop(url)


@pytest.fixture
async def bus_database_url(databases: Databases) -> AsyncIterator[str]:
    """An empty database for the PostgreSQL bus."""
    url = await databases.create_empty("bus")
    yield url
    await databases.drop(url)


@pytest.fixture
async def amqp_url(rabbitmq_server: RunningRabbit) -> AsyncIterator[str]:
    """The session's RabbitMQ; the queues of all services are deleted after the test."""
    yield rabbitmq_server.url
    await delete_queues(rabbitmq_server.url, checked_in_topology())
