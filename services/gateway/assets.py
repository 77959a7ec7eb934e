"""Style sheet, scripts and the mark, kept compressed in memory; their names change with their content."""

import gzip
import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path

from aiohttp import web

from services.gateway.model import Brand, create_brand
from services.gateway.settings import GatewaySettings
from shared.errors import NotFoundError

FOLDER = Path(__file__).parent / "static"
STYLES = ("ground", "layout", "pieces", "forms", "lists", "documents", "proofs", "print")
"""The parts of the one style sheet, in their order."""
SCRIPTS = ("forms", "pictures", "passwords", "copying")
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    name: str
    content_type: str
    plain: bytes
    packed: bytes


class Assets:
    """`url("cockpit.css")` is the address of the present form of the file."""

    def __init__(self, settings: GatewaySettings) -> None:
        brand = create_brand(settings.brand_colour)
        styles = "\n".join((FOLDER / "styles" / f"{part}.css").read_text("utf-8") for part in STYLES)
        self._by_name: dict[str, Asset] = {}
        self._urls: dict[str, str] = {}
        self._add("cockpit.css", "text/css; charset=utf-8", _brand_style(brand) + styles)
        self._add("mark.svg", "image/svg+xml", _draw_mark(settings.company_name, brand))
        for part in SCRIPTS:
            script = (FOLDER / "scripts" / f"{part}.js").read_text("utf-8")
            self._add(f"{part}.js", "text/javascript; charset=utf-8", script)

    def _add(self, name: str, content_type: str, text: str) -> None:
        plain = text.encode()
        stem, _, ending = name.partition(".")
        hashed = f"{stem}-{hashlib.sha256(plain).hexdigest()[:12]}.{ending}"
        asset = Asset(hashed, content_type, plain, gzip.compress(plain, mtime=0))
        self._by_name[hashed] = asset
        self._urls[name] = f"/static/{hashed}"

    def url(self, name: str) -> str:
        return self._urls[name]

    def respond(self, request: web.Request, name: str) -> web.Response:
        asset = self._by_name.get(name)
        if asset is None:
            raise NotFoundError("There is nothing at this address.")
        headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding", "Content-Type": asset.content_type}
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=asset.plain, headers=headers)
        return web.Response(body=asset.packed, headers=headers | {"Content-Encoding": "gzip"})


def _brand_style(brand: Brand) -> str:
    return (
        f":root{{--brand:{brand.surface};--on-brand:{brand.on_surface};--brand-text:{brand.on_light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--brand-text:{brand.on_dark}}}}}\n"
    )


def _draw_mark(company_name: str, brand: Brand) -> str:
    """The company's first letter on its colour, as long as there is no logo."""
    letter = escape(next((letter for letter in company_name if letter.isalnum()), "P").upper())
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="12" fill="{brand.surface}"/>'
        f'<text x="32" y="45" font-family="system-ui,Segoe UI,Helvetica,Arial,sans-serif" font-size="38" '
        f'font-weight="700" text-anchor="middle" fill="{brand.on_surface}">{letter}</text></svg>'
    )
