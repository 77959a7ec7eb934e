"""One child process that never outlives the launcher. What the children are is not known here."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.local.errors import LauncherError

# A guard stands beside each child and reads a pipe that only the launcher holds open. A word on it means that
# the child was stopped in order; its end without a word means that the launcher is gone, even by kill -9, and
# then the guard stops the child. Plain sh, so that it weighs nothing and works on Linux and macOS alike.
GUARD = """
read -r word && exit 0
kill -s "$1" -- "-$2" || exit 0
for second in 1 2 3 4 5 6 7 8 9 10; do
    sleep 1
    kill -0 -- "-$2" || exit 0
done
kill -s KILL -- "-$2"
"""


HINT_OF_PYDANTIC = "For further information visit"


class ChildProcess:
    """A process in a session of its own: Ctrl-C reaches the launcher alone, which then keeps the order."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        folder: Path | None = None,
    ) -> None:
        self.log = log
        self._stop_signal = stop_signal
        self._is_over = False
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._child = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._child.pid
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", stop_signal.name.removeprefix("SIG"), str(self.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._child.poll()

    def stop(self, *, timeout: float = 20) -> None:  # seconds
        """Asks it to end, and ends it when it does not. Harmless when it has ended already."""
        if self._is_over:
            return
        self._signal(self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """kill -9, for the whole group: nothing of it lives on."""
        if self._is_over:
            return
        self._signal(signal.SIGKILL)
        self._child.wait()
        self._is_over = True
        with contextlib.suppress(BrokenPipeError):
            self._guard.communicate(b"done\n")

    def wait_until(self, is_ready: Callable[[], bool], *, what: str, timeout: float) -> None:  # seconds
        """Raises LauncherError with the last lines of the log when it ends or stays unready."""
        deadline = time.monotonic() + timeout
        while not is_ready():
            if self.exit_code is not None:
                self.kill()
                raise LauncherError(f"{what} ended at its start{self.last_words()}")
            if time.monotonic() > deadline:
                self.kill()
                raise LauncherError(f"{what} was not ready within {timeout:.0f} s{self.last_words()}")
            time.sleep(0.02)

    def log_lines(self) -> list[str]:
        """What it has written since this start."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace").splitlines()

    def last_words(self) -> str:
        """The end of a sentence about its end."""
        lines = [line for line in self.log_lines() if line.strip() and HINT_OF_PYDANTIC not in line]
        if not lines:
            return f" (see {self.log})"
        # An indented line belongs to the one before it, as in the complaint about a setting.
        first = max((n for n, line in enumerate(lines) if not line[0].isspace()), default=0)
        return f": {' '.join(line.strip() for line in lines[first:])} (more in {self.log})"

    def _signal(self, number: signal.Signals) -> None:
        # The group outlives its first process: what a crashed child left behind is reached too.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
