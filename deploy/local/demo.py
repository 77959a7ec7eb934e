"""Brings in the demo data once, and remembers what it answered: logins, an API key, a proof to assign."""

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from deploy.demo.outcome import Assign, Login, Outcome
from deploy.local.databases import SERVICES
from deploy.local.errors import LauncherError
from deploy.local.processes import ChildProcess
from deploy.local.stack import Stack

TIMEOUT = 300.0  # seconds


@dataclass(frozen=True)
class Demo:
    """What the loader has left: logins, the API key of CDH, and a proof that nobody has assigned yet."""

    logins: tuple[Login, ...]
    api_key: str
    proof: Assign


async def load_demo_once(stack: Stack, *, database: str, say: Callable[[str], None]) -> Demo:
    """`database` tells servers apart: each gets the demo data once. A load that was cut is done again."""
    loaded = stack.folder / f"demo-{sha256(database.encode()).hexdigest()[:8]}.json"
    if not loaded.is_file():
        say("The demo data come in, which takes half a minute; then the logins follow.")
        unfinished = loaded.with_suffix(".unfinished")
        await _load(stack, unfinished)
        unfinished.chmod(0o600)
        unfinished.rename(loaded)
    outcome = Outcome.model_validate_json(loaded.read_bytes())
    if outcome.assign is None:
        raise LauncherError(f"The demo data in {loaded} have no proof: forget them with `make reset`.")
    # CDH names files by their path below this folder: so one command is enough to assign the proof.
    with contextlib.suppress(shutil.SameFileError):
        shutil.copy(outcome.assign.file, stack.cdh_file_root)
    return Demo(outcome.logins, outcome.api_key, outcome.assign)


async def _load(stack: Stack, output: Path) -> None:
    child = ChildProcess(
        [sys.executable, "-m", "deploy.demo", "--output", output],
        environment=os.environ
        | {
            "INTERNAL_SECRET": stack.internal_secret,
            **{f"{service.upper()}_URL": stack.url_of(service) for service in SERVICES},
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
