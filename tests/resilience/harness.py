"""The running product with something in it that is ended with kill -9, step after step, and started again."""

import asyncio
import io
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import aiohttp
import asyncpg
from PIL import Image
from pydantic import SecretStr

from deploy.local.databases import SERVICES
from deploy.local.errors import LauncherError
from deploy.local.mails import CaughtMail
from deploy.local.postgres import RunningPostgres, start_postgres
from deploy.local.rabbitmq import RunningRabbit, start_rabbitmq
from shared.errors import CockpitError
from shared.messaging.running import open_bus
from shared.messaging.topology import checked_in_topology
from tests.resilience.steps import MAIL_ACCEPTED
from tests.support.cockpit import AS_INSTALLED, Product, running_product
from tests.support.postgres import OWN_MEMORY

KILL = Path(__file__).parent / "kill"

Bus = Literal["rabbitmq", "postgresql"]
Victim = Literal["service", "rabbitmq", "postgres"]
Steps = Mapping[str, tuple[str, ...]]
"""Service to the steps at which it kills; see steps.py."""


@dataclass
class Servers:
    """A PostgreSQL that may be killed, and a RabbitMQ, unless PostgreSQL is the bus as well."""

    folder: Path
    postgres: RunningPostgres
    rabbitmq: RunningRabbit | None
    _one_at_a_time: Lock = field(default_factory=Lock)

    def start_again(self) -> None:
        """Whichever has died; both come back on their old port with what they had."""
        with self._one_at_a_time:
            self._start_the_dead()

    def _start_the_dead(self) -> None:
        if not self.postgres.is_running:
            self.postgres.kill()
            self.postgres = start_postgres(self.folder / "postgres", settings=OWN_MEMORY)
        if self.rabbitmq and not self.rabbitmq.is_running:
            self.rabbitmq.kill()
            self.rabbitmq = start_rabbitmq(self.folder / "rabbitmq")

    def pid_of(self, victim: Victim) -> int | None:
        server = {"service": None, "postgres": self.postgres, "rabbitmq": self.rabbitmq}[victim]
        return server.pid if server else None

    @property
    def amqp_url(self) -> str | None:
        return self.rabbitmq.url if self.rabbitmq else None


class Nurse:
    """Starts again whatever has died, and tells the armed services whom they shall end next."""

    def __init__(
        self, product: Product, servers: Servers, victim: Victim, folder: Path, steps: Steps
    ) -> None:
        self._product, self._servers, self._victim = product, servers, victim
        self._folder = folder
        self._steps = {step for steps in steps.values() for step in steps}

    async def watch(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._servers.start_again)
            except LauncherError as error:  # tried again, as those who watch over it in production do
                print(error)  # pytest shows it where the test fails
            self.point()
            for process in self._product.stack.processes:
                if not process.is_running:
                    self._product.stack.start_again(process.name)
            await asyncio.sleep(0.05)  # between two looks

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """From now on every step kills. A nurse who cannot go on fails the test at once."""
        self.point()
        (self._folder / "armed").touch()
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(self.watch())
            yield
            watching.cancel()

    def missing(self) -> set[str]:
        """Steps that have not killed yet."""
        return self._steps - {marker.name for marker in self._folder.iterdir()}

    def point(self) -> None:
        if pid := self._servers.pid_of(self._victim):
            unfinished = self._folder / "pid.unfinished"
            unfinished.write_text(str(pid))
            unfinished.rename(self._folder / "pid")


@asynccontextmanager
async def product_to_kill(
    servers: Servers, victim: Victim, folder: Path, steps: Steps
) -> AsyncIterator[tuple[Product, Nurse]]:
    """Started in peace, to be filled; while the nurse is `at_work` every step kills once."""
    kills = folder / "kills"
    kills.mkdir(parents=True)
    async with running_product(
        folder,
        admin_url=servers.postgres.url(),
        amqp_url=servers.amqp_url,
        prefix="kills_",
        environment={
            "LEASE_SECONDS": "1",
            # While a server starts again, a mail in delivery waits: on a slow machine for half a minute.
            "DELIVERY_LEASE_SECONDS": "10" if victim == "service" else "120",
            "PYTHONPATH": f"{KILL}:{AS_INSTALLED}",
            "KILL_AT": json.dumps(dict(steps)),
            "KILL_FOLDER": str(kills),
        },
    ) as product:
        yield product, Nurse(product, servers, victim, kills, steps)


async def persist(effort: Callable[[], Any], *, seconds: float = 120) -> Any:
    """Try until it works, as a person or CDH would when something does not answer."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        try:
            return await effort()
        except (aiohttp.ClientError, TimeoutError, AssertionError, CockpitError):
            if loop.time() > deadline:
                raise
            await asyncio.sleep(0.2)  # between two tries


def draw_proof(colour: str = "white") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (600, 400), colour).save(written, "PNG")
    return written.getvalue()


async def check_that_no_mail_repeats(product: Product, *, may_repeat: bool) -> int:
    """How many mails there are. Only the one whose sender was killed between the server's acceptance and our
    record may have come twice, with the same Message-ID; it is left with an attempt that has no outcome."""
    came = Counter(_mail_id(mail) for mail in product.mails.list_mails())
    repeated = {mail_id: count for mail_id, count in came.items() if count > 1}
    assert list(repeated.values()) in ([[], [2]] if may_repeat else [[]]), (MAIL_ACCEPTED, came)
    for mail_id in repeated:
        broken_off = f"outcome IS NULL AND mail_id = '{mail_id}'"
        assert await count_rows(product, "mailer", "mail_attempt", broken_off), (mail_id, came)
    return len(came)


def _mail_id(mail: CaughtMail) -> str:
    """Its Message-ID is that of our row."""
    return str(mail.message["Message-ID"]).strip("<>").partition("@")[0]


async def is_settled(product: Product) -> bool:
    """Nothing is left to tell, to send or to write."""
    for service, table, condition in (
        *((service, "outbox", "state <> 'sent'") for service in SERVICES),
        ("mailer", "mail", "state <> 'sent'"),
        ("sync", "order_folder_file", "state <> 'written'"),
    ):
        try:
            if await count_rows(product, service, table, condition):
                return False
        except (OSError, asyncpg.PostgresError):
            return False  # it has just been killed
    return True


@asynccontextmanager
async def course_of_events(product: Product) -> AsyncIterator[None]:
    """Notes on a failure what each service had told, done and queued by then."""
    try:
        yield
    except Exception as failure:
        failure.add_note("\n".join(await _describe_course(product)))
        raise


async def _describe_course(product: Product) -> list[str]:
    told = "SELECT added_at AS at, state || ' ' || event_name AS what FROM outbox"
    done = "SELECT done_at AS at, 'did ' || handler AS what FROM inbox"
    queued = "SELECT queued_at AS at, concat_ws(' ', state, template, recipient, reason) AS what FROM mail"
    course: list[tuple[datetime, str]] = []
    for service in SERVICES:
        connection = await asyncpg.connect(product.stack.database_url(service), timeout=5)
        try:
            for query in (told, done, queued) if service == "mailer" else (told, done):
                rows = await connection.fetch(query)
                course += [(row["at"], f"{service}: {row['what']}") for row in rows]
        finally:
            await connection.close()
    return [f"{at:%H:%M:%S.%f} {what}" for at, what in sorted(course)]


async def count_rows(product: Product, service: str, table: str, condition: str = "true") -> int:
    connection = await asyncpg.connect(product.stack.database_url(service), timeout=5)
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table} WHERE {condition}"))  # noqa: S608 - names of this test
    finally:
        await connection.close()


async def count_dead_letters(product: Product, servers: Servers) -> int:
    topology = checked_in_topology()
    amqp_url = SecretStr(servers.amqp_url) if servers.amqp_url else None
    bus = open_bus(amqp_url, SecretStr(product.stack.database_url("bus")), topology)
    await asyncio.to_thread(servers.start_again)  # the nurse may have gone while one was coming back
    return sum([len(await bus.dead_letters(queue)) for queue in topology.bindings])
