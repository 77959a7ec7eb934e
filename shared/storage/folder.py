"""The storage as a folder that all services share: `ab/abcdef…`, written once and never changed."""

import asyncio
import hashlib
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import structlog

from shared.errors import CockpitError, InvalidError, NotFoundError

LEFT_BEHIND_AFTER = timedelta(days=1)
"""No file is on its way as long as this."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
Check = Callable[[Path, str], Awaitable[None]]
"""Looks into the file at this path, with this SHA-256, before it is stored; raises to refuse it."""

_log = structlog.get_logger()


class StorageUnwritableError(CockpitError):
    """The storage takes no file at the moment: it is full, read-only or away."""

    status = 507


class WrongHashError(InvalidError):
    """The bytes that came are not the ones that were announced."""


class FileTooLargeError(InvalidError):
    """The file is larger than allowed."""

    status = 413


@contextmanager
def _errors_mean_unwritable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        _log.exception("storage_unwritable")
        raise StorageUnwritableError("The storage cannot be written; perhaps it is full.") from error


class FolderStorage:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"

    def remove_left_behind(self) -> None:
        """At the start: half files of processes that were killed."""
        long_ago = time.time() - LEFT_BEHIND_AFTER.total_seconds()
        for file in self._incoming.glob("*"):
            with suppress(FileNotFoundError):  # another copy starts as well
                if file.stat().st_mtime < long_ago:
                    file.unlink()

    def path(self, sha256: str) -> Path:
        """Where the file lies or would lie; raises NotFoundError for what is no SHA-256."""
        if not _SHA256.fullmatch(sha256):
            raise NotFoundError(f"{sha256[:80]!r} is no SHA-256 in lower case hexadecimals.")
        return self._root / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def existing_path(self, sha256: str) -> Path:
        """The path of a file that is there; raises NotFoundError."""
        path = self.path(sha256)
        if not path.is_file():
            raise NotFoundError("This file is not in the storage.")
        return path

    async def read(self, sha256: str) -> bytes:
        return await asyncio.to_thread(self.existing_path(sha256).read_bytes)

    async def add(self, content: bytes) -> str:
        """Store bytes; returns their SHA-256."""
        return await asyncio.to_thread(self._add, content)

    async def add_stream(
        self, chunks: AsyncIterator[bytes], *, sha256: str, limit: int, check: Check | None = None
    ) -> int:
        """Store a stream under the SHA-256 it was announced with; returns its size in bytes.

        Raises WrongHashError, or FileTooLargeError after `limit` bytes, or whatever `check` raises, who sees
        the file before it has its name; nothing stays behind.
        """
        self.path(sha256)  # which refuses what is none
        _, size = await self._take(chunks, expected=sha256, limit=limit, check=check)
        return size

    async def keep_stream(
        self, chunks: AsyncIterator[bytes], *, limit: int, check: Check | None = None
    ) -> str:
        """Store a stream that nobody announced; returns its SHA-256. Raises FileTooLargeError likewise."""
        sha256, _ = await self._take(chunks, expected=None, limit=limit, check=check)
        return sha256

    async def _take(
        self, chunks: AsyncIterator[bytes], *, expected: str | None, limit: int, check: Check | None
    ) -> tuple[str, int]:
        file = await asyncio.to_thread(self._create)
        digest, size = hashlib.sha256(), 0
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise FileTooLargeError(f"The file is larger than {limit // 1_000_000} MB.")
                digest.update(chunk)
                await asyncio.to_thread(_write, file, chunk)
            sha256 = digest.hexdigest()
            if expected not in (None, sha256):
                raise WrongHashError("The bytes received are not the file announced: their SHA-256 differs.")
            if check:
                await asyncio.to_thread(_flush, file)
                await check(Path(file.name), sha256)
            await asyncio.to_thread(self._keep, file, self.path(sha256))
        finally:
            await asyncio.to_thread(_discard, file)
        return sha256, size

    def _add(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if not path.is_file():
            file = self._create()
            try:
                _write(file, content)
                self._keep(file, path)
            finally:
                _discard(file)
        return sha256

    @_errors_mean_unwritable()
    def _create(self) -> "tempfile._TemporaryFileWrapper[bytes]":
        self._incoming.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=self._incoming, delete=False)

    @_errors_mean_unwritable()
    def _keep(self, file: "tempfile._TemporaryFileWrapper[bytes]", path: Path) -> None:
        """Make the bytes durable, then let them appear under their name in one step."""
        file.flush()
        os.fsync(file.fileno())
        path.parent.mkdir(exist_ok=True)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@_errors_mean_unwritable()
def _write(file: "tempfile._TemporaryFileWrapper[bytes]", content: bytes) -> None:
    file.write(content)


@_errors_mean_unwritable()
def _flush(file: "tempfile._TemporaryFileWrapper[bytes]") -> None:
    file.flush()


def _discard(file: "tempfile._TemporaryFileWrapper[bytes]") -> None:
    with suppress(OSError):  # writes what could not be written before
        file.close()
    Path(file.name).unlink(missing_ok=True)
