"""Chooses the engine, plays the story, and leaves nothing behind."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.compose.commands import TestComposeError
from tests.compose.engine import engine_at_hand, is_engine_at_hand, private_engine, remove_control_groups
from tests.compose.ingredients import fetch_ingredients
from tests.compose.story import play

# Its own network, mounts and processes: no port, no firewall rule, no mount of this machine is touched, and
# when the first process inside ends, for whatever reason, the kernel ends all the others.
NAMESPACES = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="tests/compose/run", description="Start docker-compose.yml for real."
    )
    parser.add_argument("--private-engine", action="store_true", help="even where an engine is at hand")
    parser.add_argument("--inside", nargs=2, type=Path, metavar=("CACHE", "WORK"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if options.inside:
            cache, work = options.inside
            with private_engine(cache, work) as engine:
                return play(engine)
        if not options.private_engine and is_engine_at_hand():
            print("The engine at hand is used.", flush=True)
            return play(engine_at_hand())
        return _play_in_namespaces()
    except TestComposeError as error:
        print(f"{error}\n\n0 passed, 1 failed", flush=True)
        return 1


def _play_in_namespaces() -> int:
    """With COMPOSE_TEST_CACHE the ingredients are kept there, and the next run is a minute quicker."""
    work = Path(tempfile.mkdtemp(prefix="partner-cockpit-compose-"))
    engine = work / "engine"
    kept = os.environ.get("COMPOSE_TEST_CACHE")
    cache = Path(kept).resolve() if kept else work / "cache"
    try:
        print("A private engine is made from Debian's packages.", flush=True)
        started = time.monotonic()
        fetch_ingredients(cache)
        print(f"Its ingredients are there after {time.monotonic() - started:.0f} s.", flush=True)
        engine.mkdir()
        inside = ["--inside", str(cache), str(engine)]
        child = subprocess.Popen(
            [*NAMESPACES, sys.executable, "-m", "tests.compose", *inside],
            env=os.environ | {"TMPDIR": str(work)},
        )
        try:
            return child.wait()
        finally:
            child.kill()
            child.wait()
    finally:
        remove_control_groups(engine)
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
