"""Runs work on files of strangers in a child process with limits, so that a bomb ends the child only."""

import asyncio
import json
import os
import platform
import resource
import signal
import sys
from typing import Any

from shared.errors import CockpitError


class SandboxError(CockpitError):
    """The child could not do its work: it crashed, took too long, or needed too much memory."""


class SandboxTimeoutError(SandboxError):
    """The child took too long."""


async def run_sandboxed(
    module: str, arguments: dict[str, Any], *, seconds: float, memory_mb: int = 1024
) -> dict[str, Any]:
    """Run `python -m module` with `arguments` as JSON on its standard input; returns the JSON it prints.

    Raises SandboxError. The child gets no environment but the path of the code, no secrets, `seconds` of
    wall time and `memory_mb` of address space (not on macOS, whose kernel refuses such a limit).
    """
    has_memory_limit = platform.system() != "Darwin"

    def limit() -> None:
        if has_memory_limit:
            resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 1024 * 1024,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.environ.get("PATH", "")},
        preexec_fn=limit,
        start_new_session=True,
    )
    try:
        talk = child.communicate(json.dumps(arguments).encode())
        out, errors = await asyncio.wait_for(talk, timeout=seconds)
    except TimeoutError as error:
        raise SandboxTimeoutError("The file takes too long to read.") from error
    finally:
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    if child.returncode != 0:
        raise SandboxError(errors.decode(errors="replace")[-2000:] or f"ended with {child.returncode}")
    answer: dict[str, Any] = json.loads(out)
    return answer
