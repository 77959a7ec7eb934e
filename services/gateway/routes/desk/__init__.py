"""The staff's pages. Each part has a module here, which names its addresses in ROUTES."""

from aiohttp import web

from services.gateway.routes.desk import access, assigning, customers, drafts, links, start, views

ROUTES: list[web.RouteDef] = [
    *start.ROUTES,
    *customers.ROUTES,
    *access.ROUTES,
    *views.ROUTES,
    *assigning.ROUTES,
    *links.ROUTES,
    *drafts.ROUTES,
]
