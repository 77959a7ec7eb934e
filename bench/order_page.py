"""What the order page costs: CPU of gateway, services and database together, and how long a visitor waits.

`python -m bench.order_page [--postgres-bus]` starts the whole product with the demo data, logs in, and opens
an order with five positions and one proof again and again, with 1 and with 8 visitors at a time.
"""

import argparse
import asyncio
import re
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.processes import cpu_seconds
from deploy.local.postgres import start_postgres
from deploy.local.rabbitmq import start_rabbitmq
from shared.api.approvals import VersionRows
from shared.api.documents import Document
from shared.web import Identity, ServiceClient
from tests.support import eventually
from tests.support.cockpit import Cockpit, running_cockpit

WARM_UP = 300
REQUESTS = 2_000
PARTS = ("gateway", "auth", "documents", "approvals")


@dataclass(frozen=True)
class Run:
    visitors: int
    pages_per_second: float
    milliseconds: list[float]
    cpu_per_page: dict[str, float]


async def order_page(cockpit: Cockpit) -> str:
    """Assign a proof to the demo customer's order of five positions; returns the path of its page."""
    assign = cockpit.demo.proof
    await cockpit.assign_by_cockpit(assign.order_number, assign.file, "--position", assign.position)
    async with aiohttp.ClientSession() as session:
        secret = cockpit.stack.internal_secret
        approvals = ServiceClient(session, cockpit.stack.url_of("approvals"), secret)
        documents = ServiceClient(session, cockpit.stack.url_of("documents"), secret)
        who = Identity(role="operator")
        found: list[str] = []

        async def is_asked() -> bool:
            rows = await approvals.get("/versions", VersionRows, who=who, query={"state": "pending"})
            found[:] = [
                str(row.document_id) for row in rows.versions if row.order_number == assign.order_number
            ]
            return found != []

        await eventually(is_asked, seconds=60)
        document = await documents.get(f"/documents/{found[0]}", Document, who=who)
        assert len(document.positions) == 5, len(document.positions)
    return f"/orders/{found[0]}"


async def log_in(session: aiohttp.ClientSession, cockpit: Cockpit) -> None:
    login = cockpit.login("customer")
    async with session.get("/login") as response:
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', await response.text())
    assert token
    form = {"email": login.email, "password": login.password, "form_token": token[1]}
    async with session.post("/login", data=form) as response:
        assert response.status == 200


async def visit(session: aiohttp.ClientSession, path: str, *, visitors: int, count: int) -> list[float]:
    """Milliseconds of each of `count` visits."""
    durations: list[float] = []

    async def one_visitor() -> None:
        while len(durations) < count:
            started = time.perf_counter()
            async with session.get(path) as response:
                await response.read()
                assert response.status == 200
            durations.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*(one_visitor() for _ in range(visitors)))
    return durations


async def measure(session: aiohttp.ClientSession, path: str, pids: dict[str, int], *, visitors: int) -> Run:
    await visit(session, path, visitors=visitors, count=WARM_UP)
    before = {part: cpu_seconds(pid) for part, pid in pids.items()}
    started = time.perf_counter()
    durations = await visit(session, path, visitors=visitors, count=REQUESTS)
    elapsed = time.perf_counter() - started
    pages = len(durations)
    cpu = {part: (cpu_seconds(pid) - before[part]) * 1000 / pages for part, pid in pids.items()}
    return Run(visitors, pages / elapsed, sorted(durations), cpu)


def report(run: Run) -> str:
    quantiles = statistics.quantiles(run.milliseconds, n=100)
    cpu = " + ".join(f"{part} {spent:.2f}" for part, spent in run.cpu_per_page.items())
    return (
        f"{run.visitors} visitors: {run.pages_per_second:.0f} pages/s, "
        f"p50 {quantiles[49]:.1f} ms, p99 {quantiles[98]:.1f} ms, "
        f"CPU {sum(run.cpu_per_page.values()):.2f} ms a page = {cpu}"
    )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres-bus", action="store_true", help="without RabbitMQ")
    is_on_postgres = parser.parse_args().postgres_bus
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        postgres = start_postgres(Path(folder) / "postgres")
        servers.callback(postgres.stop)
        rabbit = None if is_on_postgres else start_rabbitmq(Path(folder) / "rabbitmq")
        if rabbit:
            servers.callback(rabbit.stop)
        async with running_cockpit(
            Path(folder) / "cockpit",
            admin_url=postgres.url(),
            amqp_url=rabbit.url if rabbit else None,
            prefix="bench_",
        ) as cockpit:
            path = await order_page(cockpit)
            pids = {part: cockpit.stack.process(part).pid for part in PARTS} | {"postgres": postgres.pid}
            jar = aiohttp.CookieJar(unsafe=True)
            async with aiohttp.ClientSession(cockpit.url, cookie_jar=jar) as session:
                await log_in(session, cockpit)
                for visitors in (1, 8):
                    print(report(await measure(session, path, pids, visitors=visitors)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
