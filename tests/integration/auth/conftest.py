"""A running auth on its own database."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from services.auth import passwords
from services.auth.app import create_service
from services.auth.settings import AuthSettings
from shared.database import Pool, create_pool
from shared.process import EffectLoop, Service
from shared.web import ServiceClient
from tests.conftest import DatabaseFactory

SECRET = "the secret of the test"
# Real argon2id, but not 100 ms of it: the parameters that matter are tested in tests/unit/auth.
QUICK_HASHER = partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PasswordHasher", QUICK_HASHER)


@pytest.fixture
async def settings(make_database: DatabaseFactory, tmp_path: Path) -> AuthSettings:
    database_url = await make_database("auth")
    return AuthSettings.model_validate(
        {
            "database_url": database_url,
            "bus_database_url": database_url,
            "internal_secret": SECRET,
            "storage_folder": tmp_path,
            "port": 1,
            "public_url": "https://portal.example.de/",
            "company_name": "Werbetex Nord GmbH",
        }
    )


@pytest.fixture
async def pool(settings: AuthSettings) -> AsyncIterator[Pool]:
    opened = await create_pool(settings.database_url.get_secret_value())
    yield opened
    await opened.close()


@pytest.fixture
def service(settings: AuthSettings, pool: Pool) -> Service:
    return create_service(settings, pool)


@pytest.fixture
async def auth(service: Service) -> AsyncIterator[ServiceClient]:
    async with TestServer(service.application) as server, aiohttp.ClientSession() as session:
        yield ServiceClient(session, str(server.make_url("")), SECRET)


@pytest.fixture
def loops(service: Service) -> dict[str, EffectLoop]:
    """The loops of the same copy by name, performed when a test says so."""
    return {loop.name: loop for loop in service.loops}
