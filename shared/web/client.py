"""The gateway's side of the internal HTTP: one client per service, errors come back as their family."""

import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TypeVar

import aiohttp
import structlog
from pydantic import BaseModel
from yarl import URL

from shared import errors
from shared.web.application import CORRELATION_HEADER
from shared.web.identity import HEADER, Identity, sign

Answer = TypeVar("Answer", bound=BaseModel)
Query = Mapping[str, str] | Sequence[tuple[str, str]]
"""Pairs where a name may stand several times."""
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=2)
TURN_SECONDS = 30.0
SIGNED_SECONDS = 10.0
"""How long a signature is used again; it is good for VALID_SECONDS."""
SIGNED_IDENTITIES = 1024
_FAMILIES: dict[int, type[errors.CockpitError]] = {
    401: errors.UnauthenticatedError,
    403: errors.ForbiddenError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    413: errors.InvalidError,
    422: errors.InvalidError,
}


class ServiceUnavailableError(errors.CockpitError):
    """A service did not answer, or answered with a fault of its own."""

    status = 503


class _Problem(BaseModel):
    error: str = ""
    message: str = ""
    fields: dict[str, str] = {}


class ServiceClient:
    """Calls one service on behalf of an identity."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        internal_secret: str,
        *,
        streams: aiohttp.ClientSession | None = None,
    ) -> None:
        """`streams` passes bodies on, if it is another session than for questions."""
        self._session = session
        self._streams = streams or session
        self._base_url = base_url.rstrip("/")
        self._secret = internal_secret.encode()
        self._signed: OrderedDict[Identity, tuple[float, str]] = OrderedDict()

    async def get(
        self, path: str, answer: type[Answer], *, who: Identity, query: Query | None = None
    ) -> Answer:
        return answer.model_validate_json(await self.call("GET", path, who=who, query=query))

    async def post(self, path: str, body: BaseModel | None, answer: type[Answer], *, who: Identity) -> Answer:
        return answer.model_validate_json(await self.call("POST", path, who=who, body=body))

    async def call(
        self,
        method: str,
        path: str,
        *,
        who: Identity,
        body: BaseModel | None = None,
        query: Query | None = None,
    ) -> bytes:
        """The body of the answer; raises the error family of its status, or ServiceUnavailableError."""
        status, content = await self._request(
            method,
            path,
            headers=self._headers(who, "application/json"),
            data=body.model_dump_json().encode() if body else None,
            query=query,
            timeout=TIMEOUT,
        )
        return _checked(status, content)

    async def send_stream(
        self,
        path: str,
        content: AsyncIterator[bytes],
        answer: type[Answer],
        *,
        who: Identity,
        seconds: float,
    ) -> Answer:
        """POST bytes as they come, for at most `seconds`; raises as `call` does."""
        headers = self._headers(who, "application/octet-stream")
        status, body = await self.forward("POST", path, headers=headers, content=content, seconds=seconds)
        return answer.model_validate_json(_checked(status, body))

    async def forward(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        content: AsyncIterator[bytes],
        seconds: float,
    ) -> tuple[int, bytes]:
        """Pass a request through as it comes, without identity; returns status and body.

        Where many do so at once, it waits for its turn before it begins. The headers go ahead of the body:
        whoever is refused for them holds no connection, even if his body never comes.
        """
        timeout = aiohttp.ClientTimeout(total=seconds, connect=TURN_SECONDS, sock_connect=2)
        return await self._request(
            method,
            path,
            headers=headers,
            data=content,
            timeout=timeout,
            session=self._streams,
            headers_first=True,
        )

    async def _request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        data: bytes | AsyncIterator[bytes] | None,
        timeout: aiohttp.ClientTimeout,
        query: Query | None = None,
        session: aiohttp.ClientSession | None = None,
        headers_first: bool = False,
    ) -> tuple[int, bytes]:
        try:
            async with (session or self._session).request(
                method,
                self._address(path),
                data=data,
                params=query,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                expect100=headers_first,
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ServiceUnavailableError(f"{self._base_url} does not answer.") from error

    def _headers(self, who: Identity, content_type: str) -> dict[str, str]:
        headers = {HEADER: self._sign(who), "Content-Type": content_type}
        if correlation_id := structlog.contextvars.get_contextvars().get("correlation_id"):
            headers[CORRELATION_HEADER] = correlation_id
        return headers

    def _address(self, path: str) -> URL:
        """Exactly as it is written: ".." out of somebody's address must not lead to another route."""
        return URL(self._base_url + path, encoded=True)

    def _sign(self, who: Identity) -> str:
        """The signed identity, the same for some seconds: a page asks several times for one person."""
        now = time.monotonic()
        signed = self._signed.get(who)
        if signed and now - signed[0] < SIGNED_SECONDS:
            return signed[1]
        header = sign(who, self._secret)
        self._signed[who] = (now, header)
        self._signed.move_to_end(who)
        if len(self._signed) > SIGNED_IDENTITIES:
            self._signed.popitem(last=False)
        return header


def _checked(status: int, content: bytes) -> bytes:
    if status < 400:
        return content
    family = _FAMILIES.get(status)
    if family is None:
        raise ServiceUnavailableError(f"The service answered with {status}.")
    problem = _Problem.model_validate_json(content)
    error = family(problem.message, fields=problem.fields)
    error.code = problem.error
    raise error
