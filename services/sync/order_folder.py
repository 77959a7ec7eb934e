"""Writes what was queued into the orders' folders on the dealer's share, where purchase prices lie beside.

A folder is never listed, a link never followed, a file never overwritten. Two copies that write the same
file at once leave one: a name is taken by `link`, which only one of them can do.
"""

import asyncio
import errno
import hashlib
import os
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import structlog

from services.sync.model import OrderFolderFile, needs_year, numbered, order_folder
from services.sync.repository import folder_files
from shared.api.sync import FolderFault
from shared.database import Pool, transaction
from shared.effects import backoff, keep_lease
from shared.errors import NotFoundError
from shared.storage import FolderStorage

WRITE_SECONDS = 120.0
PROBE_SECONDS = 6.0
"""Somebody is waiting for the answer."""
_MOST_NAMES = 100
_PROBE_FILE = "Probe.txt"
_CHUNK = 256 * 1024

_FAULTS: dict[int, FolderFault] = {
    errno.EACCES: "not_writable",
    errno.EPERM: "not_writable",
    errno.EROFS: "not_writable",
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.ELOOP: "link_in_path",
    errno.ENOTDIR: "link_in_path",
}
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}

_log = structlog.get_logger()


class RootMissingError(Exception):
    """The root of the order folders is not there: perhaps the share is not mounted."""


class OrderFolder:
    def __init__(
        self, pool: Pool, storage: FolderStorage, *, root: Path, pattern: str, lease: timedelta
    ) -> None:
        self._pool = pool
        self._storage = storage
        self._root = root
        self._pattern = pattern
        self._lease = lease
        # A share that hangs holds this thread, and no other.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="order-folder")

    async def write_next(self) -> bool:
        """Write the file that is due longest; False when none is."""
        async with transaction(self._pool) as opened:
            pattern = await folder_files.find_folder_pattern(opened) or self._pattern
            file = await folder_files.claim_order_folder_file(
                opened, needs_year=needs_year(pattern), lease=self._lease
            )
        if file is None:
            return False

        async def renew() -> None:
            async with transaction(self._pool) as opened:
                await folder_files.renew_order_folder_file(opened, file, lease=self._lease)

        try:
            async with keep_lease(renew, lease=self._lease):
                written_as = await self._write(file, pattern)
        except (OSError, TimeoutError, RootMissingError, NotFoundError) as error:
            await self._record_failure(file, error)
        else:
            async with transaction(self._pool) as opened:
                await folder_files.record_written(opened, file.file_id, written_as=written_as)
            _log.info("order_folder_file_written", file_id=str(file.file_id), attempts=file.attempts)
        return True

    async def probe(self) -> FolderFault | None:
        """What keeps files from being written, if anything. A share that hangs gives no answer in time."""
        probing = asyncio.get_running_loop().run_in_executor(self._thread, write_probe, self._root)
        try:
            await asyncio.wait_for(probing, timeout=PROBE_SECONDS)
        except (OSError, TimeoutError, RootMissingError) as error:
            _log.warning("order_folder_probe_failed", fault=_fault_of(error), reason=str(error))
            return _fault_of(error)
        return None

    async def _write(self, file: OrderFolderFile, pattern: str) -> str:
        """The path below the root under which the file lies."""
        folder = order_folder(pattern, file.order_number, file.order_date)
        if folder is None:  # cannot be: the claim leaves such files alone
            raise RootMissingError("the year of the order is not known")
        source = self._storage.existing_path(file.sha256)
        writing = asyncio.get_running_loop().run_in_executor(
            self._thread, write_file, self._root, folder, file, source
        )
        name = await asyncio.wait_for(writing, timeout=WRITE_SECONDS)
        return "/".join((*folder, name))

    async def _record_failure(self, file: OrderFolderFile, error: Exception) -> None:
        fault, wait = _fault_of(error), backoff(file.attempts)
        _log.warning(
            "order_folder_file_failed",
            file_id=str(file.file_id),
            attempts=file.attempts,
            fault=fault,
            reason=str(error),
            next_in_seconds=round(wait.total_seconds()),
        )
        async with transaction(self._pool) as opened:
            await folder_files.record_failure(opened, file, fault=fault, wait=wait)


def write_file(root: Path, folder: Sequence[str], file: OrderFolderFile, source: Path) -> str:
    """Put the bytes of `source` below `root`; returns the name that they have there.

    The same bytes under this name are left alone; beside another file of this name they become " (2)".
    Blocks, up to minutes on a slow share. Raises OSError or RootMissingError.
    """
    place = _open_folders(root, folder)
    # Each attempt has a name of its own: a copy that was given up may still be writing under the last one.
    temporary = f".{file.file_id}-{file.attempts}.part"
    try:
        _remove(place, f".{file.file_id}-{file.attempts - 1}.part")
        for number in range(1, _MOST_NAMES):
            name = numbered(file.name, number)
            there = _hash_of(place, name)
            if there is None:
                _write_temporary(place, temporary, source, file.sha256)
                if _take_name(place, temporary, name):
                    return name
                there = _hash_of(place, name)  # somebody was quicker, perhaps with the same file
            if there == file.sha256:
                return name
        raise FileExistsError(errno.EEXIST, "too many other files have this name", file.name)
    finally:
        _remove(place, temporary)
        os.close(place)


def write_probe(root: Path) -> None:
    """Make a folder with a file in it, read that, take both away. Raises OSError or RootMissingError."""
    name = f".partner-cockpit-{uuid4().hex}"
    place = _open_folders(root, ())
    try:
        os.mkdir(name, 0o775, dir_fd=place)
        try:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place)
            try:
                _write_probe_file(inner)
            finally:
                _remove(inner, _PROBE_FILE)
                os.close(inner)
        finally:
            os.rmdir(name, dir_fd=place)
    finally:
        os.close(place)


def _write_probe_file(place: int) -> None:
    content = os.urandom(_CHUNK)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(_PROBE_FILE, flags, 0o664, dir_fd=place), "w+b") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        if file.read() != content:
            raise OSError(errno.EIO, "the folder gives back something else than was written")


def _open_folders(root: Path, folder: Sequence[str]) -> int:
    """A descriptor of the folder; what is missing below the root is made."""
    try:
        place = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise RootMissingError(str(root)) from error
    try:
        for name in folder:
            with suppress(FileExistsError):
                os.mkdir(name, 0o775, dir_fd=place)
                _sync(place)
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            inner = os.open(name, flags, dir_fd=place)
            os.close(place)
            place = inner
    except OSError:
        os.close(place)
        raise
    return place


def _write_temporary(place: int, name: str, source: Path, sha256: str) -> None:
    """Copy the bytes and make them durable. Nothing to do when an earlier round has."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o664, dir_fd=place)
    except FileExistsError:
        return
    digest = hashlib.sha256()
    with source.open("rb") as original, os.fdopen(descriptor, "wb") as copy:
        while chunk := original.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    if digest.hexdigest() != sha256:
        raise OSError(errno.EIO, "the file in the storage is damaged", sha256)


def _take_name(place: int, temporary: str, name: str) -> bool:
    """Give the finished file its name in one step; False when another file has it."""
    try:
        os.link(temporary, name, src_dir_fd=place, dst_dir_fd=place, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _take_name_without_links(place, temporary, name)
    _sync(place)
    return True


def _take_name_without_links(place: int, temporary: str, name: str) -> bool:
    """For exFAT and the like: an empty file keeps the name until the real one replaces it."""
    try:
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o664, dir_fd=place))
    except FileExistsError:
        return False
    os.replace(temporary, name, src_dir_fd=place, dst_dir_fd=place)
    _sync(place)
    return True


def _hash_of(place: int, name: str) -> str | None:
    """The SHA-256 of what lies there; None for nothing, "" for what is no file."""
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(name, flags, dir_fd=place)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO, errno.EACCES}:
            return ""
        raise
    with os.fdopen(descriptor, "rb", closefd=True) as found:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return hashlib.file_digest(found, "sha256").hexdigest()


def _remove(place: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=place)


def _sync(place: int) -> None:
    with suppress(OSError):  # network file systems may not know this for folders
        os.fsync(place)


def _fault_of(error: Exception) -> FolderFault:
    match error:
        case RootMissingError():
            return "root_missing"
        case NotFoundError():
            return "source_missing"
        case TimeoutError():
            return "no_answer"
        case OSError():
            return _FAULTS.get(error.errno or 0, "other")
    return "other"
