"""How long `make run` takes, and what the services weigh: `python -m bench.start`.

A clean clone (the packages come from pip's cache, so nothing is downloaded), an empty folder for what a run
keeps; then a second, warm run. The clock stops when the login page is there.
"""

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

from bench.processes import family, pss_mb
from deploy.local.ports import free_port

REPOSITORY = Path(__file__).parent.parent
PATIENCE_SECONDS = 300.0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
        cache = Path(folder) / "packages"
        lock = str(clone / "requirements.lock")
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "-r", lock]
        subprocess.run([*download, "--dest", str(cache)], check=True)
        environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(cache)}
        for label in ("cold, from a clean clone", "warm"):
            run(clone, environment, label)
        shutil.rmtree(clone)
    return 0


def run(clone: Path, environment: dict[str, str], label: str) -> None:
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
        print(f"{label}: first page after {page:.1f} s, everything after {time.monotonic() - started:.1f} s")
        print(f"  the six services: {services_pss(process.pid):.0f} MB PSS", flush=True)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


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
