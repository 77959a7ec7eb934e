"""Style sheet, scripts, mark and logo, kept in memory; their names change with their content."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from aiohttp import web

from services.gateway.model.branding import Brand
from shared.errors import NotFoundError

FOLDER = Path(__file__).parents[1] / "static"
STYLES = ("ground", "layout", "pieces", "forms", "lists", "documents", "proofs", "admin", "print")
"""The parts of the one style sheet, in their order."""
SCRIPTS = ("forms", "pictures", "passwords", "copying", "assigning", "folder")
_FOREVER = "public, max-age=31536000, immutable"
_HASHED = re.compile(r"(?P<stem>\w+)-[0-9a-f]{12}\.(?P<ending>\w+)")


@dataclass(frozen=True)
class Asset:
    """`packed` is None for what gzip makes no smaller."""

    name: str
    content_type: str
    plain: bytes
    packed: bytes | None


class Assets:
    """`url("forms.js")` is the address of the present form of the file.

    Style sheet, mark and logo follow the company's look and change while the gateway runs.
    """

    def __init__(self) -> None:
        self._styles = "\n".join((FOLDER / "styles" / f"{part}.css").read_text("utf-8") for part in STYLES)
        self._present: dict[str, Asset] = {}
        for part in SCRIPTS:
            script = (FOLDER / "scripts" / f"{part}.js").read_text("utf-8")
            self._set(f"{part}.js", "text/javascript; charset=utf-8", script.encode())

    def set_style(self, brand: Brand) -> str:
        """The address of the style sheet in the company's colour."""
        text = _brand_style(brand) + self._styles
        return self._set("cockpit.css", "text/css; charset=utf-8", text.encode())

    def set_mark(self, company_name: str, brand: Brand) -> str:
        return self._set("mark.svg", "image/svg+xml", _draw_mark(company_name, brand).encode())

    def set_logo(self, png: bytes) -> str:
        return self._set("logo.png", "image/png", png, is_text=False)

    def _set(self, name: str, content_type: str, plain: bytes, *, is_text: bool = True) -> str:
        stem, _, ending = name.partition(".")
        hashed = f"{stem}-{hashlib.sha256(plain).hexdigest()[:12]}.{ending}"
        packed = gzip.compress(plain, mtime=0) if is_text else None
        self._present[name] = Asset(hashed, content_type, plain, packed)
        return self.url(name)

    def url(self, name: str) -> str:
        return f"/static/{self._present[name].name}"

    def respond(self, request: web.Request, name: str) -> web.Response:
        hashed = _HASHED.fullmatch(name)
        asset = self._present.get(f"{hashed['stem']}.{hashed['ending']}") if hashed else None
        if asset is None:
            raise NotFoundError("There is nothing at this address.")
        # Another copy of the gateway, or a page of a minute ago, may name a form that is not the present one
        # here: it gets the present one, and keeps it for this page only.
        cache = _FOREVER if asset.name == name else "no-store"
        headers = {"Cache-Control": cache, "Vary": "Accept-Encoding", "Content-Type": asset.content_type}
        if asset.packed is None or "gzip" not in request.headers.get("Accept-Encoding", ""):
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
