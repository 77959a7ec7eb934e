"""The start page of the administration: a way to each area."""

from aiohttp import web

from services.gateway.edge import gateway_of, visitor_of


async def show_admin(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    return gateway_of(request).pages.respond(request, "admin/start.html")


ROUTES = [web.get("/admin", show_admin, name="show_admin")]
