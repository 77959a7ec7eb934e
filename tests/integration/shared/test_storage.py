"""Files lie in the storage once, under the hash of their bytes, or not at all."""

import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.errors import NotFoundError
from shared.storage import FileTooLargeError, FolderStorage, WrongHashError
from shared.storage.folder import LEFT_BEHIND_AFTER

BYTES = b"a proof" * 1000
SHA256 = hashlib.sha256(BYTES).hexdigest()


async def _in_chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


def _files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


async def test_the_same_bytes_lie_there_once(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    assert await storage.add(BYTES) == await storage.add(BYTES) == SHA256
    assert await storage.add_stream(_in_chunks(BYTES), sha256=SHA256, limit=10_000) == len(BYTES)
    assert _files(tmp_path) == [f"{SHA256[:2]}/{SHA256}"]
    assert await storage.read(SHA256) == BYTES


async def test_bytes_that_nobody_announced_lie_under_their_hash(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    assert await storage.keep_stream(_in_chunks(BYTES), limit=len(BYTES)) == SHA256
    assert await storage.keep_stream(_in_chunks(BYTES), limit=len(BYTES)) == SHA256
    with pytest.raises(FileTooLargeError):
        await storage.keep_stream(_in_chunks(BYTES + b"!"), limit=len(BYTES))
    assert _files(tmp_path) == [f"{SHA256[:2]}/{SHA256}"]


async def test_bytes_that_are_not_what_was_announced_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(WrongHashError):
        await FolderStorage(tmp_path).add_stream(_in_chunks(b"other"), sha256=SHA256, limit=10_000)
    assert _files(tmp_path) == []


async def test_a_file_over_the_limit_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileTooLargeError):
        await FolderStorage(tmp_path).add_stream(_in_chunks(BYTES), sha256=SHA256, limit=6_999)
    assert _files(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", SHA256.upper(), SHA256[:-1], SHA256 + "\n", "/" * 64]
)
async def test_only_a_hash_is_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFoundError):
        FolderStorage(tmp_path).path(name)


async def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    assert not storage.has(SHA256)
    with pytest.raises(NotFoundError):
        await storage.read(SHA256)


def test_what_killed_processes_left_goes_and_what_is_on_its_way_stays(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    storage.remove_left_behind()  # nothing has ever come in
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    for name in ("left", "on its way"):
        (incoming / name).write_bytes(b"half")
    long_ago = time.time() - LEFT_BEHIND_AFTER.total_seconds() - 1
    os.utime(incoming / "left", (long_ago, long_ago))
    storage.remove_left_behind()
    assert _files(tmp_path) == ["incoming/on its way"]
