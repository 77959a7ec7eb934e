"""A gateway on a real port, with the services around it on another."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDictProxy

from deploy.local.ports import free_port
from services.gateway.app import create_service
from services.gateway.pages import rendering
from services.gateway.pages.folding import FoldingEnvironment
from services.gateway.settings import GatewaySettings
from shared.database import Pool, create_pool
from shared.storage import FolderStorage
from tests.conftest import DatabaseFactory
from tests.integration.gateway.neighbours import SECRET, Neighbours, create_neighbours


@dataclass(frozen=True)
class Visit:
    """What came back."""

    status: int
    headers: CIMultiDictProxy[str]
    cookies: dict[str, str]
    set_cookies: tuple[str, ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def words(self) -> str:
        """The text without the places where a long address may go on in the next line."""
        return self.text.replace("<wbr>", "")

    @property
    def form_token(self) -> str:
        return self.text.split('name="form_token" value="')[1].split('"')[0]


COOKIES = {"session", "visitor", "locale", "notice", "view"}


class Browser:
    """Keeps cookies and follows nothing by itself. `is_https`: as what the portal's address has to be."""

    def __init__(self, session: aiohttp.ClientSession, address: str, *, is_https: bool = False) -> None:
        self._session = session
        self._is_https = is_https
        self.address = address
        self.cookies: dict[str, str] = {}

    async def get(self, path: str, **headers: str) -> Visit:
        return await self.send("GET", path, headers=headers)

    async def post(self, path: str, form: dict[str, str], **headers: str) -> Visit:
        return await self.send("POST", path, headers=headers, content=form)

    async def send(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, content: object = None
    ) -> Visit:
        own = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        async with self._session.request(
            method,
            self.address + path,
            data=content,
            headers={"Accept-Language": "de", **(own if self.cookies else {}), **sent},
            allow_redirects=False,
        ) as response:
            for name, morsel in response.cookies.items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)
            for cookie in response.headers.getall("Set-Cookie", ()):
                check_cookie(cookie, is_https=self._is_https)
            return Visit(
                status=response.status,
                headers=response.headers,
                cookies={name: morsel.value for name, morsel in response.cookies.items()},
                set_cookies=tuple(response.headers.getall("Set-Cookie", ())),
                body=await response.read(),
            )


def check_cookie(cookie: str, *, is_https: bool) -> None:
    """Each one, set or forgotten, is kept from scripts and other sites, and over https bound to the host."""
    first, *attributes = cookie.split("; ")
    prefix, name = "__Host-" if is_https else "", first.partition("=")[0]
    assert name.startswith(prefix), cookie
    assert name.removeprefix(prefix) in COOKIES, cookie
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes), cookie
    assert ("Secure" in attributes) == is_https, cookie
    assert not any(attribute.startswith("Domain") for attribute in attributes), cookie


@pytest.fixture(scope="session")
def environments() -> dict[Any, Any]:
    """By all that is a part of what is compiled: the language, and the addresses of pages and of the look."""
    return {}


@pytest.fixture(autouse=True)
def _templates_compiled_once(environments: dict[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling pieces and pages takes a while, and each test starts a gateway of its own."""
    create = rendering._create_environment

    def find_or_create(locale: str, settings: GatewaySettings, **parts: Any) -> FoldingEnvironment:
        look = tuple(parts["assets"].url(name) for name in ("cockpit.css", "mark.svg"))
        key = (locale, settings.time_zone, look, *sorted(parts["links"]._patterns.items()))
        if key not in environments:
            environments[key] = create(locale, settings, **parts)
        environment: FoldingEnvironment = environments[key]
        return environment

    monkeypatch.setattr(rendering, "_create_environment", find_or_create)


@pytest.fixture
def neighbours(tmp_path: Path) -> Neighbours:
    return Neighbours(FolderStorage(tmp_path / "storage"))


StartGateway = Callable[..., Awaitable[str]]


@pytest.fixture
async def database_url(make_database: DatabaseFactory) -> str:
    """The gateway's own."""
    return await make_database("gateway")


@pytest.fixture
async def start_gateway(
    neighbours: Neighbours, tmp_path: Path, database_url: str
) -> AsyncIterator[StartGateway]:
    """`await start_gateway(public_url=…)` is the address of a running gateway.

    `through` is another way to its database, one that a test can cut.
    """
    runners: list[web.AppRunner] = []
    pools: list[Pool] = []

    async def serve(application: web.Application, port: int) -> str:
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return f"http://127.0.0.1:{port}"

    async def start(*, through: str = "", **given: object) -> str:
        around = await serve(create_neighbours(neighbours), free_port())
        port = free_port()
        settings = {
            "internal_secret": SECRET,
            "storage_folder": tmp_path / "storage",
            "port": port,
            "database_url": database_url,
            "bus_database_url": database_url,
            "public_url": f"http://127.0.0.1:{port}",
            "auth_url": f"{around}/auth",
            "documents_url": f"{around}/documents",
            "approvals_url": f"{around}/approvals",
            "mailer_url": f"{around}/mailer",
            "sync_url": f"{around}/sync",
            "company_name": "Musterdruck",
        }
        pools.append(await create_pool(through or database_url))
        service = create_service(GatewaySettings.model_validate(settings | given), pools[-1])
        return await serve(service.application, port)

    yield start
    for runner in reversed(runners):
        await runner.cleanup()
    for pool in pools:
        await pool.close()


@pytest.fixture
async def browser(start_gateway: StartGateway) -> AsyncIterator[Browser]:
    """A stranger in front of the login."""
    address = await start_gateway()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Browser(session, address)


@pytest.fixture
def customer(browser: Browser, neighbours: Neighbours) -> Browser:
    """A person of the customer, logged in."""
    browser.cookies["session"] = neighbours.log_in()
    return browser


@pytest.fixture
def operator(browser: Browser, neighbours: Neighbours) -> Browser:
    browser.cookies["session"] = neighbours.log_in("admin@dealer.example")
    return browser


@pytest.fixture
def clerk(browser: Browser, neighbours: Neighbours) -> Browser:
    browser.cookies["session"] = neighbours.log_in("berger@dealer.example")
    return browser
