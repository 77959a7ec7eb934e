"""Looking at what a customer sees: begun and ended by a form, so that it is recorded."""

from aiohttp import web

from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import local_path, read_form
from services.gateway.viewing import LONGEST_NAME, View


async def view_as_customer(request: web.Request) -> web.Response:
    """From here on the clerk's pages are the customer's, until he ends it."""
    gateway, visitor, form = gateway_of(request), visitor_of(request), await read_form(request)
    customer_number = request.match_info["customer_number"]
    customer = await gateway.clients.documents.get_customer(visitor.require_staff(), customer_number)
    request[AUDIT_NOTE] = f"{customer.customer_number} {customer.name}"
    response = gateway.pages.go_on(local_path(form.get("next", "/")))
    view = View(customer_number=customer.customer_number, customer_name=customer.name[:LONGEST_NAME])
    gateway.sessions.start_view(response, visitor, view)
    return response


async def end_view(request: web.Request) -> web.Response:
    """Back to the customer's page, or to where the view was in the way."""
    gateway, view, form = gateway_of(request), visitor_of(request).view, await read_form(request)
    back = gateway.pages.links("show_desk")
    if view:
        back = gateway.pages.links("show_desk_customer", customer_number=view.customer_number)
    wish = form.get("next")
    response = gateway.pages.go_on(local_path(wish) if wish else back)
    gateway.sessions.end_view(response)
    return response


ROUTES = [
    web.post("/desk/customers/{customer_number}/view", view_as_customer, name="view_as_customer"),
    web.post("/desk/view/end", end_view, name="end_view"),
]
