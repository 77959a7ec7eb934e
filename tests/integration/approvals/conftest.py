"""Approvals with a real database, a real storage and real HTTP; only the bus is left out."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from services.approvals import preparation, recording
from services.approvals.app import create_service
from services.approvals.settings import ApprovalsSettings
from shared.database import create_pool
from shared.storage import FolderStorage
from shared.web import ServiceClient
from tests.conftest import DatabaseFactory
from tests.integration.approvals.harness import SECRET, Approvals


@pytest.fixture
def settings(tmp_path: Path) -> ApprovalsSettings:
    return ApprovalsSettings.model_validate(
        {
            "database_url": "postgresql://unused",
            "bus_database_url": "postgresql://unused",
            "internal_secret": SECRET,
            "storage_folder": tmp_path / "storage",
            "port": 1,
            "company_name": "Werbetextil Hansen GmbH",
            "rendered_pages": 3,
        }
    )


async def perform_here(module: str, arguments: dict[str, Any], **_: Any) -> dict[str, Any]:
    """The same work in this process: a child costs half a second, and few tests are about it."""
    perform = importlib.import_module(module).perform
    answer: dict[str, Any] = await asyncio.to_thread(perform, arguments)
    return answer


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that want real children override this."""
    monkeypatch.setattr(preparation, "run_sandboxed", perform_here)
    monkeypatch.setattr(recording, "run_sandboxed", perform_here)


@pytest.fixture
async def approvals(
    make_database: DatabaseFactory, settings: ApprovalsSettings, children: None
) -> AsyncIterator[Approvals]:
    pool = await create_pool(await make_database("approvals"))
    service = create_service(settings, pool)
    async with TestServer(service.application) as server, aiohttp.ClientSession() as session:
        client = ServiceClient(session, str(server.make_url("/")), SECRET)
        yield Approvals(pool, FolderStorage(settings.storage_folder), service, client)
    await pool.close()
