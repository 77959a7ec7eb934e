"""The operator's pages. Each area has a module here, which names its addresses in ROUTES."""

from aiohttp import web

from services.gateway.routes.admin import (
    api_keys,
    audit,
    company,
    invitations,
    mail,
    mail_log,
    mail_templates,
    order_folder,
    passwords,
    staff,
    start,
    statuses,
    users,
)

ROUTES: list[web.RouteDef] = [
    *start.ROUTES,
    *users.ROUTES,
    *invitations.ROUTES,
    *staff.ROUTES,
    *passwords.ROUTES,
    *company.ROUTES,
    *api_keys.ROUTES,
    *mail.ROUTES,
    *mail_templates.ROUTES,
    *mail_log.ROUTES,
    *order_folder.ROUTES,
    *statuses.ROUTES,
    *audit.ROUTES,
]
