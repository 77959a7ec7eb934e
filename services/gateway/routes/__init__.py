"""Every address of the gateway, each with its name. Pages link by these names."""

from aiohttp import web

from services.gateway.routes import (
    account,
    admin,
    cdh,
    desk,
    documents,
    files,
    lists,
    login,
    passwords,
    proofs,
    public,
    registration,
)

ROUTES: list[web.RouteDef] = [
    *documents.ROUTES,
    *lists.ROUTES,
    *files.ROUTES,
    *proofs.ROUTES,
    *login.ROUTES,
    *registration.ROUTES,
    *passwords.ROUTES,
    *account.ROUTES,
    *public.ROUTES,
    *cdh.ROUTES,
    *desk.ROUTES,
    *admin.ROUTES,
]
