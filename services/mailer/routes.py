"""HTTP of mailer: nothing but health, which shared.web brings. What became of a mail is told by events."""

from aiohttp import web

ROUTES: list[web.RouteDef] = []
