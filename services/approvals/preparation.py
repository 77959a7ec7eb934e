"""The loop that makes the pictures of each version's pages, and asks the customer when they are there."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from services.approvals.model.versions import Page
from services.approvals.repository import queues
from services.approvals.repository.queues import PreparationTask
from services.approvals.settings import ApprovalsSettings
from services.approvals.use_cases import samples
from shared.database import Pool, transaction
from shared.effects import backoff, keep_lease
from shared.events.sync import File
from shared.sandbox import SandboxError, SandboxTimeoutError, run_sandboxed
from shared.storage import FolderStorage, StorageUnwritableError

ATTEMPTS = 3
SLOW_ATTEMPTS = 2
"""Of a file whose time runs out: each one keeps all others waiting for as long."""
MEMORY_MB = 1536
_STORAGE_AWAITED = timedelta(seconds=30)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pictures:
    """What came of rendering a file; `refusal` says in one word why there are none."""

    pages: tuple[Page, ...] = ()
    page_count: int = 0
    preview: File | None = None
    refusal: str = ""


class Preparation:
    def __init__(self, pool: Pool, storage: FolderStorage, settings: ApprovalsSettings) -> None:
        self._pool = pool
        self._storage = storage
        self._settings = settings

    async def perform_next(self) -> bool:
        """Prepare the version that is due; False when there is none.

        A kill at any point leaves pictures in the storage at most: the next one makes the same ones again.
        """
        async with transaction(self._pool) as opened:
            task = await queues.claim_preparation(opened, lease=self._settings.lease)
        if task is None:
            return False
        if not self._storage.has(task.sha256):
            await self._wait_for_storage(task, "The file is not in the storage.")
            return True
        try:
            pictures = await self._make_pictures(task)
        except SandboxError as error:
            if isinstance(error, SandboxTimeoutError) and task.attempts >= SLOW_ATTEMPTS:
                await self._finish(task, Pictures(refusal="crashes"))
                return True
            await self._postpone(task, delay=backoff(task.attempts), failure=error.message, counts=True)
            return True
        except StorageUnwritableError as error:
            await self._wait_for_storage(task, error.message)
            return True
        await self._finish(task, pictures)
        return True

    async def _finish(self, task: PreparationTask, pictures: Pictures) -> None:
        async with transaction(self._pool) as opened:
            await samples.finish_preparation(
                opened,
                task.version_id,
                pages=pictures.pages,
                page_count=pictures.page_count,
                preview=pictures.preview,
                failure=pictures.refusal,
                now=datetime.now(UTC),
            )
        _log.info(
            "version_prepared",
            version_id=str(task.version_id),
            pages=len(pictures.pages),
            refusal=pictures.refusal,
        )

    async def _make_pictures(self, task: PreparationTask) -> Pictures:
        """Raises SandboxError. A file that crashed its child, or even us, too often gets no pictures."""
        if task.attempts > ATTEMPTS:
            return Pictures(refusal="crashes")

        async def renew() -> None:
            async with transaction(self._pool) as opened:
                await queues.renew_preparation(opened, task.version_id, lease=self._settings.lease)

        with tempfile.TemporaryDirectory(prefix="approvals-") as folder:
            async with keep_lease(renew, lease=self._settings.lease):
                answer = await run_sandboxed(
                    "services.approvals.rendering",
                    {
                        "path": str(self._storage.path(task.sha256).resolve()),
                        "media_type": task.media_type,
                        "folder": folder,
                        "max_pages": self._settings.rendered_pages,
                    },
                    seconds=self._settings.render_seconds,
                    memory_mb=MEMORY_MB,
                )
                return Pictures(
                    pages=tuple([await self._store(Path(folder), **page) for page in answer["pages"]]),
                    page_count=answer["page_count"],
                    preview=await self._store_preview(Path(folder)) if answer["pages"] else None,
                    refusal=answer["refusal"],
                )

    async def _store(self, folder: Path, *, number: int, width: int, height: int) -> Page:
        large = await self._storage.add((folder / f"large-{number}.webp").read_bytes())
        thumb = await self._storage.add((folder / f"thumb-{number}.webp").read_bytes())
        return Page(number=number, width=width, height=height, large_sha256=large, thumb_sha256=thumb)

    async def _store_preview(self, folder: Path) -> File:
        preview = (folder / "preview.jpg").read_bytes()
        return File(
            sha256=await self._storage.add(preview),
            name="preview.jpg",
            media_type="image/jpeg",
            size=len(preview),
        )

    async def _wait_for_storage(self, task: PreparationTask, failure: str) -> None:
        """Which is not the file's fault, so the attempt does not count."""
        await self._postpone(task, delay=_STORAGE_AWAITED, failure=failure, counts=False)

    async def _postpone(self, task: PreparationTask, *, delay: timedelta, failure: str, counts: bool) -> None:
        _log.warning("preparation_postponed", version_id=str(task.version_id), reason=failure[-500:])
        async with transaction(self._pool) as opened:
            await queues.postpone_preparation(opened, task, delay=delay, failure=failure, counts=counts)
