import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from deploy.local.mail_catcher import MailCatcher
from deploy.local.ports import free_port
from deploy.local.postgres import RunningPostgres
from deploy.local.rabbitmq import RunningRabbit
from deploy.local.settings import REPOSITORY
from tests.support import eventually
from tests.support.fake_services import write_fake_services
from tests.support.postgres import copy_of
from tests.support.system import is_alive

# As `python -m deploy.local` does it, but with the stand-ins for services and demo data.
PROGRAM = """
import asyncio, sys
from pathlib import Path
from deploy.local.launcher import run
from deploy.local.run_folder import sole_use_of
from deploy.local.settings import LauncherSettings

settings = LauncherSettings()
with sole_use_of(settings.run_folder):
    asyncio.run(run(settings, code=Path(sys.argv[1])))
"""

DEMO = """
import json, sys
from pathlib import Path

output = Path(sys.argv[sys.argv.index("--output") + 1])
proof = output.parent / "shirt.pdf"
proof.write_bytes(b"%PDF")
logins = [{"role": "customer", "email": "kundin@example.com", "password": "geheim7", "name": "Jana Kundin"}]
assign = {"order_number": "2026-1042", "position": "2", "title": "Brust vorn", "clerk_code": "MB"}
assign["file"] = str(proof)
outcome = {"as_of": "2026-11-23", "logins": logins, "more_logins": [], "api_key": "key-1", "assign": assign}
output.write_text(json.dumps(outcome))
print("demo data brought in", flush=True)
"""

WITHOUT_A_BROKER = f"""
from deploy.local import launcher
launcher.find_rabbitmq = lambda: None
{PROGRAM}
"""

# Settings of the person who runs the tests have no place in them.
OF_THE_LAUNCHER = (
    "PUBLIC_URL",
    "MAILS_PORT",
    "DATABASE_URL",
    "AMQP_URL",
    "SMTP_URL",
    "ORDER_FOLDER_ROOT",
    "CDH_FILE_ROOT",
)


@dataclass
class Run:
    folder: Path
    port: int
    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    async def read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())

    def children(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
        ).stdout
        pairs = [[int(word) for word in line.split()] for line in listed.splitlines()]
        return [pid for pid, parent in pairs if parent == self.process.pid]


@asynccontextmanager
async def launched(
    folder: Path,
    amqp_url: str = "",
    *,
    program: str = PROGRAM,
    settings: Mapping[str, str] | None = None,
    cluster: Path | None = None,
) -> AsyncIterator[Run]:
    """Everything stands when the block begins; Ctrl-C ends it. A folder that it knows makes it warm, as does
    a PostgreSQL that somebody else has made."""
    code = folder / "code"
    if not code.exists():
        write_fake_services(code)
        (code / "deploy" / "demo").mkdir(parents=True)
        (code / "deploy" / "demo" / "__main__.py").write_text(DEMO)
    run_folder, port = folder / "run", free_port()
    if cluster:
        copy_of(cluster, run_folder / "postgres")
    environment = {name: value for name, value in os.environ.items() if name not in OF_THE_LAUNCHER}
    environment |= {"RUN_FOLDER": str(run_folder), "PORT": str(port)}
    environment |= {"AMQP_URL": amqp_url} if amqp_url else {}
    environment |= settings or {}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(code)),
        cwd=REPOSITORY,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    run = Run(run_folder, port, process)
    reading = asyncio.create_task(run.read())
    try:
        await eventually(lambda: "Ctrl-C stops everything" in run.text or process.returncode is not None)
        assert process.returncode is None, run.text
        yield run
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()
        await reading


@pytest.fixture(scope="module")
async def run(servers_folder: Path, new_cluster: Path, rabbitmq_server: RunningRabbit) -> AsyncIterator[Run]:
    async with launched(servers_folder / "launcher", rabbitmq_server.url, cluster=new_cluster) as run:
        yield run


async def test_it_prints_what_a_newcomer_needs(run: Run) -> None:
    assert f"The Partner-Cockpit runs: http://127.0.0.1:{run.port}" in run.text
    assert "PostgreSQL: a private one" in run.text
    assert "Bus: RabbitMQ at 127.0.0.1" in run.text
    assert "without `Secure`" in run.text
    assert "kundin@example.com  password geheim7  (Jana Kundin)" in run.text
    assert str(run.folder / "orders") in run.text
    [mails] = [line.split()[1] for line in run.lines if line.strip().startswith("Mails ")]
    async with aiohttp.ClientSession() as client, client.get(mails) as response:
        assert response.status == 200
    assert (run.folder / "cdh" / "shirt.pdf").is_file()


async def test_a_service_that_dies_is_started_again(run: Run) -> None:
    gateway = await ask(f"http://127.0.0.1:{run.port}/")
    auth = await ask(gateway["AUTH_URL"])
    os.kill(auth["PID"], signal.SIGKILL)
    await eventually(lambda: "The service auth runs again." in run.text)
    assert "The service auth has died and is started again in 1 s." in run.text
    assert (await ask(gateway["AUTH_URL"]))["PID"] != auth["PID"]


async def test_a_second_run_in_the_same_folder_is_refused_in_one_sentence(run: Run) -> None:
    code, said = await start_module({"RUN_FOLDER": str(run.folder), "PORT": "1"})
    assert code == 1
    assert said.startswith(f"The Partner-Cockpit already runs from {run.folder} (process {run.process.pid})")
    assert said.count("\n") == 1


async def test_the_printed_curl_line_is_one_event_with_a_new_id(run: Run, tmp_path: Path) -> None:
    [line] = [line for line in run.lines if line.startswith("curl ")]
    stand_in = tmp_path / "curl"
    stand_in.write_text('#!/bin/sh\nfor word in "$@"; do last=$word; done\nprintf %s "$last"\n')
    stand_in.chmod(0o755)
    process = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", line),
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    event = json.loads(printed)
    assert event["id"].isdigit()
    assert event["data"] == {
        "order_number": "2026-1042",
        "position_numbers": ["2"],
        "title": "Brust vorn",
        "clerk_code": "MB",
        "file": {"path": "shirt.pdf"},
    }


async def test_ctrl_c_stops_everything_and_the_next_run_is_warm(
    memory_path: Path, rabbitmq_server: RunningRabbit
) -> None:
    async with launched(memory_path, rabbitmq_server.url) as cold:
        children = cold.children()
        assert len(children) >= 7  # PostgreSQL and six services
        cold.process.send_signal(signal.SIGINT)
        assert await cold.process.wait() == 0
        assert not any(is_alive(pid) for pid in children)
    assert cold.lines[-1] == "Stopped."
    assert "The demo data come in" in cold.text
    async with launched(memory_path, rabbitmq_server.url) as warm:
        assert "kundin@example.com" in warm.text
        assert "The demo data come in" not in warm.text
    assert (cold.folder / "logs" / "demo.log").read_text() == "demo data brought in\n"


async def test_without_a_broker_the_bus_is_postgresql_and_that_is_said(
    memory_path: Path, new_cluster: Path
) -> None:
    async with launched(memory_path, program=WITHOUT_A_BROKER, cluster=new_cluster) as run:
        assert "Bus: PostgreSQL, since no rabbitmq-server is installed here" in run.text


async def test_what_the_person_has_given_is_used(memory_path: Path, postgres_server: RunningPostgres) -> None:
    given = memory_path / "given"
    database = postgres_server.url("postgres")
    async with MailCatcher(given / "mails", smtp_port=free_port(), page_port=free_port()) as mail_server:
        settings = {
            "DATABASE_URL": database,
            "SMTP_URL": mail_server.smtp_url,
            "PUBLIC_URL": "https://portal.example.de",
            "ORDER_FOLDER_ROOT": str(given / "orders"),
            "CDH_FILE_ROOT": str(given / "cdh"),
        }
        async with launched(memory_path, program=WITHOUT_A_BROKER, settings=settings) as run:
            gateway = await ask(f"http://127.0.0.1:{run.port}/")
            mailer, sync = await ask(gateway["MAILER_URL"]), await ask(gateway["SYNC_URL"])
    smtp = urlsplit(mail_server.smtp_url).netloc
    assert f"PostgreSQL: {urlsplit(database).netloc.rpartition('@')[2]}, as DATABASE_URL says" in run.text
    assert (
        f"Mails go out through {smtp}, as SMTP_URL says: at the first start some 55 of the demo" in run.text
    )
    assert "The Partner-Cockpit runs: https://portal.example.de\n" in run.text
    assert "without `Secure`" not in run.text
    assert f"Order folders     {given / 'orders'}" in run.text
    assert urlsplit(gateway["DATABASE_URL"]).netloc == urlsplit(database).netloc
    assert {one["PUBLIC_URL"] for one in (gateway, mailer, sync)} == {"https://portal.example.de"}
    assert mailer["SMTP_URL"] == mail_server.smtp_url
    assert (sync["ORDER_FOLDER_ROOT"], sync["CDH_FILE_ROOT"]) == (str(given / "orders"), str(given / "cdh"))
    assert (given / "cdh" / "shirt.pdf").is_file()
    assert not (run.folder / "postgres").exists()


async def test_the_mails_are_shown_on_the_port_that_was_given(memory_path: Path, new_cluster: Path) -> None:
    port = free_port()
    settings = {"MAILS_PORT": str(port)}
    async with launched(memory_path, program=WITHOUT_A_BROKER, settings=settings, cluster=new_cluster) as run:
        assert f"Mails             http://127.0.0.1:{port} " in run.text
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://127.0.0.1:{port}/mails.json") as answer,
        ):
            assert answer.status == 200


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "none"}, "The setting PORT does not fit"),
        ({"DATABASE_URL": "postgresql://u:geheim@127.0.0.1:1/x"}, "PostgreSQL at 127.0.0.1:1 (DATABASE_URL)"),
        ({"AMQP_URL": "amqp://u:geheim@127.0.0.1:1/"}, "RabbitMQ at 127.0.0.1:1 (AMQP_URL)"),
        ({"SMTP_URL": "smtp://u:geheim@127.0.0.1:1"}, "The mail server 127.0.0.1:1 (SMTP_URL)"),
        ({"SMTP_URL": "mail.example.de"}, "SMTP_URL must begin with one of"),
    ],
)
async def test_what_is_in_the_way_is_said_in_one_sentence(
    memory_path: Path, rabbitmq_server: RunningRabbit, settings: dict[str, str], sentence: str
) -> None:
    defaults = {"RUN_FOLDER": str(memory_path), "PORT": str(free_port()), "AMQP_URL": rabbitmq_server.url}
    code, said = await start_module(defaults | settings)
    assert code == 1
    assert said.startswith(sentence)
    assert said.count("\n") == 1
    assert "geheim" not in said


@pytest.mark.parametrize("variable", ["PORT", "MAILS_PORT"])
async def test_a_taken_port_is_said_in_one_sentence(memory_path: Path, variable: str) -> None:
    settings = {"RUN_FOLDER": str(memory_path), "PORT": str(free_port())}
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = await start_module(settings | {variable: str(port)})
    assert code == 1
    assert said == (
        f"Port {port} is taken by another program: choose another one, "
        f"for example `make run {variable}={port + 1}`.\n"
    )


async def test_reset_forgets_a_run_and_leaves_other_folders_alone(memory_path: Path) -> None:
    ours, other = memory_path / "run", memory_path / "photos"
    for folder in (ours, other):
        folder.mkdir()
        (folder / "picture").touch()
    (ours / "launcher.lock").touch()
    assert await start_module({"RUN_FOLDER": str(ours)}, "reset") == (0, "")
    assert not ours.exists()
    code, said = await start_module({"RUN_FOLDER": str(other)}, "reset")
    assert code == 1
    assert "left alone" in said
    assert (other / "picture").is_file()


async def start_module(settings: dict[str, str], *arguments: str) -> tuple[int | None, str]:
    """Exit code and standard error of `python -m deploy.local`."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_THE_LAUNCHER}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.local", *arguments),
        cwd=REPOSITORY,
        env=environment | settings,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()


async def ask(url: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as client, client.get(url) as response:
        answer: dict[str, Any] = await response.json(content_type=None)
        return answer
