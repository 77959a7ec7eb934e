import fcntl
import tempfile
from pathlib import Path

import pytest

from tests.support import session_folder as module
from tests.support.session_folder import session_folder


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "MEMORY", tmp_path)
    monkeypatch.setattr(module, "NEEDED", 0)
    return tmp_path


def test_nothing_stays_of_a_session(memory: Path) -> None:
    with session_folder() as folder:
        (folder / "gw0").mkdir()
        assert folder.parent == memory
    assert list(memory.iterdir()) == []


def test_what_a_killed_session_left_behind_goes_and_what_is_in_use_stays(memory: Path) -> None:
    for name in ("cockpit-tests-killed", "cockpit-tests-running", "of-somebody-else"):
        (memory / name).mkdir()
        (memory / name / "session.lock").touch()
    with (memory / "cockpit-tests-running" / "session.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with session_folder():
            pass
    assert {path.name for path in memory.iterdir()} == {"cockpit-tests-running", "of-somebody-else"}


def test_where_memory_is_short_the_disk_serves(
    memory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    disk = tmp_path_factory.mktemp("disk")
    monkeypatch.setattr(module, "NEEDED", 1 << 62)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(disk))
    with session_folder() as folder:
        assert folder.parent == disk
