"""The operator's pages. Each area has a module here, which names its addresses in ROUTES."""

from aiohttp import web

from services.gateway.routes.admin import audit, company, start

ROUTES: list[web.RouteDef] = [
    *start.ROUTES,
    *company.ROUTES,
    *audit.ROUTES,
]
