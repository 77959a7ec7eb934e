"""How long an event takes from one service's commit to the other's, on both buses.

One process tells 100 events a second, another hears them, each with its own database, as in production.
Measured from just before the teller's transaction to the server's time of the hearer's commit. Run it as
`python -m bench.outbox_to_inbox`.
"""

import argparse
import asyncio
import datetime as dt
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import asyncpg
import uvloop

from bench.limits import verdict
from deploy.local.postgres import start_postgres
from deploy.local.rabbitmq import find_rabbitmq, start_rabbitmq
from shared.database import Pool, Transaction, create_pool, migrate, transaction
from shared.events.mailer import MailSent
from shared.logging import configure_logging
from shared.messaging import Subscription, outbox, run_messaging
from shared.messaging.topology import Topology
from shared.settings import ServiceSettings

LIMITS = {"RabbitMQ": 15.0, "PostgreSQL": 8.0}  # p99 in ms
TOPOLOGY = Topology({"hearer": (MailSent.wire_name,)})
WARM_UP_EVENTS = 100


async def on_mail_sent(_: Transaction, __: MailSent) -> None:
    """The inbox row is all there is to do."""


async def run(role: str, rate: float) -> None:
    """One of the two processes."""
    configure_logging(role, level="WARNING", form="console")
    settings = ServiceSettings()
    terminated, stopping = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminated.set)
    pool = await create_pool(settings.database_url.get_secret_value())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            run_messaging(
                service=role,
                settings=settings,
                pool=pool,
                subscriptions=(Subscription(MailSent, on_mail_sent),) if role == "hearer" else (),
                stopping=stopping,
                topology=TOPOLOGY,
            )
        )
        if role == "teller":
            await _tell(pool, rate, terminated)
        await terminated.wait()
        stopping.set()
    await pool.close()


async def _tell(pool: Pool, rate: float, terminated: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while not terminated.is_set():
        async with transaction(pool) as opened:
            await outbox.add(opened, MailSent(mail_id=uuid4(), template="bench"))
        due += 1 / rate
        await asyncio.sleep(due - loop.time())  # until the next event of the even rate


async def measure(server_url: str, bus: dict[str, str], *, seconds: float, rate: float) -> list[float]:
    """Milliseconds of each event."""
    urls = {}
    for role in ("teller", "hearer", "bus"):
        await _create_database(server_url, role)
        urls[role] = server_url.rpartition("/")[0] + "/" + role
    for role in ("teller", "hearer"):
        await migrate(urls[role])
    environment = {"BUS_DATABASE_URL": urls["bus"]} | bus
    hearer = _start("hearer", urls["hearer"], environment, rate)
    teller = _start("teller", urls["teller"], environment, rate)
    try:
        await asyncio.sleep(seconds + WARM_UP_EVENTS / rate + 2)  # the measured time itself
        teller.send_signal(signal.SIGTERM)
        teller.wait(20)
        await _until_all_are_done(urls)
    finally:
        for process in (teller, hearer):
            process.terminate()
            process.wait(20)
    return await _milliseconds(urls)


async def _create_database(server_url: str, name: str) -> None:
    connection = await asyncpg.connect(server_url)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()


def _start(role: str, database_url: str, bus: dict[str, str], rate: float) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        **bus,
        "DATABASE_URL": database_url,
        "INTERNAL_SECRET": "bench",
        "STORAGE_FOLDER": ".",
        "PORT": "1",
    }
    command = [sys.executable, "-m", "bench.outbox_to_inbox", "--role", role, "--rate", str(rate)]
    return subprocess.Popen(command, env=environment)


async def _until_all_are_done(urls: dict[str, str]) -> None:
    teller, hearer = await asyncpg.connect(urls["teller"]), await asyncpg.connect(urls["hearer"])
    told = await teller.fetchval("SELECT count(*) FROM outbox")
    done = 0
    for _ in range(100):
        done = await hearer.fetchval("SELECT count(*) FROM inbox")
        if done == told:
            break
        await asyncio.sleep(0.1)  # between two looks
    else:
        sent = await teller.fetchval("SELECT count(*) FROM outbox WHERE state = 'sent'")
        raise SystemExit(f"{told} events were told, {sent} sent, {done} done.")
    await teller.close()
    await hearer.close()


async def _milliseconds(urls: dict[str, str]) -> list[float]:
    teller, hearer = await asyncpg.connect(urls["teller"]), await asyncpg.connect(urls["hearer"])
    told = await teller.fetch(
        "SELECT event_id, occurred_at FROM outbox ORDER BY added_at OFFSET $1", WARM_UP_EVENTS
    )
    done = await hearer.fetch("SELECT event_id, pg_xact_commit_timestamp(xmin) AS committed_at FROM inbox")
    await teller.close()
    await hearer.close()
    committed = {row["event_id"]: row["committed_at"] for row in done}
    return [(committed[row["event_id"]] - row["occurred_at"]) / dt.timedelta(milliseconds=1) for row in told]


def _row(bus: str, milliseconds: Sequence[float]) -> str:
    ordered = sorted(milliseconds)
    p50, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
    return (
        f"| {bus:10} | {len(ordered):6} | {p50:8.1f} | {p99:8.1f} | {ordered[-1]:8.1f} "
        f"| {verdict(p99, LIMITS[bus], 'ms'):18} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--bus", choices=["rabbitmq", "postgres"], action="append")
    parser.add_argument("--role", choices=["teller", "hearer"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.role:
        uvloop.run(run(arguments.role, arguments.rate))
        return
    configure_logging("bench", level="WARNING", form="console")
    buses = arguments.bus or ["rabbitmq", "postgres"]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    print(f"{machine}, Python {platform.python_version()}")
    print(f"{arguments.rate:g} events/s for {arguments.seconds:g} s; load {os.getloadavg()[0]:.1f}\n")
    print("| bus        | events | p50 (ms) | p99 (ms) | max (ms) | p99                |")
    print("|------------|-------:|---------:|---------:|---------:|--------------------|")
    with tempfile.TemporaryDirectory() as folder:
        postgres = start_postgres(Path(folder) / "postgres", settings={"track_commit_timestamp": "on"})
        try:
            for name in buses:
                _measure_bus(name, Path(folder), postgres.url(), arguments)
        finally:
            postgres.stop()


def _measure_bus(name: str, folder: Path, server_url: str, arguments: argparse.Namespace) -> None:
    seconds, rate = arguments.seconds, arguments.rate
    if name == "postgres":
        print(_row("PostgreSQL", asyncio.run(measure(server_url, {}, seconds=seconds, rate=rate))))
        return
    if find_rabbitmq() is None:
        print("RabbitMQ is not installed: not measured.")
        return
    rabbit = start_rabbitmq(folder / "rabbitmq")
    try:
        bus = {"AMQP_URL": rabbit.url}
        print(_row("RabbitMQ", asyncio.run(measure(server_url, bus, seconds=seconds, rate=rate))))
    finally:
        rabbit.stop()


if __name__ == "__main__":
    main()
