"""Brings in the demo data once, and remembers what it answered: logins, an API key, a proof to assign."""

import asyncio
import contextlib
import os
import shutil
import sys
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from deploy.local.errors import LauncherError
from deploy.local.processes import ChildProcess
from deploy.local.stack import Stack

TIMEOUT = 300.0  # seconds


class DemoLogin(BaseModel):
    model_config = ConfigDict(extra="ignore")

    role: str
    email: str
    password: str
    name: str


class DemoProof(BaseModel):
    model_config = ConfigDict(extra="ignore")

    order_number: str
    position: str
    file: Path


class Demo(BaseModel):
    """What `python -m deploy.demo --output FILE` writes."""

    model_config = ConfigDict(extra="ignore")

    logins: tuple[DemoLogin, ...]
    api_key: str
    assign: DemoProof


async def load_demo_once(stack: Stack, *, database: str) -> Demo:
    """`database` tells servers apart: each gets the demo data once. A load that was cut is done again."""
    loaded = stack.folder / f"demo-{sha256(database.encode()).hexdigest()[:8]}.json"
    if not loaded.is_file():
        unfinished = loaded.with_suffix(".unfinished")
        await _load(stack, unfinished)
        unfinished.chmod(0o600)
        unfinished.rename(loaded)
    demo = Demo.model_validate_json(loaded.read_bytes())
    # CDH names files by their path below this folder: so one command is enough to assign the proof.
    with contextlib.suppress(shutil.SameFileError):
        shutil.copy(demo.assign.file, stack.cdh_file_root)
    return demo


async def _load(stack: Stack, output: Path) -> None:
    child = ChildProcess(
        [sys.executable, "-m", "deploy.demo", "--output", output],
        environment=os.environ
        | {
            "GATEWAY_URL": stack.gateway_url,
            "AUTH_URL": stack.url_of("auth"),
            "SYNC_URL": stack.url_of("sync"),
            "INTERNAL_SECRET": stack.internal_secret,
        },
        log=stack.folder / "logs" / "demo.log",
        folder=stack.code,
    )
    try:
        async with asyncio.timeout(TIMEOUT):
            while child.exit_code is None:  # noqa: ASYNC110 - a process sets no event of ours
                await asyncio.sleep(0.05)  # between two looks
    except TimeoutError as error:
        raise LauncherError(
            f"The demo data were not there within {TIMEOUT:.0f} s{child.last_words()}"
        ) from error
    finally:
        child.kill()
    if child.exit_code:
        raise LauncherError(f"The demo data could not be brought in{child.last_words()}")
