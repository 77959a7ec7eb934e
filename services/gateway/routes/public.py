"""What anybody may see: the legal pages, style and scripts, health, and the pieces for developers."""

from aiohttp import web

from services.gateway import pieces
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.texts import read_legal_text
from shared.errors import NotFoundError


async def show_imprint(request: web.Request) -> web.Response:
    gateway = gateway_of(request)
    text = read_legal_text("imprint", gateway.settings.imprint_file, visitor_of(request).locale)
    return gateway.pages.respond(request, "imprint.html", legal_text=text)


async def show_privacy(request: web.Request) -> web.Response:
    gateway = gateway_of(request)
    text = read_legal_text("privacy", gateway.settings.privacy_file, visitor_of(request).locale)
    return gateway.pages.respond(request, "privacy.html", legal_text=text)


async def show_components(request: web.Request) -> web.Response:
    gateway = gateway_of(request)
    if not gateway.settings.developer_pages:
        raise NotFoundError("There is nothing at this address.")
    return gateway.pages.respond(request, "components.html", pieces=pieces)


async def serve_asset(request: web.Request) -> web.Response:
    return gateway_of(request).assets.respond(request, request.match_info["name"])


async def live(_request: web.Request) -> web.Response:
    return web.Response(text="live\n")


async def ready(_request: web.Request) -> web.Response:
    """Templates and catalogues are loaded before the port opens. Services that are away do not make the
    gateway unready: it then says so on calm pages, which a proxy's bare error would not."""
    return web.Response(text="ready\n")
