"""The portal behind a dealer's own web server, set up as deploy/proxy says. IIS: tests/unit/deploy."""

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from cockpit.client import Client
from cockpit.errors import RefusedError
from tests.integration.gateway.conftest import Browser, StartGateway
from tests.integration.gateway.neighbours import Neighbours
from tests.integration.gateway.test_login import log_in
from tests.support import eventually
from tests.support.web_servers import WebServer, prepare_web_server, running_caddy, running_nginx

# Another address of loopback than the one from which the web server comes to the gateway.
VISITOR = "127.0.0.77"
MAX_FILE_MB = 25


@dataclass(frozen=True)
class Portal:
    server: WebServer
    session: aiohttp.ClientSession

    @property
    def browser(self) -> Browser:
        return Browser(self.session, self.server.url, is_https=True)


@pytest.fixture(params=[running_nginx, running_caddy], ids=["nginx", "caddy"])
async def portal(
    request: pytest.FixtureRequest, start_gateway: StartGateway, tmp_path: Path
) -> AsyncIterator[Portal]:
    folder = tmp_path / "server"
    folder.mkdir()
    server = prepare_web_server(folder)
    gateway = await start_gateway(
        public_url=server.url, trusted_proxies="127.0.0.1/32", max_file_mb=MAX_FILE_MB
    )
    trusting = ssl.create_default_context(cafile=server.authority)
    connector = aiohttp.TCPConnector(ssl=trusting, local_addr=(VISITOR, 0))
    with request.param(server, gateway):
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            yield Portal(server, session)


async def test_somebody_logs_in_and_only_the_gateway_sends_the_headers_of_security(portal: Portal) -> None:
    browser = portal.browser
    answer = await log_in(browser)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "__Host-session" in answer.cookies
    page = await browser.get("/")
    assert page.status == 200
    for name in ("Strict-Transport-Security", "Content-Security-Policy", "X-Content-Type-Options"):
        assert len(page.headers.getall(name)) == 1
    assert page.headers.get("Server", "") in ("", "nginx")


async def test_plain_http_leads_to_https(portal: Portal) -> None:
    address = URL(f"{portal.server.plain_url}/login?next=%2Forders", encoded=True)
    async with portal.session.get(address, allow_redirects=False) as response:
        assert response.status in (301, 308)
        there = response.headers["Location"].replace(f":{portal.server.https_port}", "")
        assert there == "https://localhost/login?next=%2Forders"


async def test_the_throttle_sees_the_visitor_whatever_he_claims(
    portal: Portal, neighbours: Neighbours
) -> None:
    browser = portal.browser
    page = await browser.get("/login")
    form = {"form_token": page.form_token, "email": "keller@hartmann.example", "password": "wrong"}
    await browser.post("/login", form)
    await browser.post("/login", form, X_Forwarded_For="6.6.6.6")
    await browser.post("/login", form, X_Forwarded_For="6.6.6.6, 127.0.0.1", Forwarded="for=6.6.6.6")
    assert neighbours.throttled_addresses == [VISITOR] * 3


async def test_a_page_of_a_customer_is_kept_nowhere(portal: Portal, neighbours: Neighbours) -> None:
    customer = portal.browser
    customer.cookies["__Host-session"] = neighbours.log_in()
    page = await customer.get("/")
    assert (page.status, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert (await portal.browser.get("/")).status == 303
    assert not any(b"Was auf Sie wartet" in file.read_bytes() for file in _files(portal.server.folder))


async def test_no_log_has_a_link_that_lets_somebody_in(portal: Portal) -> None:
    for page in ("register", "confirm", "reset", "setup"):
        await portal.browser.get(f"/{page}/the-secret-of-a-link")
        await portal.session.get(
            f"{portal.server.plain_url}/{page}/the-secret-of-a-link", allow_redirects=False
        )
    await portal.browser.get("/login")

    def written() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in _files(portal.server.folder)}

    # The line of a request may come after its answer; Caddy keeps no such log by itself.
    await eventually(lambda: b"/login" in written().get("access.log", b"/login"))
    assert not any(b"the-secret-of-a-link" in content for content in written().values())


async def test_what_everybody_may_keep_is_served_compressed(portal: Portal) -> None:
    page = await portal.browser.get("/login")
    [style] = set(re.findall(r'href="(/static/[^"]+\.css)"', page.text))
    served = await portal.browser.get(style, Accept_Encoding="gzip")
    assert served.status == 200
    assert served.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert served.headers["Content-Encoding"] == "gzip"
    pages = await portal.browser.get("/login", Accept_Encoding="gzip")
    assert pages.headers["Content-Encoding"] == "gzip"


async def test_what_goes_wrong_is_said_on_the_portals_own_page(portal: Portal) -> None:
    page = await portal.browser.get("/setup/nobody%2Fknows%20this")
    assert page.status == 404
    assert "Musterdruck" in page.text


async def test_a_file_passes_on_while_it_still_comes(portal: Portal, neighbours: Neighbours) -> None:
    content = [b"%PDF-1.7" + bytes(1_000_000), *[bytes(1_000_000)] * 19]
    sha256 = hashlib.sha256(b"".join(content)).hexdigest()

    async def slowly() -> AsyncIterator[bytes]:
        yield content[0]
        # The gateway has begun before the sender goes on: nothing is gathered on the way.
        await eventually(lambda: neighbours.calls["PUT /sync/cdh/v1/files/{sha256}"])
        for part in content[1:]:
            yield part

    async with portal.session.put(
        f"{portal.server.url}/cdh/v1/files/{sha256}",
        data=slowly(),
        headers={"Authorization": "Bearer key", "Content-Length": str(sum(map(len, content)))},
    ) as response:
        assert (response.status, (await response.json())["sha256"]) == (200, sha256)


async def test_a_file_that_is_too_large_is_refused_with_a_sentence(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(portal.server.authority))
    file = tmp_path / "Plakat.pdf"
    client = Client(portal.server.url, "key", "de")
    file.write_bytes(bytes(20_000_000))
    await asyncio.to_thread(client.upload, file, hashlib.sha256(file.read_bytes()).hexdigest())
    file.write_bytes(bytes(30_000_000))
    with pytest.raises(RefusedError) as refused:
        await asyncio.to_thread(client.upload, file, "0" * 64)
    [said] = refused.value.values
    assert "Die Datei ist größer als 25 MB" in str(said["reason"])


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
