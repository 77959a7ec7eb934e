import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import pytest

from deploy.local.databases import SERVICES
from deploy.local.errors import LauncherError
from deploy.local.ports import is_free
from deploy.local.postgres import RunningPostgres
from deploy.local.settings import REPOSITORY
from deploy.local.stack import Stack
from tests.support import eventually
from tests.support.fake_services import write_fake_services
from tests.support.system import is_alive

MakeStack = Callable[..., Stack]


@pytest.fixture
def make_stack(postgres_server: RunningPostgres, tmp_path: Path) -> MakeStack:
    code = write_fake_services(tmp_path / "code")

    def make(**options: Any) -> Stack:
        defaults: dict[str, Any] = {
            "admin_url": postgres_server.url(),
            "amqp_url": None,
            "smtp_url": "smtp://127.0.0.1:1025",
            "prefix": "stack_",
            "code": code,
        }
        return Stack(tmp_path / "run", **(defaults | options))

    return make


@pytest.fixture
async def stack(make_stack: MakeStack) -> AsyncIterator[Stack]:
    async with make_stack() as stack:
        yield stack


async def environment_of(url: str) -> dict[str, str]:
    async with aiohttp.ClientSession() as client, client.get(url) as response:
        environment: dict[str, str] = await response.json(content_type=None)
        return environment


async def test_each_service_gets_its_own_database_and_the_gateway_all_addresses(stack: Stack) -> None:
    approvals = await environment_of(stack.url_of("approvals"))
    assert approvals["DATABASE_URL"] == stack.database_url("approvals")
    assert approvals["BUS_DATABASE_URL"] == stack.database_url("bus")
    assert "AMQP_URL" not in approvals
    assert "SMTP_URL" not in approvals
    gateway = await environment_of(stack.gateway_url)
    assert gateway["DATABASE_URL"] == stack.database_url("gateway")
    assert gateway["APPROVALS_URL"] == stack.url_of("approvals")
    assert gateway["PUBLIC_URL"] == stack.gateway_url
    assert gateway["INTERNAL_SECRET"] == approvals["INTERNAL_SECRET"]
    assert (await environment_of(stack.url_of("mailer")))["SMTP_URL"] == "smtp://127.0.0.1:1025"


async def test_rabbitmq_is_the_bus_where_there_is_one(make_stack: MakeStack) -> None:
    async with make_stack(amqp_url="amqp://127.0.0.1:20000/") as stack:
        sync = await environment_of(stack.url_of("sync"))
    assert sync["AMQP_URL"] == "amqp://127.0.0.1:20000/"
    assert "BUS_DATABASE_URL" not in sync


async def test_with_own_roles_each_service_enters_as_itself(make_stack: MakeStack) -> None:
    async with make_stack(own_roles=True, prefix="roles_") as stack:
        environment = await environment_of(stack.url_of("auth"))
    assert urlsplit(environment["DATABASE_URL"]).username == "roles_auth"
    for name in ("DATABASE_URL", "BUS_DATABASE_URL"):
        connection = await asyncpg.connect(environment[name], timeout=10)
        await connection.close()


async def test_stopping_leaves_no_process(make_stack: MakeStack) -> None:
    async with make_stack() as stack:
        pids = [process.pid for process in stack.processes]
        assert len(pids) == len(SERVICES)
        assert all(is_alive(pid) for pid in pids)
    assert not any(is_alive(pid) for pid in pids)


async def test_secrets_stay_the_same_and_are_for_their_owner_only(make_stack: MakeStack) -> None:
    async with make_stack() as first:
        pass
    async with make_stack() as second:
        pass
    assert second.internal_secret == first.internal_secret
    [secret] = (second.folder / "secrets").iterdir()
    assert secret.stat().st_mode & 0o777 == 0o600


async def test_a_killed_service_starts_again_at_its_address_with_another_environment(stack: Stack) -> None:
    url = stack.url_of("approvals")
    killed = stack.process("approvals")
    await stack.kill("approvals")
    assert not is_alive(killed.pid)
    assert not killed.is_running
    await stack.start("approvals", environment={"KILL_AT": "record_stored"})
    assert (await environment_of(url))["KILL_AT"] == "record_stored"
    await stack.kill("approvals")
    await stack.start("approvals")
    assert "KILL_AT" not in await environment_of(url)


async def test_copies_of_a_service_have_ports_of_their_own(make_stack: MakeStack) -> None:
    async with make_stack(copies={"approvals": 2}) as stack:
        first, second = stack.process("approvals"), stack.process("approvals", 2)
        assert first.url != second.url
        assert (await environment_of(second.url))["DATABASE_URL"] == stack.database_url("approvals")


async def test_a_service_that_ends_at_its_start_is_named_with_its_reason_and_nothing_stays(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(environment={"CRASH": "at start"})
    with pytest.raises(LauncherError, match="The service .* ended at its start: the reason of the crash"):  # noqa: RUF043 - plain enough
        await stack.__aenter__()
    assert stack.processes == []


async def test_an_unreachable_server_is_said_in_one_sentence_without_its_password(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(admin_url="postgresql://admin:geheim@127.0.0.1:1/postgres")
    with pytest.raises(LauncherError) as caught:
        await stack.__aenter__()
    assert "127.0.0.1:1" in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


OWNER = """
import asyncio, sys
from pathlib import Path
from deploy.local.postgres import start_postgres
from deploy.local.stack import Stack

async def own():
    postgres = start_postgres(Path(sys.argv[1]) / "postgres")
    async with Stack(
        Path(sys.argv[1]), admin_url=postgres.url(), amqp_url=None, smtp_url="smtp://127.0.0.1:1",
        code=Path(sys.argv[2]),
    ) as stack:
        print(postgres.port, postgres.pid, *(process.pid for process in stack.processes), flush=True)
        await asyncio.Event().wait()

asyncio.run(own())
"""


async def test_kill_9_of_the_owner_leaves_no_process(
    make_stack: MakeStack, tmp_path: Path, memory_path: Path
) -> None:
    owner = subprocess.Popen(  # noqa: ASYNC220 - it only has to be there
        [sys.executable, "-c", OWNER, memory_path / "killed", tmp_path / "code"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    with owner:
        assert owner.stdout is not None
        port, *pids = (int(word) for word in owner.stdout.readline().split())
        assert len(pids) == 1 + len(SERVICES)
        owner.send_signal(signal.SIGKILL)
    await eventually(lambda: not any(is_alive(pid) for pid in pids))
    assert is_free(port)
