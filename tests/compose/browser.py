"""What a visitor's browser does without JavaScript: follow links, keep cookies, fill in forms."""

import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=30)


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """An answered request, after all redirects."""

    url: str
    status: int
    html: str
    headers: dict[str, str]

    def form(self, *names: str) -> Form:
        """The form that has fields of these names."""
        parser = _Forms()
        parser.feed(self.html)
        for form in parser.forms:
            if form.method == "post" and set(names) <= form.fields.keys():
                return form
        raise AssertionError(f"{self.url} ({self.status}) has no form with {', '.join(names)}")


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(attributes.get("action", ""), attributes.get("method", "get").lower()))
        elif tag in ("input", "textarea") and self.forms and attributes.get("name"):
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")


class Visitor:
    """`async with Visitor(url, tls)`: one person with her own cookies. Certificates are checked."""

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self._url = url
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        headers = {"Accept-Language": "de", "Sec-Fetch-Site": "same-origin"}
        self._session = aiohttp.ClientSession(headers=headers, timeout=TIMEOUT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def open(self, path: str) -> Page:
        return await self._ask("GET", urljoin(self._url, path), None)

    async def send(self, page: Page, form: Form, **entered: str) -> Page:
        return await self._ask("POST", urljoin(page.url, form.action or page.url), form.fields | entered)

    async def download(self, address: str) -> bytes:
        if self._session is None:
            raise RuntimeError("async with Visitor(…)")
        async with self._session.get(urljoin(self._url, address), ssl=self._tls) as response:
            assert response.status == 200, (address, response.status)
            return await response.read()

    async def log_in(self, path: str, *, email: str, password: str) -> Page:
        """Open the page, be asked who is there, answer, and land on the page."""
        page = await self.open(path)
        return await self.send(page, page.form("email", "password"), email=email, password=password)

    async def _ask(self, method: str, url: str, fields: dict[str, str] | None) -> Page:
        if self._session is None:
            raise RuntimeError("async with Visitor(…)")
        async with self._session.request(method, url, data=fields, ssl=self._tls) as response:
            return Page(str(response.url), response.status, await response.text(), dict(response.headers))
