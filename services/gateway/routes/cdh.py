"""CDH's door: passed on to sync as it comes. Neither cookies nor our identity go with it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Protocol

from aiohttp import web

from services.gateway.edge import gateway_of
from services.gateway.words.texts import EVENTS_TOO_LARGE, FILE_TOO_LARGE
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


class _Body:
    """The request's body as a stream that ends at the limit and remembers that it did."""

    def __init__(self, request: web.Request, limit: int) -> None:
        self._request = request
        self._limit = limit
        self.is_too_large = (request.content_length or 0) > limit

    async def chunks(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._request.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > self._limit:
                self.is_too_large = True
                raise BodyTooLargeError("The body is too large.")
            yield chunk

    async def let_pass(self) -> None:
        """The rest is read and forgotten: most programs listen only after they have sent everything, and a
        proxy that cuts them off before takes the sentence away from them."""
        size = 0
        with suppress(TimeoutError, OSError, web.RequestPayloadError):
            async with asyncio.timeout(_LET_PASS_SECONDS):
                async for chunk in self._request.content.iter_chunked(_CHUNK):
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
    body = _Body(request, limit_mb * 1_000_000)
    if body.is_too_large:
        await body.let_pass()
        raise _too_large(request, too_large, limit_mb)
    try:
        status, answer = await ask(headers=_passed_headers(request), content=body.chunks())
    except ServiceUnavailableError:
        if body.is_too_large:
            await body.let_pass()
            raise _too_large(request, too_large, limit_mb) from None
        raise
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.Response(status=status, body=answer, content_type="application/json", headers=headers)


def _too_large(request: web.Request, text: str, limit_mb: int) -> BodyTooLargeError:
    locale = choose_locale(request.headers.get("Accept-Language"))
    return BodyTooLargeError(gateway_of(request).pages.translate(locale, text) % {"most": limit_mb})


def _passed_headers(request: web.Request) -> dict[str, str]:
    return {name: request.headers[name] for name in _PASSED_HEADERS if name in request.headers}


ROUTES = [
    web.post("/cdh/v1/events", pass_events_on, name="pass_events_on"),
    web.put("/cdh/v1/files/{sha256}", pass_file_on, name="pass_file_on"),
]
