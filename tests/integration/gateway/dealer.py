"""What documents, approvals and sync answer to the dealer's people only, as far as the gateway can see it."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from aiohttp import web

from services.gateway.pages import pieces
from shared.api import approvals, documents, sync
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.events.sync import DocumentKind
from shared.web import json_response, parse_body
from shared.web.identity import require

if TYPE_CHECKING:
    from tests.integration.gateway.neighbours import Neighbours

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NOW = datetime(2026, 11, 21, 13, 2, tzinfo=UTC)
CUSTOMER_NAME = "Hartmann Maschinenbau GmbH"


OTHER_CLERK = documents.ClerkCard(clerk_code="NB", name="Nadja Braun", email="braun@dealer.example", phone="")


def create_customer(number: str = "10042", name: str = CUSTOMER_NAME) -> documents.Customer:
    return documents.Customer(
        customer_number=number,
        record_number="2207",
        name=name,
        address=f"{name}\nWerkstraße 80\n00512 Mustertal",
        email="info@hartmann.example",
        invoice_email="",
        contacts=(
            documents.Contact(
                contact_id="1", name="Thomas Keller", email="keller@hartmann.example", phone="030 23125 200"
            ),
            documents.Contact(contact_id="2", name="Petra Vogel", email="vogel@hartmann.example", phone=""),
            documents.Contact(contact_id="3", name="Ohne Adresse", email="", phone=""),
        ),
        counts={DocumentKind.ORDER: 12, DocumentKind.INVOICE: 1},
        clerk=pieces.CLERK,
    )


@dataclass
class Dealer:
    """`assigned`: what came by POST /samples; `faults`: file name to why sync refuses it."""

    customers: dict[str, documents.Customer] = field(
        default_factory=lambda: {"10042": create_customer(), "10043": create_customer("10043", "Zweite GmbH")}
    )
    numbered: list[documents.NumberedDocument] = field(default_factory=list)
    clerks: list[documents.ClerkCard] = field(default_factory=lambda: [pieces.CLERK, OTHER_CLERK])
    uploads: dict[str, int] = field(default_factory=dict)
    assigned: list[sync.AssignSamples] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    api_keys: list[sync.ApiKeyRow] = field(default_factory=list)
    confirmed: list[UUID] = field(default_factory=list)


def documents_routes(dealer: Dealer) -> list[tuple[str, str, Handler]]:
    async def list_customers(request: web.Request) -> web.Response:
        require(request, "clerk", "operator")
        words, size = request.query["q"].casefold(), int(request.query["size"])
        found = [one for one in dealer.customers.values() if words in one.name.casefold()]
        start = (int(request.query["page"]) - 1) * size
        rows = tuple(found[start : start + size])
        return json_response(documents.CustomerRows(rows=rows, total=len(found)))

    async def get_customer(request: web.Request) -> web.Response:
        require(request, "clerk", "operator")
        customer = dealer.customers.get(request.match_info["customer_number"])
        if customer is None:
            raise NotFoundError("This customer is not known.")
        return json_response(customer)

    async def list_by_number(request: web.Request) -> web.Response:
        require(request, "clerk", "operator")
        kind, number = request.match_info["kind"], request.match_info["number"]
        found = tuple(one for one in dealer.numbered if (one.kind, one.number) == (kind, number))
        return json_response(documents.NumberedDocuments(documents=found))

    async def list_clerks(request: web.Request) -> web.Response:
        require(request, "clerk", "operator")
        return json_response(documents.ClerkCards(clerks=tuple(dealer.clerks)))

    return [
        ("GET", "/customers", list_customers),
        ("GET", "/customers/{customer_number}", get_customer),
        ("GET", "/numbers/{kind}/{number}", list_by_number),
        ("GET", "/clerks", list_clerks),
    ]


def is_in_queue(version: approvals.Version, queue: str | None) -> bool:
    is_confirmed = version.decision is not None and version.decision.confirmed_at is not None
    with_changes = version.state == "approved_with_changes"
    return {
        None: True,
        "clerk": version.state in ("changes_requested", "outdated") or (with_changes and not is_confirmed),
        "order": version.state == "waiting_for_order",
        "customer": version.state in ("preparing", "pending"),
        "done": version.state == "approved" or (with_changes and is_confirmed),
    }[queue]


def approvals_routes(neighbours: "Neighbours") -> list[tuple[str, str, Handler]]:
    async def confirm_changes(request: web.Request) -> web.Response:
        who = require(request, "clerk", "operator")
        version = neighbours.versions[UUID(request.match_info["version_id"])]
        if version.state != "approved_with_changes" or version.decision is None:
            raise ConflictError("There is nothing to confirm.")
        neighbours.dealer.confirmed.append(version.version_id)
        update = {"confirmed_at": NOW, "confirmed_by": who.name}
        neighbours.change(version.version_id, decision=version.decision.model_copy(update=update))
        return web.Response(status=204)

    return [("POST", "/versions/{version_id}/confirm-changes", confirm_changes)]


def sync_routes(dealer: Dealer) -> list[tuple[str, str, Handler]]:  # noqa: C901  # one short function per route
    async def receive_upload(request: web.Request) -> web.Response:
        digest, size, start = hashlib.sha256(), 0, b""
        async for chunk in request.content.iter_chunked(65536):
            digest.update(chunk)
            size += len(chunk)
            start = start or chunk[:20]
        if start.startswith(b"LOCKED"):
            raise InvalidError("Die PDF-Datei ist mit einem Passwort geschützt.")
        dealer.uploads[digest.hexdigest()] = size
        stored = sync.StoredUpload(sha256=digest.hexdigest(), media_type="application/pdf", size=size)
        return json_response(stored)

    async def assign_samples(request: web.Request) -> web.Response:
        body = await parse_body(request, sync.AssignSamples)
        dealer.assigned.append(body)
        samples = tuple(
            sync.AssignedSample(
                name=file.name,
                errors=(sync.Fault(place="/data/file/name", reason=dealer.faults[file.name]),)
                if file.name in dealer.faults
                else (),
            )
            for file in body.files
        )
        return json_response(sync.AssignedSamples(samples=samples))

    async def list_api_keys(_request: web.Request) -> web.Response:
        return json_response(sync.ApiKeyRows(rows=tuple(dealer.api_keys)))

    async def create_api_key(request: web.Request) -> web.Response:
        name = (await parse_body(request, sync.CreateApiKey)).name
        if len(name) > 100:
            raise InvalidError("A key needs a name.", fields={"name": "1 to 100 letters"})
        if any(row.name == name and not row.revoked_at for row in dealer.api_keys):
            raise ConflictError("There is a key of this name already.")
        row = sync.ApiKeyRow(
            api_key_id=len(dealer.api_keys) + 1,
            name=name,
            created_by="Jan Admin",
            created_at=NOW,
            last_used_at=None,
            revoked_at=None,
        )
        dealer.api_keys.append(row)
        return json_response(sync.ApiKey(name=name, api_key="cdh_shown-once"), status=201)

    async def revoke_api_key(request: web.Request) -> web.Response:
        for index, row in enumerate(dealer.api_keys):
            if str(row.api_key_id) == request.match_info["api_key_id"]:
                dealer.api_keys[index] = row.model_copy(update={"revoked_at": NOW})
                return web.Response(status=204)
        raise NotFoundError("There is no such key.")

    return [
        ("POST", "/uploads", receive_upload),
        ("POST", "/samples", assign_samples),
        ("GET", "/api-keys", list_api_keys),
        ("POST", "/api-keys", create_api_key),
        ("POST", "/api-keys/{api_key_id}/revoke", revoke_api_key),
    ]
