"""What anybody may see: the legal pages, style and scripts, health, and the pieces for developers."""

from aiohttp import web

from services.gateway.edge import gateway_of, visitor_of
from services.gateway.pages import pieces
from services.gateway.words.texts import default_legal_text, parse_legal_text
from shared.errors import NotFoundError


async def show_imprint(request: web.Request) -> web.Response:
    return _legal_page(request, "imprint")


async def show_privacy(request: web.Request) -> web.Response:
    return _legal_page(request, "privacy")


def _legal_page(request: web.Request, name: str) -> web.Response:
    """What the operator wrote on his page, else the file of the settings, else the sample."""
    gateway, locale = gateway_of(request), visitor_of(request).locale
    own_file = gateway.settings.legal_file(name)
    own_text = gateway.looks.now.branding.legal_texts.get((name, locale), "")
    text = own_text or default_legal_text(name, locale, own_file)
    legal_text = parse_legal_text(text, is_sample=not own_text and own_file is None)
    return gateway.pages.respond(request, f"{name}.html", legal_text=legal_text)


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


ROUTES = [
    web.get("/imprint", show_imprint, name="imprint"),
    web.get("/privacy", show_privacy, name="privacy"),
    web.get("/components", show_components, name="show_components"),
    web.get("/static/{name}", serve_asset, name="static"),
    web.get("/health/live", live, name="live"),
    web.get("/health/ready", ready, name="ready"),
]
