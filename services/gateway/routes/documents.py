"""The customer's start page, and the page of one document with its proofs."""

from aiohttp import web

from services.gateway.asking import if_available, together
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.model import proofs_of_order
from shared.api.approvals import VersionRows
from shared.api.documents import Document, DocumentRows
from shared.events.sync import DocumentKind
from shared.web import path_uuid

RECENT_DOCUMENTS = 8


async def show_start(request: web.Request) -> web.Response:
    gateway, visitor = gateway_of(request), visitor_of(request)
    if visitor.is_staff:
        return gateway.pages.go_on(gateway.pages.links("show_desk"))
    who = visitor.require_customer()
    waiting: VersionRows | None
    recent: DocumentRows | None
    waiting, recent = await together(
        if_available(gateway.clients.approvals.list_versions(who, "pending")),
        if_available(gateway.clients.documents.list_documents(who, [("size", str(RECENT_DOCUMENTS))])),
    )
    return gateway.pages.respond(request, "start.html", waiting=waiting, recent=recent)


async def show_order(request: web.Request) -> web.Response:
    return await _show(request, is_order=True)


async def show_document(request: web.Request) -> web.Response:
    return await _show(request, is_order=False)


async def _show(request: web.Request, *, is_order: bool) -> web.Response:
    """One template for all kinds; an order has an address of its own, the other kinds share one."""
    gateway, who = gateway_of(request), visitor_of(request).who
    document_id = path_uuid(request, "document_id")
    document: Document
    versions: VersionRows | None
    document, versions = await together(
        gateway.clients.documents.get_document(who, document_id),
        if_available(gateway.clients.approvals.list_versions_of(who, document_id)),
    )
    if (document.kind is DocumentKind.ORDER) != is_order:
        name = "show_document" if is_order else "show_order"
        return gateway.pages.go_on(gateway.pages.links(name, document_id=document_id))
    proofs = proofs_of_order(versions.versions) if versions else None
    return gateway.pages.respond(request, "document.html", document=document, proofs=proofs)
