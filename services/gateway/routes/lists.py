"""The lists of quotes, orders, invoices and proofs: a filter, a way of sorting, pages."""

from typing import get_args

from aiohttp import web

from services.gateway.edge import gateway_of, visitor_of
from services.gateway.lists import BACKWARDS, NO_DATE, PAGE_SIZE, Paging, is_backwards, read_date, read_wish
from shared.api.approvals import VersionState
from shared.events.sync import DocumentKind

DOCUMENT_SORTS = ("-date", "-number", "-amount")
PERIOD = ("since", "until")
PROOFS_A_PAGE = 24


async def list_quotes(request: web.Request) -> web.Response:
    return await _list_documents(request, "lists/quotes.html", (DocumentKind.QUOTE,))


async def list_orders(request: web.Request) -> web.Response:
    return await _list_documents(request, "lists/orders.html", (DocumentKind.ORDER,))


async def list_invoices(request: web.Request) -> web.Response:
    """Invoices and credit notes together; a filter chooses one of both."""
    return await _list_documents(
        request, "lists/invoices.html", (DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE)
    )


async def list_proofs(request: web.Request) -> web.Response:
    """A customer's proofs; what waits for the dealer's people stands at their desk."""
    gateway, visitor = gateway_of(request), visitor_of(request)
    if visitor.is_staff:
        return gateway.pages.go_on(gateway.pages.links("show_desk"))
    wish = read_wish(
        request, fields=("q", "state"), sorts=("-date",), choices={"state": get_args(VersionState)}
    )
    query = {**wish.fields, "size": str(PROOFS_A_PAGE), "page": str(wish.page)}
    found = await gateway.clients.approvals.search_versions(visitor.who, query)
    paging = Paging(wish, found.total, PROOFS_A_PAGE)
    if paging.is_beyond:
        return gateway.pages.go_on(wish.address(page=paging.page_count))
    return gateway.pages.respond(
        request, "lists/proofs.html", wish=wish, paging=paging, versions=found.versions
    )


async def _list_documents(
    request: web.Request, template: str, kinds: tuple[DocumentKind, ...]
) -> web.Response:
    gateway, visitor = gateway_of(request), visitor_of(request)
    fields = ["q", "state", *PERIOD]
    if len(kinds) > 1:
        fields.append("kind")
    if visitor.is_staff:
        fields.append("customer_number")
    wish = read_wish(request, fields=fields, sorts=DOCUMENT_SORTS, choices={"kind": kinds})
    dates = {name: read_date(wish.fields[name]) for name in PERIOD if name in wish.fields}
    asked = [(name, value) for name, value in wish.fields.items() if name not in dates]
    asked += [(name, date.isoformat()) for name, date in dates.items() if date]
    if "kind" not in wish.fields:
        asked += [("kind", kind.value) for kind in kinds]
    asked += [("sort", wish.sort), ("page", str(wish.page)), ("size", str(PAGE_SIZE))]
    errors = {name: NO_DATE for name, date in dates.items() if date is None}
    if is_backwards(dates.get("since"), dates.get("until")):
        errors["until"] = BACKWARDS
    found = await gateway.clients.documents.list_documents(visitor.who, asked)
    paging = Paging(wish, found.total)
    if paging.is_beyond:
        return gateway.pages.go_on(wish.address(page=paging.page_count))
    return gateway.pages.respond(
        request,
        template,
        wish=wish,
        paging=paging,
        found=found,
        dates={name: date.isoformat() for name, date in dates.items() if date},
        errors=errors,
    )


ROUTES = [
    web.get("/quotes", list_quotes, name="list_quotes"),
    web.get("/orders", list_orders, name="list_orders"),
    web.get("/invoices", list_invoices, name="list_invoices"),
    web.get("/proofs", list_proofs, name="list_proofs"),
]
