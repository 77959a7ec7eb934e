"""What the order page costs: CPU of gateway, services and database together, and how long a visitor waits.

`python -m bench.order_page [--postgres-bus]` starts the whole product with the demo data, logs in, and opens
an order with five positions and one proof again and again, with 1 and with 8 visitors at a time.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

import aiohttp
import uvloop

from bench.limits import verdict
from bench.visiting import Visitor, measure
from deploy.local.postgres import start_postgres
from deploy.local.rabbitmq import start_rabbitmq
from shared.api.approvals import VersionRows
from shared.api.documents import Document
from shared.database import connect
from shared.web import Identity, ServiceClient
from tests.support import eventually
from tests.support.cockpit import Cockpit, running_cockpit

WARM_UP = 300
REQUESTS = 2_000
CPU_LIMIT_MS = 2.5
PARTS = ("gateway", "auth", "documents", "approvals")


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


async def settle(cockpit: Cockpit) -> None:
    """What autovacuum would do in the midst of the visits; PostgreSQL may then plan each anew for minutes."""
    for part in PARTS:
        connection = await connect(cockpit.stack.database_url(part))
        await connection.execute("VACUUM ANALYZE")
        await connection.close()


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
            await settle(cockpit)
            pids = {part: cockpit.stack.process(part).pid for part in PARTS} | {"postgres": postgres.pid}
            login = cockpit.login("customer")
            visitor = await Visitor.log_in(cockpit.url, login.email, login.password)
            for visitors in (1, 8):
                run = await measure(visitor, path, pids, visitors=visitors, warm_up=WARM_UP, count=REQUESTS)
                print(f"{run.report()} ({verdict(run.cpu, CPU_LIMIT_MS, 'ms')})", flush=True)


if __name__ == "__main__":
    uvloop.run(main())
