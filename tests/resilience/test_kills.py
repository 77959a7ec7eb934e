"""One main job during which something is ended with kill -9 at every single step, and started again.

Whatever dies, the customer's approval is there once, each mail went out once (but for the one step that
docs/faults.md names), and each file lies in the order's folder once.
"""

import asyncio
import hashlib
import io
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import aiohttp
import asyncpg
import pytest
from PIL import Image
from pydantic import SecretStr

from deploy.local.databases import SERVICES
from deploy.local.postgres import RunningPostgres, start_postgres
from deploy.local.rabbitmq import RunningRabbit, start_rabbitmq
from shared.api.approvals import VersionRow, VersionRows
from shared.api.auth import CreateAccount
from shared.api.sync import ApiKey, CreateApiKey
from shared.errors import CockpitError
from shared.messaging.running import open_bus
from shared.messaging.topology import checked_in_topology
from shared.web import SYSTEM, Identity
from tests.resilience.steps import MAIL_ACCEPTED, STEPS
from tests.support import eventually
from tests.support.browsing import Browser
from tests.support.cockpit import Product, cloud_event, running_product

KILL = Path(__file__).parent / "kill"
REPOSITORY = KILL.parent.parent.parent
ORDER = "2026-7001"
EMAIL, PASSWORD = "eva@kunde.example", "Freigabe-4711"
CLERK_EMAIL = "berger@haendler.example"
# What goes out: the request with its copy for the clerk, the confirmation, the receipt.
MAILS = {(EMAIL, False): 1, (CLERK_EMAIL, False): 1, (CLERK_EMAIL, True): 1, (EMAIL, True): 1}

Victim = Literal["service", "rabbitmq", "postgres"]


@dataclass
class Servers:
    """A PostgreSQL and a RabbitMQ that may be killed."""

    folder: Path
    postgres: RunningPostgres
    rabbitmq: RunningRabbit

    def start_again(self) -> None:
        """Whichever has died; both come back on their old port with what they had."""
        if not self.postgres.is_running:
            self.postgres.kill()
            self.postgres = start_postgres(self.folder / "postgres")
        if not self.rabbitmq.is_running:
            self.rabbitmq.kill()
            self.rabbitmq = start_rabbitmq(self.folder / "rabbitmq")

    def pid_of(self, victim: Victim) -> int | None:
        return {"service": None, "postgres": self.postgres.pid, "rabbitmq": self.rabbitmq.pid}[victim]


@pytest.fixture
def servers(memory_path: Path) -> Any:
    # With all that the tests' own server leaves out: what a killed server has confirmed must be there again.
    running = Servers(
        memory_path, start_postgres(memory_path / "postgres"), start_rabbitmq(memory_path / "rabbitmq")
    )
    yield running
    running.rabbitmq.stop()
    running.postgres.stop()


class Nurse:
    """Starts again whatever has died, and tells the armed services whom they shall end next."""

    def __init__(self, product: Product, servers: Servers, victim: Victim, folder: Path) -> None:
        self._product, self._servers, self._victim, self._folder = product, servers, victim, folder

    async def watch(self) -> None:
        while True:
            await asyncio.to_thread(self._servers.start_again)
            self.point()
            for process in self._product.stack.processes:
                if not process.is_running:
                    self._product.stack.start_again(
                        process.name, environment=armed(process.name, self._folder)
                    )
            await asyncio.sleep(0.05)  # between two looks

    def point(self) -> None:
        if pid := self._servers.pid_of(self._victim):
            unfinished = self._folder / "pid.unfinished"
            unfinished.write_text(str(pid))
            unfinished.rename(self._folder / "pid")


def armed(service: str, folder: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": f"{KILL}:{REPOSITORY}",
        "KILL_AT": " ".join(STEPS[service]),
        "KILL_FOLDER": str(folder),
    }


@asynccontextmanager
async def armed_product(
    servers: Servers, victim: Victim, folder: Path
) -> AsyncIterator[tuple[Product, Nurse]]:
    """Started in peace and filled; from then on every step kills once."""
    async with running_product(
        folder,
        admin_url=servers.postgres.url(),
        amqp_url=servers.rabbitmq.url,
        prefix="kills_",
        environment={"LEASE_SECONDS": "3", "DELIVERY_LEASE_SECONDS": "10"},
    ) as product:
        kills = folder / "kills"
        kills.mkdir()
        nurse = Nurse(product, servers, victim, kills)
        yield product, nurse


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


def proof() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(written, "PNG")
    return written.getvalue()


class MainJob:
    """The clerk's and the customer's part; each may be repeated until it is answered."""

    def __init__(self, product: Product, session: aiohttp.ClientSession) -> None:
        self._product = product
        self._session = session
        self.proof = proof()
        self.sha256 = hashlib.sha256(self.proof).hexdigest()

    async def prepare(self) -> None:
        """People, in peace."""
        sync, auth = (self._product.client(self._session, name) for name in ("sync", "auth"))
        key = await sync.post("/api-keys", CreateApiKey(name="CDH"), ApiKey, who=SYSTEM)
        self._session.headers["Authorization"] = f"Bearer {key.api_key}"
        account = CreateAccount(
            role="customer",
            name="Eva Kunde",
            email=EMAIL,
            password=PASSWORD,
            customer_number="10001",
            contact_id="K1",
            may_approve=True,
        )
        await auth.call("POST", "/accounts", who=SYSTEM, body=account)
        contact = {"contact_id": "K1", "name": "Eva Kunde", "email": EMAIL}
        clerk = {"clerk_code": "MB", "name": "Maria Berger", "email": CLERK_EMAIL}
        await self._send(
            cloud_event(
                "cdh.customer.changed",
                {"customer_number": "10001", "name": "Kunde GmbH", "contacts": [contact]},
            ),
            cloud_event("cdh.clerk.changed", clerk),
        )
        approvals = await asyncpg.connect(self._product.stack.database_url("mailer"))
        await eventually(lambda: approvals.fetchval("SELECT count(*) FROM account"))
        await approvals.close()

    async def assign(self) -> None:
        """The order and its proof, as CDH sends them; the same events again where no answer came."""
        order = {
            "kind": "order",
            "number": ORDER,
            "customer_number": "10001",
            "contact_id": "K1",
            "clerk_code": "MB",
            "document_date": "2026-11-02",
            "positions": [{"position_key": "1", "number": "1", "text": "T-Shirt", "quantity": "100"}],
        }
        sample = {
            "order_number": ORDER,
            "position_numbers": ["1"],
            "file": {"sha256": self.sha256, "name": "Muster.png"},
            "clerk_code": "MB",
        }
        events = (cloud_event("cdh.document.changed", order), cloud_event("cdh.sample.assigned", sample))
        await persist(self._upload)
        await persist(lambda: self._send(*events))

    async def decide(self, version: VersionRow) -> None:
        """Log in and approve, again and again until the page says that it is done."""

        async def approve() -> None:
            async with Browser(self._product.url) as browser:
                await browser.log_in(EMAIL, PASSWORD)
                path = f"/proofs/{version.version_id}"
                await browser.fill(f"{path}/approve", {})
                status, page = await browser.open(f"{path}/decided")
                assert status == 200
                assert "Freigegeben am" in page
                # A second click, on a page that was still open: harmless.
                status, _ = await browser.fill("/", {"sha256": self.sha256}, to=f"{path}/approve")
                assert status == 200

        await persist(approve)

    async def versions(self) -> tuple[VersionRow, ...]:
        approvals = self._product.client(self._session, "approvals")
        return (await approvals.get("/versions", VersionRows, who=Identity(role="operator"))).versions

    async def wait_for_state(self, state: str) -> VersionRow:
        async def in_state() -> VersionRow:
            versions = await self.versions()
            assert [version.state for version in versions] == [state]
            return versions[0]

        version: VersionRow = await persist(in_state)
        return version

    async def _upload(self) -> None:
        url = f"{self._product.url}/cdh/v1/files/{self.sha256}"
        async with self._session.put(url, data=self.proof) as response:
            assert response.status == 200, await response.text()

    async def _send(self, *events: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/cloudevents-batch+json"}
        url = f"{self._product.url}/cdh/v1/events"
        async with self._session.post(url, json=list(events), headers=headers) as response:
            assert response.status == 200, await response.text()


@pytest.mark.timeout("400")
@pytest.mark.parametrize("victim", ["service", "rabbitmq", "postgres"])
async def test_the_main_job_survives_a_kill_at_every_step(
    servers: Servers, victim: Victim, tmp_path: Path
) -> None:
    folder = tmp_path / "product"
    async with armed_product(servers, victim, folder) as (product, nurse), aiohttp.ClientSession() as session:
        job = MainJob(product, session)
        await job.prepare()
        nurse.point()
        for process in product.stack.processes:
            await product.stack.kill(process.name)
        nursing = asyncio.create_task(nurse.watch())
        try:
            await job.assign()
            await job.decide(await job.wait_for_state("pending"))
            samples = product.stack.order_folder_root / "2026" / ORDER / "Freigabemuster"
            await eventually(lambda: len(_files(samples)) == 2, seconds=120)
            await eventually(lambda: len(product.mails.list_mails()) >= sum(MAILS.values()), seconds=120)
            steps = {step for steps in STEPS.values() for step in steps}
            assert steps == {marker.name for marker in (folder / "kills").iterdir()} - {"pid"}
            await eventually(lambda: _is_settled(product), seconds=120)
        finally:
            nursing.cancel()
            await asyncio.wait([nursing])

        [version] = await job.versions()
        assert version.state == "approved"
        assert await _count(product, "approvals", "decision") == 1
        assert _files(samples)[0].read_bytes().startswith(b"%PDF")
        assert _files(samples)[1].read_bytes() == job.proof
        _each_mail_went_out_once(product, may_repeat=victim == "service")
        assert await _dead_letters(servers) == 0


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*") if not file.name.startswith("."))


def _each_mail_went_out_once(product: Product, *, may_repeat: bool) -> None:
    """A mail may have come twice where its kill fell between the server's acceptance and our record."""
    mails = product.mails.list_mails()
    ids = Counter(str(mail.message["Message-ID"]) for mail in mails)
    unique = {str(mail.message["Message-ID"]): mail for mail in mails}.values()
    assert Counter((mail.recipients[0], bool(mail.attachments)) for mail in unique) == MAILS
    repeated = [count for count in ids.values() if count > 1]
    assert repeated in ([[], [2]] if may_repeat else [[]]), (MAIL_ACCEPTED, ids)


async def _is_settled(product: Product) -> bool:
    """Nothing is left to tell, to send or to write."""
    for service, table, condition in (
        *((service, "outbox", "state <> 'sent'") for service in SERVICES),
        ("mailer", "mail", "state <> 'sent'"),
        ("sync", "order_folder_file", "state <> 'written'"),
    ):
        try:
            if await _count(product, service, table, condition):
                return False
        except (OSError, asyncpg.PostgresError):
            return False  # it has just been killed
    return True


async def _count(product: Product, service: str, table: str, condition: str = "true") -> int:
    connection = await asyncpg.connect(product.stack.database_url(service), timeout=5)
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table} WHERE {condition}"))  # noqa: S608 - names of this test
    finally:
        await connection.close()


async def _dead_letters(servers: Servers) -> int:
    topology = checked_in_topology()
    bus = open_bus(SecretStr(servers.rabbitmq.url), None, topology)
    return sum([len(await bus.dead_letters(queue)) for queue in topology.bindings])
