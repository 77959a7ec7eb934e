"""The customer's start page, and the page of one document with its proofs."""

from aiohttp import web

from services.gateway.asking import if_available, together
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.model.proofs import proofs_of_order
from shared.api.approvals import VersionRows
from shared.api.documents import Document, DocumentRows
from shared.events.sync import DocumentKind
from shared.web import path_uuid

RECENT_DOCUMENTS = 8
MOST_WAITING = 100
"""How many of the proofs that wait are on the start page; the others are in the list of proofs."""


async def show_start(request: web.Request) -> web.Response:
    gateway, visitor = gateway_of(request), visitor_of(request)
    if visitor.is_staff:
        return gateway.pages.go_on(gateway.pages.links("show_desk"))
    who = visitor.require_customer()
    waiting: VersionRows | None
    recent: DocumentRows | None
    waiting, recent = await together(
        if_available(gateway.clients.approvals.list_pending(who, most=MOST_WAITING)),
        if_available(gateway.clients.documents.list_documents(who, [("size", str(RECENT_DOCUMENTS))])),
    )
    return gateway.pages.respond(request, "start.html", waiting=waiting, recent=recent)


async def show_order(request: web.Request) -> web.Response:
    """An order with its proofs; it is shown while nobody can be asked for these."""
    gateway, who = gateway_of(request), visitor_of(request).who
    document_id = path_uuid(request, "document_id")
    document: Document
    versions: VersionRows | None
    document, versions = await together(
        gateway.clients.documents.get_document(who, document_id),
        if_available(gateway.clients.approvals.list_versions_of(who, document_id)),
    )
    if document.kind is not DocumentKind.ORDER:
        return gateway.pages.go_on(gateway.pages.links("show_document", document_id=document_id))
    proofs = proofs_of_order(versions.versions) if versions else None
    return gateway.pages.respond(request, "document.html", document=document, proofs=proofs)


async def show_document(request: web.Request) -> web.Response:
    """A document of another kind: only orders have proofs."""
    gateway, who = gateway_of(request), visitor_of(request).who
    document_id = path_uuid(request, "document_id")
    document = await gateway.clients.documents.get_document(who, document_id)
    if document.kind is DocumentKind.ORDER:
        return gateway.pages.go_on(gateway.pages.links("show_order", document_id=document_id))
    return gateway.pages.respond(request, "document.html", document=document, proofs=None)


ROUTES = [
    web.get("/", show_start, name="show_start"),
    web.get("/orders/{document_id}", show_order, name="show_order"),
    web.get("/documents/{document_id}", show_document, name="show_document"),
]
