"""What a form must prove (it came from our page, from this visitor), and where it may lead."""

import hashlib
import hmac
import re
import secrets

from aiohttp import web

from services.gateway.silence import unless_silent
from shared.errors import ForbiddenError

TOKEN_FIELD = "form_token"  # noqa: S105  # the name of a field
_BYTES = 32
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]*")


class ForeignFormError(ForbiddenError):
    """The form did not come from a page of this visitor, or that page is too old."""


class FormTokens:
    """Tokens bound to a visitor's cookie, masked so that a compressed page does not give them away."""

    def __init__(self, internal_secret: str) -> None:
        self._key = hmac.digest(internal_secret.encode(), b"gateway forms", hashlib.sha256)

    def create(self, visitor_token: str) -> str:
        mask = secrets.token_bytes(_BYTES)
        return (mask + _mixed(mask, self._proof(visitor_token))).hex()

    def is_good(self, form_token: str, visitor_token: str) -> bool:
        try:
            raw = bytes.fromhex(form_token)
        except ValueError:
            return False
        if len(raw) != 2 * _BYTES:
            return False
        return hmac.compare_digest(_mixed(raw[:_BYTES], raw[_BYTES:]), self._proof(visitor_token))

    def _proof(self, visitor_token: str) -> bytes:
        return hmac.digest(self._key, visitor_token.encode(), hashlib.sha256)


def _mixed(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(_BYTES)


def is_from_our_pages(request: web.Request, public_url: str) -> bool:
    """What the browser itself says about where the form stood; scripts cannot forge these headers.

    Old browsers and plain http away from loopback lack Sec-Fetch-Site, then Origin decides; where
    both are missing, the token alone does.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin == public_url


async def read_password(request: web.Request, field: str = "password") -> str:
    """A password as it was typed: blanks at its ends belong to it."""
    typed = (await request.post()).get(field, "")
    return typed if isinstance(typed, str) else ""


async def read_form(request: web.Request) -> dict[str, str]:
    """The text fields of a form without files, trimmed. Raises HTTPBadRequest, or SilentSenderError where
    so little does not come to its end before long."""
    if not _is_harmless_to_decode(request):
        raise web.HTTPBadRequest
    try:
        posted = await unless_silent(request.post())
    except ValueError as error:  # half a letter
        raise web.HTTPBadRequest from error
    return {name: value.strip() for name, value in posted.items() if isinstance(value, str)}


def _is_harmless_to_decode(request: web.Request) -> bool:
    """As our pages send it. A form, or a part of a multipart one, that names another charset would be decoded
    as its sender likes, before his token is looked at: Punycode takes half a minute, in which nobody gets a
    page."""
    return request.content_type != "multipart/form-data" and (request.charset or "utf-8").lower() == "utf-8"


def local_path(wish: str) -> str:
    """A path of this site to go on to, or the start page; never an address somewhere else."""
    return wish if _LOCAL_PATH.fullmatch(wish) else "/"
