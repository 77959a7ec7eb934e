"""A running service documents on its own database, and CDH's data for it."""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from services.documents.app import create_service
from services.documents.settings import DocumentsSettings
from services.documents.subscriptions import SUBSCRIPTIONS
from shared.database import Pool, create_pool, transaction
from shared.events import Event
from shared.events.sync import Document, DocumentKind, Position, StatusEntry, document_id, position_id
from shared.web import Identity, ServiceClient
from tests.conftest import DatabaseFactory

SECRET = "the secret of the test"
TIME_ZONE = ZoneInfo(f"Etc/GMT{dt.datetime.now(dt.UTC).hour - 12:+d}")  # noon: no day ends meanwhile
TODAY = dt.datetime.now(TIME_ZONE).date()
CUSTOMER = Identity(role="customer", name="Kim Kunde", customer_number="10001")
STRANGER = Identity(role="customer", name="Frida Fremd", customer_number="10002")
CLERK = Identity(role="clerk", name="Berta Berger", clerk_code="BER")


@dataclass(frozen=True)
class Documents:
    """`tell` hears an event as the consumer would, in one transaction."""

    client: ServiceClient
    pool: Pool

    async def tell(self, *events: Event) -> None:
        for event in events:
            for subscription in SUBSCRIPTIONS:
                if isinstance(event, subscription.event):
                    async with transaction(self.pool) as opened:
                        await subscription.handler(opened, event)


@pytest.fixture
async def documents(make_database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[Documents]:
    database_url = await make_database("documents")
    settings = DocumentsSettings.model_validate(
        {
            "database_url": database_url,
            "bus_database_url": database_url,
            "internal_secret": SECRET,
            "storage_folder": tmp_path,
            "port": 1,
            "time_zone": TIME_ZONE,
        }
    )
    pool = await create_pool(database_url)
    service = create_service(settings, pool)
    async with TestServer(service.application) as server, aiohttp.ClientSession() as session:
        yield Documents(ServiceClient(session, str(server.make_url("")), SECRET), pool)
    await pool.close()


def a_document(
    number: str, *entries: StatusEntry, revision: int = 1, positions: int = 3, **changes: Any
) -> Document:
    kind = DocumentKind(changes.pop("kind", "order"))
    key = document_id(kind, number)
    return Document.model_validate(
        {
            "document_id": key,
            "kind": kind,
            "number": number,
            "customer_number": "10001",
            "clerk_code": "BER",
            "subject": "T-Shirts",
            "document_date": dt.date(2026, 11, 2),
            "net_total": Decimal("1234.50"),
            "positions": [a_position(key, str(count)) for count in range(1, positions + 1)],
            "status_entries": entries,
            "revision": revision,
        }
        | changes
    )


def a_position(document: Any, key: str) -> Position:
    return Position(
        position_id=position_id(document, key),
        position_key=key,
        number=key,
        text=f"Position {key}",
        quantity=Decimal("100.00"),
        unit_price=Decimal("3.90"),
    )


def an_entry(status_id: str, *position_keys: str, day: int = 1) -> StatusEntry:
    return StatusEntry(
        entry_id=f"{status_id}/{day}",
        status_id=status_id,
        position_keys=position_keys,
        entered_at=dt.datetime(2026, 11, day, tzinfo=dt.UTC),
    )
