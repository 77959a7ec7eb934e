"""CDH's door: passed on to sync as it comes. Neither cookies nor our identity go with it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Protocol

from aiohttp import web

from services.gateway.edge import gateway_of
from services.gateway.silence import SilentSenderError, unless_silent
from services.gateway.words.texts import EVENTS_TOO_LARGE, FILE_TOO_LARGE, NOTHING_CAME, PACKED
from shared.errors import InvalidError, NotFoundError
from shared.i18n import choose_locale
from shared.web import ServiceUnavailableError

EVENTS_LIMIT_MB = 8
_PASSED_HEADERS = ("Authorization", "Content-Type", "Accept-Language", "X-Correlation-Id")
_CHUNK = 64 * 1024
_LET_PASS_MB = 1_000
_LET_PASS_SECONDS = 120
_SHA256_LENGTH = 64


class _Ask(Protocol):
    """A question to sync whose answer is passed back as it is."""

    async def __call__(
        self, *, headers: Mapping[str, str], content: AsyncIterator[bytes]
    ) -> tuple[int, bytes]: ...


class BodyTooLargeError(InvalidError):
    """More than one call may bring."""

    status = 413


class PackedBodyError(InvalidError):
    """The body is packed. Nobody unpacks it here: what comes out may be a thousand times as much."""

    status = 415


class _Body:
    """The request's body as a stream that ends at the limit and remembers that it did."""

    def __init__(self, request: web.Request, limit: int) -> None:
        self._request = request
        self._limit = limit
        self.is_too_large = (request.content_length or 0) > limit
        self.is_silent = False

    async def chunks(self) -> AsyncIterator[bytes]:
        size = 0
        while chunk := await self._next_chunk():
            size += len(chunk)
            if size > self._limit:
                self.is_too_large = True
                raise BodyTooLargeError("The body is too large.")
            yield chunk

    async def _next_chunk(self) -> bytes:
        try:
            return await unless_silent(self._request.content.read(_CHUNK))
        except SilentSenderError:
            self.is_silent = True
            raise

    async def let_pass(self) -> None:
        """The rest is read and forgotten: most programs listen only after they have sent everything, and a
        proxy that cuts them off before takes the sentence away from them."""
        size = 0
        with suppress(TimeoutError, OSError, web.RequestPayloadError, SilentSenderError):
            async with asyncio.timeout(_LET_PASS_SECONDS):
                while chunk := await self._next_chunk():
                    size += len(chunk)
                    if size > _LET_PASS_MB * 1_000_000:
                        return


async def pass_events_on(request: web.Request) -> web.Response:
    sync = gateway_of(request).clients.sync
    return await _pass_on(request, sync.tell_events, limit_mb=EVENTS_LIMIT_MB, too_large=EVENTS_TOO_LARGE)


async def pass_file_on(request: web.Request) -> web.Response:
    gateway, sha256 = gateway_of(request), request.match_info["sha256"]
    if len(sha256) != _SHA256_LENGTH or not sha256.isalnum() or not sha256.isascii():
        raise NotFoundError("The address must end with the file's SHA-256.")
    for_document = request.query.get("use") == "document"
    bring_file = partial(gateway.clients.sync.bring_file, sha256, for_document=for_document)
    return await _pass_on(
        request, bring_file, limit_mb=gateway.settings.max_file_mb, too_large=FILE_TOO_LARGE
    )


async def _pass_on(request: web.Request, ask: _Ask, *, limit_mb: int, too_large: str) -> web.Response:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise PackedBodyError(_tell(request, PACKED))
    body = _Body(request, limit_mb * 1_000_000)
    if body.is_too_large:
        return await _refuse_size(request, body, too_large, limit_mb=limit_mb)
    try:
        status, answer = await ask(headers=_passed_headers(request), content=body.chunks())
    except ServiceUnavailableError:
        if body.is_silent:
            raise SilentSenderError(_tell(request, NOTHING_CAME)) from None
        if body.is_too_large:
            return await _refuse_size(request, body, too_large, limit_mb=limit_mb)
        raise
    return _passed_back(status, answer)


async def _refuse_size(request: web.Request, body: _Body, text: str, *, limit_mb: int) -> web.Response:
    """Raises BodyTooLargeError for whoever has a key. To a stranger nobody listens so long: he gets sync's
    answer at once, and the connection ends."""
    status, answer = await gateway_of(request).clients.sync.try_key(headers=_passed_headers(request))
    if status != web.HTTPOk.status_code:
        response = _passed_back(status, answer)
        response.force_close()
        return response
    await body.let_pass()
    raise BodyTooLargeError(_tell(request, text) % {"most": limit_mb})


def _passed_back(status: int, answer: bytes) -> web.Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.Response(status=status, body=answer, content_type="application/json", headers=headers)


def _tell(request: web.Request, text: str) -> str:
    locale = choose_locale(request.headers.get("Accept-Language"))
    return gateway_of(request).pages.translate(locale, text)


def _passed_headers(request: web.Request) -> dict[str, str]:
    return {name: request.headers[name] for name in _PASSED_HEADERS if name in request.headers}


ROUTES = [
    web.post("/cdh/v1/events", pass_events_on, name="pass_events_on"),
    web.put("/cdh/v1/files/{sha256}", pass_file_on, name="pass_file_on"),
]
