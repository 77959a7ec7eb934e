"""A browser without pictures and scripts: cookies and forms, as a person's browser sends them."""

import re
from dataclasses import dataclass
from typing import Self

import aiohttp
from multidict import CIMultiDictProxy

_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass(frozen=True)
class Fetched:
    content: bytes
    headers: CIMultiDictProxy[str]


class Browser:
    """Used in an `async with`, keeps cookies, fills forms."""

    def __init__(self, url: str) -> None:
        self._session = aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def open(self, path: str) -> tuple[int, str]:
        """Status and page."""
        async with self._session.get(path) as response:
            return response.status, await response.text()

    async def fetch(self, path: str) -> Fetched:
        """A file as it comes."""
        async with self._session.get(path) as response:
            assert response.status == 200, response.status
            return Fetched(await response.read(), response.headers)

    async def fill(self, path: str, fields: dict[str, str], *, to: str | None = None) -> tuple[int, str]:
        """Send the form of the page at `path`, to `to` if it is another; final status and path."""
        hidden = await self.hidden_fields(path)
        return await self.send(to or path, {**hidden, **fields})

    async def hidden_fields(self, path: str) -> dict[str, str]:
        """What the form of the page at `path` says without the person; empty where it has none."""
        _, page = await self.open(path)
        return dict(_FIELD.findall(page))

    async def send(self, path: str, form: dict[str, str] | aiohttp.FormData) -> tuple[int, str]:
        """Final status and path."""
        async with self._session.post(path, data=form) as response:
            await response.read()
            return response.status, response.url.path

    async def log_in(self, email: str, password: str, *, start: str = "/") -> None:
        """`start` is the page on which this person begins."""
        status, path = await self.fill("/login", {"email": email, "password": password})
        assert (status, path) == (200, start), (status, path)
