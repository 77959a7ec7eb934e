"""The folder of a local run: who uses it now, and how it is forgotten."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from deploy.local.errors import LauncherError
from deploy.local.secret_files import private_folder

# Only a folder with this file is ever removed.
LOCK = "launcher.lock"


@contextlib.contextmanager
def sole_use_of(folder: Path) -> Iterator[None]:
    """The system gives the lock back even when the launcher is killed, so it is never left behind."""
    private_folder(folder)
    with (folder / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise LauncherError(
                f"The Partner-Cockpit already runs from {folder} (process {holder}): stop that one with "
                "Ctrl-C, or give this one a RUN_FOLDER and a PORT of its own."
            ) from error
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def reset(folder: Path) -> bool:
    """Removes the folder and all that it kept. False where there was none."""
    if not folder.exists():
        return False
    if not (folder / LOCK).is_file():
        raise LauncherError(f"{folder} is not a folder that `make run` has made, so it is left alone.")
    with sole_use_of(folder):
        shutil.rmtree(folder)
    return True
