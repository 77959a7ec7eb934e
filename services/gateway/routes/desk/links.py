"""Where CDH's buttons lead: by the numbers that CDH knows, after the log-in where one is needed."""

from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from services.gateway.edge import gateway_of, visitor_of
from shared.api.documents import NumberedDocument
from shared.errors import NotFoundError
from shared.events.sync import DocumentKind

Action = Literal["", "access", "view", "assign"]
ACTIONS: tuple[Action, ...] = ("access", "view", "assign")


@dataclass(frozen=True)
class Choice:
    """One of several documents with the same number, and where it leads."""

    document: NumberedDocument
    address: str


async def go_to_customer(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    customer_number = request.match_info["customer_number"]
    try:
        await gateway.clients.documents.get_customer(who, customer_number)
    except NotFoundError:
        return _unknown(request, "customer", customer_number)
    links, action = gateway.pages.links, _action(request)
    if action == "access":
        return gateway.pages.go_on(links("choose_person", customer_number=customer_number))
    query = {"action": "view"} if action == "view" else None
    return gateway.pages.go_on(links("show_desk_customer", query, customer_number=customer_number))


async def go_to_order(request: web.Request) -> web.Response:
    return await _go_to_document(request, DocumentKind.ORDER)


async def go_to_quote(request: web.Request) -> web.Response:
    return await _go_to_document(request, DocumentKind.QUOTE)


async def _go_to_document(request: web.Request, kind: DocumentKind) -> web.Response:
    """A number alone is not unique: of several the clerk chooses."""
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    number, action = request.match_info["number"], _action(request)
    found = (await gateway.clients.documents.list_by_number(who, kind, number)).documents
    choices = [Choice(one, _address(request, one, action)) for one in found]
    if not choices:
        return _unknown(request, kind.value, number)
    if len(choices) == 1:
        return gateway.pages.go_on(choices[0].address)
    return gateway.pages.respond(request, "desk/choose.html", number=number, kind=kind.value, choices=choices)


def _action(request: web.Request) -> Action:
    """Nonsense is no action: the page itself is never wrong."""
    wish = request.query.get("action", "")
    return next((action for action in ACTIONS if action == wish), "")


def _address(request: web.Request, document: NumberedDocument, action: Action) -> str:
    links, is_order = gateway_of(request).pages.links, document.kind is DocumentKind.ORDER
    page = links("show_order" if is_order else "show_document", document_id=document.document_id)
    if action == "access":
        contact = {"contact": document.contact_id} if document.contact_id else None
        return links("choose_person", contact, customer_number=document.customer_number)
    if action == "view":
        query = {"action": "view", "next": page}
        return links("show_desk_customer", query, customer_number=document.customer_number)
    if action == "assign" and is_order:
        return links("show_assignment", document_id=document.document_id)
    return page


def _unknown(request: web.Request, kind: str, number: str) -> web.Response:
    return gateway_of(request).pages.respond(
        request, "desk/unknown.html", status=404, kind=kind, number=number, action=_action(request)
    )


ROUTES = [
    web.get("/desk/go/customer/{customer_number}", go_to_customer, name="go_to_customer"),
    web.get("/desk/go/order/{number}", go_to_order, name="go_to_order"),
    web.get("/desk/go/quote/{number}", go_to_quote, name="go_to_quote"),
]
