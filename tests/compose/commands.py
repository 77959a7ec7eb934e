"""Running a program and saying clearly what it said when it fails."""

import subprocess
from collections.abc import Mapping
from pathlib import Path


class TestComposeError(Exception):
    """The message is for the person at the terminal, shown without a traceback."""

    __test__ = False


def run(
    *command: str | Path,
    timeout: float = 300,  # seconds
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> str:
    """Its output; raises TestComposeError with the last lines when it fails or takes too long."""
    words = " ".join(map(str, command[:6]))
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            env=environment,
            cwd=folder,
            check=False,
        )
    except FileNotFoundError as error:
        raise TestComposeError(f"{command[0]} is not installed.") from error
    except subprocess.TimeoutExpired as error:
        raise TestComposeError(f"{words} … took longer than {timeout:.0f} s.") from error
    if done.returncode != 0:
        last = "\n".join(done.stdout.splitlines()[-25:])
        raise TestComposeError(f"{words} … ended with {done.returncode}:\n{last}")
    return done.stdout


def answers(*command: str | Path, timeout: float = 20) -> bool:
    """Whether the program is there and content."""
    try:
        run(*command, timeout=timeout)
    except TestComposeError:
        return False
    return True
