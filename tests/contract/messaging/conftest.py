"""A stage on which services tell and hear, each with its own database, over both buses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from deploy.local.rabbitmq import RunningRabbit
from shared.database import Pool, Transaction, create_pool, migrate, transaction
from shared.events.base import Event
from shared.events.mailer import MailFailed, MailSent
from shared.messaging import Subscription, outbox, run_messaging
from shared.messaging.bus import Bus, Message
from shared.messaging.postgres import MIGRATIONS
from shared.messaging.relay import Relay
from shared.messaging.running import open_bus
from shared.messaging.topology import Topology
from shared.settings import ServiceSettings
from tests.support import eventually
from tests.support.postgres import Databases
from tests.support.proxy import Proxy
from tests.support.rabbitmq import delete_queues

Handler = Callable[[Transaction, MailSent], Awaitable[None]]


@dataclass
class Running:
    """A copy of a service, as its process would run it."""

    task: asyncio.Task[None]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def stop(self) -> None:
        self.stopping.set()
        await self.task


@dataclass
class Stage:
    """`teller` tells, `hearer` hears; the names of both are new for each test."""

    bus_url: str
    tmp_path: Path
    urls: Mapping[str, str]
    resources: AsyncExitStack
    teller: str = field(default_factory=lambda: f"teller_{uuid4().hex[:8]}")
    hearer: str = field(default_factory=lambda: f"hearer_{uuid4().hex[:8]}")
    retry_delays: tuple[timedelta, ...] = (timedelta(milliseconds=50), timedelta(milliseconds=100))
    _pools: dict[str, Pool] = field(default_factory=dict)

    @property
    def topology(self) -> Topology:
        heard = (MailSent.wire_name, MailFailed.wire_name)
        return Topology({self.hearer: heard}, retry_delays=self.retry_delays, delivery_limit=2)

    def bus(self, *, url: str = "", topology: Topology | None = None) -> Bus:
        amqp_url, bus_database_url = self._addresses(url)
        return open_bus(amqp_url, bus_database_url, topology or self.topology)

    def database_url(self, service: str) -> str:
        return self.urls[service.partition("_")[0]]

    async def pool(self, service: str) -> Pool:
        if service not in self._pools:
            self._pools[service] = await self.new_pool(self.database_url(service))
        return self._pools[service]

    async def new_pool(self, url: str) -> Pool:
        pool = await create_pool(url)
        self.resources.push_async_callback(pool.close)
        return pool

    async def start(
        self,
        service: str,
        *subscriptions: Subscription,
        bus_url: str = "",
        database_url: str = "",
    ) -> Running:
        """Start a copy of `service`; `bus_url` and `database_url` may lead through a proxy."""
        amqp_url, bus_database_url = self._addresses(bus_url)
        settings = ServiceSettings(
            database_url=SecretStr(database_url or self.database_url(service)),
            amqp_url=amqp_url,
            bus_database_url=bus_database_url,
            internal_secret=SecretStr("secret"),
            storage_folder=self.tmp_path,
            port=1,
        )
        pool = await (self.new_pool(database_url) if database_url else self.pool(service))
        stopping = asyncio.Event()
        task = asyncio.create_task(
            run_messaging(
                service=service,
                settings=settings,
                pool=pool,
                subscriptions=subscriptions,
                stopping=stopping,
                topology=self.topology,
            )
        )
        running = Running(task, stopping)
        self.resources.push_async_callback(running.stop)
        return running

    @asynccontextmanager
    async def relay(self, bus: Bus) -> AsyncIterator[None]:
        """A relay of the teller alone, on `bus`."""
        stopping = asyncio.Event()
        relay = Relay(self.database_url(self.teller), bus, self.topology)
        task = asyncio.create_task(relay.run(stopping))
        yield
        stopping.set()
        await task

    async def tell(self, *events: Event) -> None:
        async with transaction(await self.pool(self.teller)) as opened:
            for event in events:
                await outbox.add(opened, event)

    async def publish(self, *events: Event) -> None:
        """Put events on the bus past any outbox."""
        await self.publish_messages(*map(message_of, events))

    async def publish_messages(self, *messages: Message) -> None:
        async with self.bus().publisher() as publisher:
            assert await publisher.publish(messages) == [None] * len(messages)

    async def outbox_states(self) -> list[str]:
        rows = await (await self.pool(self.teller)).fetch("SELECT state FROM outbox")
        return sorted(row["state"] for row in rows)

    async def done_count(self) -> int:
        count: int = await (await self.pool(self.hearer)).fetchval("SELECT count(*) FROM inbox")
        return count

    async def dead(self) -> list[Message]:
        return await self.bus().dead_letters(self.hearer)

    async def until_outbox_is(self, *states: str) -> None:
        await eventually(self.outbox_states, is_=list(states))

    async def until_done(self, count: int) -> None:
        await eventually(self.done_count, is_=count)

    async def until_dead(self, count: int) -> list[Message]:
        async def dead_count() -> int:
            return len(await self.dead())

        await eventually(dead_count, is_=count)
        return await self.dead()

    async def until_queue_is_empty(self) -> None:
        """A listener that gets a marker has seen everything that stood before it."""
        await self.publish(MailFailed(mail_id=uuid4(), template="", reason="marker"))
        await self.until_dead(1)  # nobody subscribed to it

    async def proxy(self, url: str) -> Proxy:
        return await self.resources.enter_async_context(Proxy(url))

    def _addresses(self, url: str) -> tuple[SecretStr | None, SecretStr | None]:
        address = SecretStr(url or self.bus_url)
        if address.get_secret_value().startswith("amqp"):
            return address, None
        return None, address


@dataclass
class Heard:
    """A handler's notebook, as rows of the hearer's own database would be."""

    mails: list[UUID] = field(default_factory=list)

    async def on_mail_sent(self, _: Transaction, event: MailSent) -> None:
        self.mails.append(event.mail_id)


def mail_sent(template: str = "") -> MailSent:
    return MailSent(mail_id=uuid4(), template=template)


def message_of(event: Event) -> Message:
    return Message(
        message_id=str(event.event_id),
        name=event.wire_name,
        correlation_id="",
        occurred_at=event.occurred_at,
        body=event.model_dump_json().encode(),
    )


def hears(handler: Handler) -> Sequence[Subscription]:
    return (Subscription(MailSent, handler),)


@pytest.fixture
async def urls(databases: Databases) -> AsyncIterator[Mapping[str, str]]:
    """A database for each service and one for the bus, new for each test."""
    made = {service: await databases.lend(service) for service in ("teller", "hearer")}
    made["bus"] = await databases.lend_empty("bus")
    await migrate(made["bus"], MIGRATIONS, with_outbox=False)
    yield made
    for url in made.values():
        await databases.take_back(url)


@asynccontextmanager
async def open_stage(bus_url: str, tmp_path: Path, urls: Mapping[str, str]) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as resources:
        made = Stage(bus_url, tmp_path, urls, resources)
        yield made
    if bus_url.startswith("amqp"):
        await delete_queues(bus_url, made.topology)


@pytest.fixture
async def rabbit_stage(
    rabbitmq_server: RunningRabbit, tmp_path: Path, urls: Mapping[str, str]
) -> AsyncIterator[Stage]:
    async with open_stage(rabbitmq_server.url, tmp_path, urls) as made:
        yield made


@pytest.fixture
async def postgres_stage(tmp_path: Path, urls: Mapping[str, str]) -> AsyncIterator[Stage]:
    async with open_stage(urls["bus"], tmp_path, urls) as made:
        yield made


@pytest.fixture(params=["rabbit", "postgres"])
def stage(request: pytest.FixtureRequest) -> Stage:
    made: Stage = request.getfixturevalue(f"{request.param}_stage")
    return made
