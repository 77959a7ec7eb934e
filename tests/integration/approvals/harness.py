"""Tells approvals events, lets its loops work, asks it as somebody, and looks at what it told."""

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import asyncpg
import pypdfium2
from PIL import Image

from shared.api import approvals as api
from shared.api.base import StoredFile
from shared.database import Pool, Transaction, transaction
from shared.events import Event
from shared.events.approvals import ApprovalGranted, ChangesRequested
from shared.events.sync import (
    Customer,
    CustomersChanged,
    Document,
    DocumentKind,
    DocumentsChanged,
    File,
    Position,
    PrintDetails,
    SampleAssigned,
    document_id,
)
from shared.process import Service
from shared.storage import FolderStorage
from shared.web import Identity, ServiceClient

SECRET = "a secret of the tests"
ORDER = "2026-1042"
CUSTOMER = "10023"
STRANGER = "10024"
PDF, PNG = "application/pdf", "image/png"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

Told = TypeVar("Told", bound=Event)


def create_person(customer_number: str = CUSTOMER, *, may_approve: bool = True, **changed: Any) -> Identity:
    fields = {"account_id": uuid4(), "name": "Petra Muster", "email": "petra@kunde.example", **changed}
    return Identity(role="customer", customer_number=customer_number, may_approve=may_approve, **fields)


PETRA = create_person()
CLERK = Identity(role="clerk", account_id=uuid4(), name="Sabine Berger", clerk_code="SB")
OPERATOR = Identity(role="operator", account_id=uuid4(), name="Otto")


def order_id(number: str = ORDER) -> UUID:
    return document_id(DocumentKind.ORDER, number)


def create_position(number: str, **changed: Any) -> Position:
    fields = {
        "position_id": uuid5(order_id(), number),
        "position_key": number,
        "number": number,
        "article_number": "TS-100",
        "text": f"T-Shirt {number}",
        "quantity": Decimal(100),
        "unit": "Stk",
        "colour": "royal",
        **changed,
    }
    return Position(**fields)


def create_order(
    *positions: Position, number: str = ORDER, customer_number: str = CUSTOMER, revision: int = 1
) -> Document:
    return Document(
        document_id=order_id(number),
        kind=DocumentKind.ORDER,
        number=number,
        customer_number=customer_number,
        contact_id="k1",
        clerk_code="OT",
        document_date=date(2026, 11, 1),
        positions=positions or (create_position("1"), create_position("2")),
        revision=revision,
    )


def orders_changed(*orders: Document) -> DocumentsChanged:
    return DocumentsChanged(documents=orders or (create_order(),))


def customer_changed(name: str, *, revision: int = 1, number: str = CUSTOMER) -> CustomersChanged:
    return CustomersChanged(customers=(Customer(customer_number=number, name=name, revision=revision),))


def create_picture(width: int = 20, height: int = 30) -> bytes:
    """A PNG: quicker to prepare than a PDF."""
    written = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(written, "PNG")
    return written.getvalue()


def create_pdf(*sizes: tuple[float, float]) -> bytes:
    pdf = pypdfium2.PdfDocument.new()
    for width, height in sizes or ((210, 297),):
        pdf.new_page(width, height)
    written = io.BytesIO()
    pdf.save(written)
    pdf.close()
    return written.getvalue()


def sample_assigned(
    version: int = 1,
    *,
    content: bytes = b"",
    number: str = ORDER,
    positions: tuple[str, ...] = ("2",),
    title: str = "",
    media_type: str = PNG,
    sha256: str = "",
    named_order_id: UUID | None = None,
) -> SampleAssigned:
    sample_id = uuid5(NAMESPACE_OID, f"{number} {positions} {title}")
    file = File(
        sha256=sha256 or hashlib.sha256(content).hexdigest(),
        name="proof.pdf" if media_type == PDF else "proof.png",
        media_type=media_type,
        size=len(content),
    )
    return SampleAssigned(
        sample_id=sample_id,
        version_id=uuid5(sample_id, str(version)),
        version=version,
        document_id=named_order_id,
        order_number=number,
        position_numbers=positions,
        title=title,
        file=file,
        print_details=PrintDetails(method="Siebdruck"),
        clerk_code="SB",
        assigned_at=NOON + timedelta(minutes=version),
    )


@dataclass(frozen=True)
class Approvals:
    pool: Pool
    storage: FolderStorage
    service: Service
    client: ServiceClient

    async def hear(self, *events: Event) -> None:
        """What the consumer does with each event, but without the inbox: heard twice, it is done twice."""
        for event in events:
            async with transaction(self.pool) as opened:
                await self.hear_in(opened, event)

    async def hear_in(self, opened: Transaction, event: Event) -> None:
        """The same in a transaction that the test ends."""
        for subscription in self.service.subscriptions:
            if isinstance(event, subscription.event):
                await subscription.handler(opened, event)

    async def somebody_waits(self) -> bool:
        """For what another transaction has locked."""
        waiting: int = await self.pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return waiting > 0

    async def work(self) -> None:
        """Let the loops do what is due."""
        for loop in self.service.loops:
            while await loop.perform_next() is True:
                pass

    async def make_records(self) -> None:
        """What approvals told of decisions comes back to it, and the records are made."""
        for event in (*await self.told(ApprovalGranted), *await self.told(ChangesRequested)):
            await self.hear(event)
        await self.work()

    async def assign(self, version: int = 1, **given: Any) -> SampleAssigned:
        """A clerk assigns a file that lies in the storage; the version is prepared as far as it can be."""
        content = given.pop("content", None) or create_picture(20 + version)
        await self.storage.add(content)
        assigned = sample_assigned(version, content=content, **given)
        await self.hear(assigned)
        await self.work()
        return assigned

    async def request(self, **given: Any) -> SampleAssigned:
        """A version that waits for the customer."""
        await self.hear(customer_changed("Stadtwerke GmbH"), orders_changed())
        return await self.assign(**given)

    async def told(self, event: type[Told]) -> list[Told]:
        rows = await self.pool.fetch(
            "SELECT body FROM outbox WHERE event_name = $1 ORDER BY added_at", event.wire_name
        )
        return [event.from_wire(row["body"]) for row in rows]

    async def get(self, who: Identity, assigned: SampleAssigned) -> api.Version:
        return await self.client.get(f"/versions/{assigned.version_id}", api.Version, who=who)

    async def list_versions(self, who: Identity, **query: str) -> api.VersionRows:
        return await self.client.get("/versions", api.VersionRows, who=who, query=query)

    async def state(self, assigned: SampleAssigned) -> str:
        return (await self.get(CLERK, assigned)).state

    async def seen(self, who: Identity, assigned: SampleAssigned) -> None:
        await self.client.call("POST", f"/versions/{assigned.version_id}/seen", who=who)

    async def grant(self, who: Identity, assigned: SampleAssigned, **given: Any) -> api.Version:
        body = api.GrantApproval(**{"sha256": assigned.file.sha256, **given})
        return await self.client.post(f"/versions/{assigned.version_id}/grant", body, api.Version, who=who)

    async def request_changes(
        self, who: Identity, assigned: SampleAssigned, comment: str, **given: Any
    ) -> api.Version:
        body = api.RequestChanges(**{"sha256": assigned.file.sha256, "comment": comment, **given})
        path = f"/versions/{assigned.version_id}/request-changes"
        return await self.client.post(path, body, api.Version, who=who)

    async def stored(self, who: Identity, assigned: SampleAssigned, what: str) -> StoredFile:
        return await self.client.get(f"/versions/{assigned.version_id}/{what}", StoredFile, who=who)

    async def history(self, assigned: SampleAssigned) -> list[str]:
        rows = await self.pool.fetch(
            "SELECT kind FROM audit_entry WHERE version_id = $1 ORDER BY audit_entry_id", assigned.version_id
        )
        return [row["kind"] for row in rows]

    async def rows(self, query: str, *values: Any) -> list[asyncpg.Record]:
        return await self.pool.fetch(query, *values)
