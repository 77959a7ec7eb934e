"""The customers, as the dealer's people look them up: who they are, who has an access, what is going on."""

from aiohttp import web

from services.gateway.asking import if_available, together
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import local_path
from services.gateway.lists import PAGE_SIZE, Paging, read_wish
from services.gateway.viewing import View, identity_of
from shared.api.auth import AccountRows, InvitationRows
from shared.api.documents import Customer, DocumentRows
from shared.web import Identity

MOST_PEOPLE = 200
RECENT_DOCUMENTS = 8


async def list_desk_customers(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    wish = read_wish(request, fields=("q",), sorts=("name",))
    found = await gateway.clients.documents.list_customers(
        who, query=wish.fields.get("q", ""), page=wish.page, size=PAGE_SIZE
    )
    paging = Paging(wish, found.total)
    if paging.is_beyond:
        return gateway.pages.go_on(wish.address(page=paging.page_count))
    return gateway.pages.respond(request, "desk/customers.html", rows=found.rows, wish=wish, paging=paging)


async def show_desk_customer(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    customer = await gateway.clients.documents.get_customer(who, request.match_info["customer_number"])
    people, recent = await together(
        _find_people(request, who, customer), _find_recent(request, who, customer)
    )
    accounts, invitations = people
    return gateway.pages.respond(
        request,
        "desk/customer.html",
        customer=customer,
        accounts=accounts,
        invitations=invitations,
        recent=recent,
        wants_view=request.query.get("action") == "view",
        view_from=local_path(request.query.get("next", "/")),
        registered_emails={account.email.casefold() for account in accounts.rows} if accounts else set(),
        invited_emails={one.email.casefold() for one in invitations.rows} if invitations else set(),
    )


async def _find_people(
    request: web.Request, who: Identity, customer: Customer
) -> tuple[AccountRows | None, InvitationRows | None]:
    """Who is registered, and who is invited and is not yet; None while nobody can say it."""
    auth = gateway_of(request).clients.auth
    query = {"role": "customer", "customer_number": customer.customer_number, "size": str(MOST_PEOPLE)}
    return await together(
        if_available(auth.list_accounts(who, query)),
        if_available(auth.list_invitations(who, query | {"state": "open"})),
    )


async def _find_recent(request: web.Request, who: Identity, customer: Customer) -> DocumentRows | None:
    """His newest documents, asked for as he would."""
    view = View(customer_number=customer.customer_number, customer_name=customer.name)
    documents = gateway_of(request).clients.documents
    return await if_available(
        documents.list_documents(identity_of(view, who), [("size", str(RECENT_DOCUMENTS))])
    )


ROUTES = [
    web.get("/desk/customers", list_desk_customers, name="list_desk_customers"),
    web.get("/desk/customers/{customer_number}", show_desk_customer, name="show_desk_customer"),
]
