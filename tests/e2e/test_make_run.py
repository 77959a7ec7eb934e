"""What `make run` starts and prints is true: real services, real demo, the printed lines and the logins."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from deploy.local.settings import REPOSITORY
from tests.support import eventually
from tests.support.browsing import Browser
from tests.support.printed_run import PrintedRun, shell
from tests.support.system import is_alive

LAST_WORDS = "Ctrl-C stops everything"


@asynccontextmanager
async def started(folder: Path, port: int) -> AsyncIterator[PrintedRun]:
    """`make run` until Ctrl-C, after which nothing of it is left."""
    log = folder / "log"
    with log.open("wb") as output:
        launcher = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.local"),
            env={**os.environ, "RUN_FOLDER": str(folder / "run"), "PORT": str(port)},
            cwd=REPOSITORY,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        await eventually(
            lambda: LAST_WORDS in log.read_text() or launcher.returncode is not None, seconds=180
        )
        assert launcher.returncode is None, log.read_text()
        pids = descendants(launcher.pid)
        assert len(pids) > 8  # six services, PostgreSQL, RabbitMQ and what they start
        yield PrintedRun(f"http://127.0.0.1:{port}", log.read_text())
    finally:
        if launcher.returncode is None:
            launcher.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(launcher.wait(), 60) == 0
    await eventually(lambda: [pid for pid in pids if is_alive(pid)] == [])


def descendants(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [[int(word) for word in line.split()] for line in listed.stdout.splitlines()]
    found = [pid]
    for parent in found:
        found += [child for child, its_parent in pairs if its_parent == parent]
    return found[1:]


@pytest.mark.timeout("420")
async def test_what_is_printed_works_and_a_second_run_keeps_it(memory_path: Path) -> None:
    port = free_port()
    async with started(memory_path, port) as run:
        assert "Bus: a private RabbitMQ" in run.said
        answer = await shell(f"{run.printed('curl .*')} --silent")
        assert [result["status"] for result in json.loads(answer)["results"]] == ["accepted"]
        await shell(run.printed("COCKPIT_URL=.* assign-sample .*"))

        assert {role for role, _, _ in run.logins} == {"Customer", "Clerk", "Operator"}
        for role, email, password in run.logins:
            async with Browser(run.url) as browser:
                await browser.log_in(email, password, start="/" if role == "Customer" else "/desk")

        proof = await run.approve()

    async with started(memory_path, port) as run, Browser(run.url) as browser:
        await browser.log_in(*run.customer)
        status, page = await browser.open(proof)
        assert (status, "Freigabeprotokoll" in page) == (200, True)
        assert f"{proof}/approve" not in page
