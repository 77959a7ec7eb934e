"""Where the servers of a test session keep what they have: in memory, and nothing of it stays."""

import contextlib
import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - its folders have names nobody can guess
PREFIX = "cockpit-tests-"
NEEDED = 4 * 1024**3  # bytes; a session with four workers has used 1.7 GB
LOCK = "session.lock"


@contextlib.contextmanager
def session_folder() -> Iterator[Path]:
    """A new folder, in memory where there is room; afterwards it is gone, as are those of killed sessions."""
    parent = MEMORY if _has_room() else Path(tempfile.gettempdir())
    for abandoned in parent.glob(f"{PREFIX}*"):
        _remove_abandoned(abandoned)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    # PostgreSQL may have to run as another user, who must be able to pass; what is secret lies deeper.
    folder.chmod(0o711)
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            _remove(folder)


def _has_room() -> bool:
    return MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > NEEDED


def _remove_abandoned(folder: Path) -> None:
    """The lock is free as soon as its session has ended, even by kill -9."""
    with contextlib.suppress(OSError), (folder / LOCK).open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(folder)


def _remove(folder: Path) -> None:
    """A server whose worker was killed may still write its last words there."""
    deadline = time.monotonic() + 15
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)
