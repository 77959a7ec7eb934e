"""The files that CDH brings: taken up or copied into the storage, looked into, known by their SHA-256.

It opens transactions of its own, since looking into a file is slow and must not happen in one.
"""

import asyncio
import hashlib
import os
import stat
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TypeVar

import structlog

from services.sync.cdh_data import FileReference
from services.sync.model import MAX_PAGES, MAX_PIXELS, InspectedFile, Problem, attached_file, path_below
from services.sync.repository import inspected_files
from shared.database import Pool, reading, transaction
from shared.events.sync import File
from shared.sandbox import SandboxError, run_sandboxed
from shared.storage import Check, FileTooLargeError, FolderStorage, WrongHashError

INSPECTION_SECONDS = 30.0
INSPECTION_MEMORY_MB = 1536
SHARE_SECONDS = 60.0
_AT_ONCE = 2
_CHUNK = 256 * 1024

Answer = TypeVar("Answer")
_log = structlog.get_logger()


class _ShareError(Exception):
    """The share does not give the file, or not in time."""


class _PathOutsideError(Exception):
    """The path leads through a link or out of the folder."""


class _FaultyFileError(Exception):
    """The file was looked into, and is not stored."""

    def __init__(self, file: InspectedFile) -> None:
        super().__init__(file.fault)
        self.file = file


class CdhFiles:
    def __init__(self, pool: Pool, storage: FolderStorage, *, limit: int, cdh_file_root: Path | None) -> None:
        self._pool = pool
        self._storage = storage
        self._limit = limit
        self._root = cdh_file_root
        self._inspecting = asyncio.Semaphore(_AT_ONCE)
        # A share that hangs holds these threads, and no others.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="cdh-files")

    @property
    def limit(self) -> int:
        """The largest file that is taken, in bytes."""
        return self._limit

    async def take_upload(self, sha256: str, chunks: AsyncIterator[bytes]) -> InspectedFile:
        """Look into what is uploaded, and store it unless it has a fault.

        Raises WrongHashError or FileTooLargeError.
        """
        try:
            await self._storage.add_stream(chunks, sha256=sha256, limit=self._limit, check=self._check)
        except _FaultyFileError as error:
            return error.file
        return await self._inspected(sha256, self._storage.existing_path(sha256))

    async def take_file(self, chunks: AsyncIterator[bytes]) -> InspectedFile:
        """The same for a file whose hash nobody knows yet; raises FileTooLargeError."""
        try:
            sha256 = await self._storage.keep_stream(chunks, limit=self._limit, check=self._check)
        except _FaultyFileError as error:
            return error.file
        return await self._inspected(sha256, self._storage.existing_path(sha256))

    async def find(self, reference: FileReference, *, place: str) -> InspectedFile | Problem:
        """The file that an event names; a Problem if it is not there or must not be used."""
        which = "path" if reference.sha256 is None else "sha256"
        try:
            sha256 = await self._stored(reference, place=place, check=self._check)
        except _FaultyFileError as error:
            return Problem(f"{place}/{which}", error.file.fault)
        if isinstance(sha256, Problem):
            known = await self._known(reference.sha256) if reference.sha256 else None
            # It was brought and refused: that says more than that it is not there.
            return Problem(sha256.place, known.fault) if known and known.fault else sha256
        file = await self._inspected(sha256, self._storage.existing_path(sha256))
        return Problem(f"{place}/{which}", file.fault) if file.fault else file

    async def keep_upload(self, sha256: str, chunks: AsyncIterator[bytes]) -> int:
        """Store a file of a document, of any kind; its size. Raises WrongHashError or FileTooLargeError."""
        await self._storage.add_stream(chunks, sha256=sha256, limit=self._limit)
        return self._storage.existing_path(sha256).stat().st_size

    async def find_attached(self, reference: FileReference, *, place: str) -> File | Problem:
        """The file of a document that an event names. It is only ever downloaded, so any kind will do."""
        sha256 = await self._stored(reference, place=place)
        if isinstance(sha256, Problem):
            return sha256
        size = self._storage.existing_path(sha256).stat().st_size
        return attached_file(sha256, reference.name or reference.path or "", size=size)

    async def _stored(
        self, reference: FileReference, *, place: str, check: Check | None = None
    ) -> str | Problem:
        """The SHA-256 of the named file, which lies in the storage then."""
        if reference.sha256 is None:
            return await self._copy(reference.path or "", f"{place}/path", check)
        if not self._storage.has(reference.sha256):
            return Problem(f"{place}/sha256", "file_not_uploaded")
        return reference.sha256

    async def _check(self, path: Path, sha256: str) -> None:
        """Before a file is stored: one with a fault is not. Raises _FaultyFileError."""
        file = await self._inspected(sha256, path)
        if file.fault:
            raise _FaultyFileError(file)

    async def _known(self, sha256: str) -> InspectedFile | None:
        async with reading(self._pool) as opened:
            return await inspected_files.find_inspected_file(opened, sha256)

    async def _inspected(self, sha256: str, path: Path) -> InspectedFile:
        if known := await self._known(sha256):
            return known
        try:
            async with self._inspecting:
                found = await run_sandboxed(
                    "services.sync.inspection",
                    {"path": str(path), "max_pages": MAX_PAGES, "max_pixels": MAX_PIXELS},
                    seconds=INSPECTION_SECONDS,
                    memory_mb=INSPECTION_MEMORY_MB,
                )
        except SandboxError as error:
            # Not kept: on a machine with less to do the file may be readable.
            _log.warning("inspection_failed", sha256=sha256, reason=error.message[-200:])
            return InspectedFile(sha256, path.stat().st_size, format="", fault="not_readable")
        file = InspectedFile(
            sha256, path.stat().st_size, format=found.get("format", ""), fault=found.get("fault", "")
        )
        async with transaction(self._pool) as opened:
            await inspected_files.add_inspected_file(opened, file)
        return file

    async def _copy(self, path: str, place: str, check: Check | None) -> str | Problem:
        """Copy a file from below the configured folder into the storage; returns its SHA-256."""
        if self._root is None:
            return Problem(place, "no_file_root")
        relative = path_below(path)
        if relative is None:
            return Problem(place, "path_outside")
        try:
            file = await self._in_thread(_open_below, self._root, relative)
        except _PathOutsideError:
            return Problem(place, "path_outside")
        except _ShareError:
            return Problem(place, "path_not_found")
        try:
            return await self._keep(file, place, check)
        except _ShareError:
            return Problem(place, "path_not_found")
        finally:
            os.close(file)

    async def _keep(self, file: int, place: str, check: Check | None) -> str | Problem:
        too_large = Problem(place, "file_too_large", {"most": str(self._limit // 1_000_000)})
        if os.fstat(file).st_size > self._limit:
            return too_large
        sha256 = await self._in_thread(_hash_of, file)
        if self._storage.has(sha256):
            return sha256
        try:
            await self._storage.add_stream(self._chunks(file), sha256=sha256, limit=self._limit, check=check)
        except WrongHashError:
            return Problem(place, "file_changed")
        except FileTooLargeError:
            return too_large
        return sha256

    async def _chunks(self, file: int) -> AsyncIterator[bytes]:
        offset = 0
        while chunk := await self._in_thread(os.pread, file, _CHUNK, offset):
            offset += len(chunk)
            yield chunk

    async def _in_thread(self, work: Callable[..., Answer], *arguments: object) -> Answer:
        """Whatever touches the share; raises _ShareError."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        try:
            return await asyncio.wait_for(running, timeout=SHARE_SECONDS)
        except (OSError, TimeoutError) as error:
            raise _ShareError from error


def _open_below(root: Path, relative: PurePosixPath) -> int:
    """A descriptor of the file; no link below the root is followed, so nothing outside can be reached."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in relative.parts[:-1]:
            inner = _open(part, os.O_RDONLY | os.O_DIRECTORY, folder)
            os.close(folder)
            folder = inner
        file = _open(relative.name, os.O_RDONLY | os.O_NONBLOCK, folder)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise FileNotFoundError(relative.name)
    return file


def _open(name: str, flags: int, folder: int) -> int:
    if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise _PathOutsideError(name)
    return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)


def _hash_of(file: int) -> str:
    digest, offset = hashlib.sha256(), 0
    while chunk := os.pread(file, _CHUNK, offset):
        digest.update(chunk)
        offset += len(chunk)
    return digest.hexdigest()
