"""A running sync on its own database, with its door, its storage and the dealer's order folders."""

import hashlib
import io
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from services.sync import inspection
from services.sync.app import create_service
from services.sync.settings import SyncSettings
from shared.api.sync import ApiKey, CreateApiKey, EventResult, EventResults
from shared.database import Pool, create_pool
from shared.events import Event, event_class
from shared.process import Service
from shared.web import SYSTEM, ServiceClient
from tests.conftest import DatabaseFactory
from tests.support.pdfs import PDF

SECRET = "the secret of the test"
MAX_FILE_MB = 1
CLERK = {"clerk_code": "BER", "name": "Berta Berger", "email": "berger@example.de"}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pdf(text: str) -> bytes:
    """A PDF that no other test has."""
    return PDF + b"% " + text.encode()


@dataclass(frozen=True)
class Answer:
    """What CDH gets back; `body` is read JSON."""

    status: int
    body: Any

    @property
    def results(self) -> tuple[EventResult, ...]:
        return EventResults.model_validate(self.body).results

    @property
    def said(self) -> list[str | list[tuple[str, str]]]:
        """For each event "accepted", or the places and reasons of its faults."""
        return [
            "accepted" if one.status == "accepted" else [(fault.place, fault.reason) for fault in one.errors]
            for one in self.results
        ]


class Sync:
    """The service as CDH sees it, and what it leaves behind."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        address: str,
        service: Service,
        pool: Pool,
        settings: SyncSettings,
    ) -> None:
        self.session = session
        self.address = address
        self.service = service
        self.pool = pool
        self.settings = settings
        self.client = ServiceClient(session, address, SECRET)
        self.api_key = ""

    async def make_key(self) -> None:
        made = await self.client.post("/api-keys", CreateApiKey(name="Büro 1"), ApiKey, who=SYSTEM)
        self.api_key = made.api_key

    async def send(
        self, *events: dict[str, Any] | object, locale: str = "", key: str | None = None
    ) -> Answer:
        """One event structured, several as a batch."""
        single = len(events) == 1
        return await self.post(
            json.dumps(events[0] if single else events).encode(),
            "application/cloudevents+json" if single else "application/cloudevents-batch+json",
            locale=locale,
            key=key,
        )

    async def post(
        self, body: bytes, content_type: str, *, locale: str = "", key: str | None = None
    ) -> Answer:
        headers = self._headers(key) | {"Content-Type": content_type, "Accept-Language": locale}
        url = f"{self.address}/cdh/v1/events"
        async with self.session.post(url, data=io.BytesIO(body), headers=headers) as answer:
            return Answer(answer.status, await answer.json())

    async def upload(
        self, content: bytes, *, name: str | None = None, key: str | None = None, use: str = ""
    ) -> Answer:
        url = f"{self.address}/cdh/v1/files/{name or sha256(content)}{f'?use={use}' if use else ''}"
        async with self.session.put(url, data=io.BytesIO(content), headers=self._headers(key)) as answer:
            return Answer(answer.status, await answer.json())

    def _headers(self, key: str | None) -> dict[str, str]:
        key = self.api_key if key is None else key
        return {"Authorization": f"Bearer {key}"} if key else {}

    async def told(self) -> list[Event]:
        """What stands in the outbox, in the order of telling."""
        rows = await self.pool.fetch(
            "SELECT event_name, body::text FROM outbox ORDER BY added_at, occurred_at"
        )
        events = []
        for row in rows:
            told = event_class(row["event_name"])
            assert told is not None
            events.append(told.from_wire(row["body"]))
        return events

    async def write_order_folders(self) -> None:
        """What the loop does, until nothing is due."""
        (loop,) = self.service.loops
        while await loop.perform_next():
            pass

    def files(self) -> dict[str, bytes]:
        """Path below the root of the order folders to content."""
        root = self.settings.order_folder_root
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def _quick_inspection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look into files in this process. That it happens in a child is shown by test_files.py."""

    async def look(_module: str, asked: dict[str, Any], **_limits: object) -> dict[str, Any]:
        form = inspection.inspect(
            Path(asked["path"]), max_pages=asked["max_pages"], max_pixels=asked["max_pixels"]
        )
        return {"format": form}

    monkeypatch.setattr("services.sync.files.run_sandboxed", look)


@pytest.fixture
async def settings(make_database: DatabaseFactory, tmp_path: Path) -> SyncSettings:
    database_url = await make_database("sync")
    for folder in ("storage", "orders", "cdh"):
        (tmp_path / folder).mkdir()
    return SyncSettings.model_validate(
        {
            "database_url": database_url,
            "bus_database_url": database_url,
            "internal_secret": SECRET,
            "storage_folder": tmp_path / "storage",
            "order_folder_root": tmp_path / "orders",
            "cdh_file_root": tmp_path / "cdh",
            "max_file_mb": MAX_FILE_MB,
            "port": 1,
        }
    )


@pytest.fixture
async def sync(settings: SyncSettings) -> AsyncIterator[Sync]:
    pool = await create_pool(settings.database_url.get_secret_value())
    service = create_service(settings, pool)
    async with TestServer(service.application) as server, aiohttp.ClientSession() as session:
        running = Sync(
            session=session,
            address=str(server.make_url("")).rstrip("/"),
            service=service,
            pool=pool,
            settings=settings,
        )
        await running.make_key()
        yield running
    await pool.close()


def an_event(
    event_id: str, event_type: str, data: object, *, source: str = "/cdh/office-1"
) -> dict[str, Any]:
    return {"specversion": "1.0", "id": event_id, "source": source, "type": f"cdh.{event_type}", "data": data}


def a_customer(event_id: str, number: str = "10001", **changes: object) -> dict[str, Any]:
    return an_event(event_id, "customer.changed", {"customer_number": number, "name": "Stadtwerke"} | changes)


def a_clerk(event_id: str = "clerk", **changes: object) -> dict[str, Any]:
    return an_event(event_id, "clerk.changed", CLERK | changes)


def a_document(event_id: str, number: str = "2026-1042", **changes: object) -> dict[str, Any]:
    data = {"kind": "order", "number": number, "customer_number": "10001", "document_date": "2026-11-02"}
    return an_event(event_id, "document.changed", data | changes)


def a_sample(
    event_id: str,
    file: dict[str, str],
    *,
    order: str = "2026-1042",
    positions: Iterable[str] = (),
    **changes: object,
) -> dict[str, Any]:
    data = {"order_number": order, "position_numbers": list(positions), "file": file, "clerk_code": "BER"}
    return an_event(event_id, "sample.assigned", data | changes)


def uploaded(content: bytes, name: str = "Entwurf.pdf") -> dict[str, str]:
    return {"sha256": sha256(content), "name": name}
