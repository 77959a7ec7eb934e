"""What `make run` starts and prints is true: real services, real demo, the printed line and the logins."""

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from tests.support import eventually
from tests.support.browsing import Browser

LAST_WORDS = "Ctrl-C stops everything"


@pytest.mark.timeout("240")
async def test_what_is_printed_works(memory_path: Path) -> None:
    port, log = free_port(), memory_path / "log"
    with log.open("wb") as output:
        launcher = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "deploy.local",
            env={**os.environ, "RUN_FOLDER": str(memory_path / "run"), "PORT": str(port)},
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        await eventually(
            lambda: LAST_WORDS in log.read_text() or launcher.returncode is not None, seconds=180
        )
        said = log.read_text()
        assert launcher.returncode is None, said
        assert "Bus: a private RabbitMQ" in said

        [curl] = re.findall(r"^ *(curl .*)$", said, re.MULTILINE)
        shell = await asyncio.create_subprocess_shell(f"{curl} --silent", stdout=asyncio.subprocess.PIPE)
        answer, _ = await shell.communicate()
        assert [result["status"] for result in json.loads(answer)["results"]] == ["accepted"]

        logins = re.findall(r"^ *(Customer|Clerk|Operator) +(\S+) +password (\S+)", said, re.MULTILINE)
        assert {role for role, _, _ in logins} == {"Customer", "Clerk", "Operator"}
        for role, email, password in logins:
            async with Browser(f"http://127.0.0.1:{port}") as browser:
                status, path = await browser.fill("/login", {"email": email, "password": password})
                assert (status, path) == (200, "/" if role == "Customer" else "/desk")
    finally:
        launcher.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(launcher.wait(), 60) == 0
