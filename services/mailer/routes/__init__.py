"""The internal HTTP of mailer: all of it is for staff, most of it for operators."""

from aiohttp import web

from services.mailer.routes import drafts, mails, settings, templates

ROUTES: list[web.RouteDef] = [
    *settings.ROUTES,
    *templates.ROUTES,
    *drafts.ROUTES,
    *mails.ROUTES,
]
