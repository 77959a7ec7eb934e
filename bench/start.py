"""How long `make run` takes, and what the services weigh: `python -m bench.start`.

A clean clone (the packages come from pip's cache, so nothing is downloaded), an empty folder for what a run
keeps; then a second, warm run. The services are weighed after the main job: a clerk has assigned a proof by
the printed line, its customer has approved it, and for some seconds nobody does anything.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from bench.limits import verdict
from bench.processes import family, pss_mb
from deploy.local.ports import free_port
from tests.support.printed_run import PrintedRun, shell

REPOSITORY = Path(__file__).parent.parent
PATIENCE_SECONDS = 300.0
# To the first page; the packages are there.
FIRST_START_SECONDS = 60.0
WARM_START_SECONDS = 5.0
PSS_LIMIT_MB = 450.0
SETTLING_SECONDS = 15.0  # mails, the record and its file are done by then


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
        cache = Path(folder) / "packages"
        lock = str(clone / "requirements.lock")
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "-r", lock]
        subprocess.run([*download, "--dest", str(cache)], check=True)
        environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(cache)}
        run(clone, environment, "cold, from a clean clone", is_first=True)
        run(clone, environment, "warm", is_first=False)
        shutil.rmtree(clone)
    return 0


def run(clone: Path, environment: dict[str, str], label: str, *, is_first: bool) -> None:
    port = free_port()
    started = time.monotonic()
    with (clone / "make-run.log").open("wb") as log:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env={**environment, "PORT": str(port)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/login"), process)
        page = time.monotonic() - started
        said = clone / "make-run.log"
        wait_for(lambda: b"Ctrl-C stops everything" in said.read_bytes(), process)
        all_there = time.monotonic() - started
        limit = verdict(page, FIRST_START_SECONDS if is_first else WARM_START_SECONDS, "s")
        print(f"{label}: first page after {page:.1f} s ({limit}), everything after {all_there:.1f} s")
        if is_first:
            asyncio.run(main_job(PrintedRun(f"http://127.0.0.1:{port}", said.read_text("utf-8")), clone))
        time.sleep(SETTLING_SECONDS)  # nobody does anything, which is what is measured
        pss = services_pss(process.pid)
        print(f"  the six services: {pss:.0f} MB PSS ({verdict(pss, PSS_LIMIT_MB, 'MB')})", flush=True)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


async def main_job(printed: PrintedRun, clone: Path) -> None:
    await shell(printed.printed("curl .*"), folder=clone)
    await printed.approve()


def wait_for(is_so: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("make run did not get there; see its log")
        time.sleep(0.02)  # between two looks


def services_pss(pid: int) -> float:
    """Of the processes `python -m services.…` below this one."""
    services = [
        member for member in family(pid) if b"\0services." in Path(f"/proc/{member}/cmdline").read_bytes()
    ]
    return sum(map(pss_mb, services))


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main())
