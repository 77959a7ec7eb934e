"""The loop that makes the Freigabeprotokoll of each decision, and tells when it lies in the storage."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import structlog

from services.approvals.model.versions import Dealer, Decision, Page, Version
from services.approvals.record import (
    LARGE_BOX,
    RecordText,
    picture_name,
    pictures,
    record_content,
    record_name,
)
from services.approvals.repository import queues
from services.approvals.settings import ApprovalsSettings
from services.approvals.use_cases import records
from shared.database import Pool, transaction
from shared.effects import backoff, keep_lease
from shared.events.sync import File
from shared.i18n import choose_locale, formats, load_translations
from shared.sandbox import SandboxError, run_sandboxed
from shared.storage import FolderStorage

LOCALE_FOLDER = Path(__file__).parent / "locale"
SECONDS = 60.0
MEMORY_MB = 1024

_log = structlog.get_logger()


class Recording:
    def __init__(self, pool: Pool, storage: FolderStorage, settings: ApprovalsSettings) -> None:
        self._pool = pool
        self._storage = storage
        self._settings = settings
        self._translations = load_translations(LOCALE_FOLDER)

    async def perform_next(self) -> bool:
        """Make the record that is due; False when there is none.

        A kill at any point leaves a file in the storage at most: the next one makes the same bytes again.
        """
        async with transaction(self._pool) as opened:
            task = await queues.claim_record(opened, lease=self._settings.lease)
            if task is None:
                return False
            version, decision = await records.get_decided_version(opened, task.decision_id)
            pages = await queues.list_pages(opened, version.version_id)
            dealer = await records.get_dealer(opened, default_name=self._settings.company_name)

        async def renew() -> None:
            async with transaction(self._pool) as opened:
                await queues.renew_record(opened, task.decision_id, lease=self._settings.lease)

        try:
            async with keep_lease(renew, lease=self._settings.lease):
                record = await self._make_record(version, decision, pages, self._with_logo(dealer))
        except SandboxError as error:
            _log.error("record_failed", decision_id=str(task.decision_id), reason=error.message[-500:])
            async with transaction(self._pool) as opened:
                await queues.postpone_record(
                    opened, task, delay=backoff(task.attempts), failure=error.message
                )
            return True
        async with transaction(self._pool) as opened:
            await records.finish_record(opened, task.decision_id, record, now=datetime.now(UTC))
        _log.info("record_made", decision_id=str(task.decision_id), sha256=record.sha256)
        return True

    def _with_logo(self, dealer: Dealer) -> Dealer:
        """A record without its logo is better than none."""
        if dealer.logo_sha256 and not self._storage.has(dealer.logo_sha256):
            _log.warning("logo_missing", sha256=dealer.logo_sha256)
            return Dealer(dealer.name)
        return dealer

    async def _make_record(
        self, version: Version, decision: Decision, pages: list[Page], dealer: Dealer
    ) -> File:
        locale = choose_locale(decision.person.locale)
        text = RecordText(
            locale=locale,
            translations=self._translations[locale],
            formats=formats(locale, self._settings.time_zone),
            time_zone=self._settings.time_zone,
            dealer=dealer,
        )
        with tempfile.TemporaryDirectory(prefix="approvals-") as folder:
            await run_sandboxed(
                "services.approvals.typesetting",
                {
                    "folder": folder,
                    "content": record_content(version, decision, pages, text),
                    "pictures": [
                        {"path": self._picture_path(page, box), "name": picture_name(page), "box": box}
                        for page, box in pictures(pages)
                    ],
                    "logo": str(self._storage.path(dealer.logo_sha256).resolve())
                    if dealer.logo_sha256
                    else "",
                    "timestamp": int(decision.decided_at.timestamp()),
                },
                seconds=SECONDS,
                memory_mb=MEMORY_MB,
            )
            record = (Path(folder) / "record.pdf").read_bytes()
        return File(
            sha256=await self._storage.add(record),
            name=record_name(version),
            media_type="application/pdf",
            size=len(record),
        )

    def _picture_path(self, page: Page, box: tuple[int, int]) -> str:
        sha256 = page.large_sha256 if box == LARGE_BOX else page.thumb_sha256
        return str(self._storage.path(sha256).resolve())
