"""Approvals with a real database, a real storage and real HTTP; only the bus is left out."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

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


@pytest.fixture
async def approvals(make_database: DatabaseFactory, settings: ApprovalsSettings) -> AsyncIterator[Approvals]:
    pool = await create_pool(await make_database("approvals"))
    service = create_service(settings, pool)
    async with TestServer(service.application) as server, aiohttp.ClientSession() as session:
        client = ServiceClient(session, str(server.make_url("/")), SECRET)
        yield Approvals(pool, FolderStorage(settings.storage_folder), service, client)
    await pool.close()
