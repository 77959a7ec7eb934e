"""Pictures, downloads, style sheets, and CDH's door."""

import asyncio
import gzip
import hashlib
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest

from services.gateway import app, silence
from tests.integration.gateway.conftest import Browser, StartGateway
from tests.integration.gateway.neighbours import Neighbours
from tests.support import eventually


async def test_a_page_picture_is_kept_by_the_browser_and_told_by_its_hash(
    customer: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version()
    address = f"/proofs/{version.version_id}/pages/1"
    picture = await customer.get(address)
    assert picture.headers["Content-Type"] == "image/webp"
    assert picture.headers["Cache-Control"].startswith("private, max-age=")
    assert picture.headers["ETag"] == f'"{hashlib.sha256(picture.body).hexdigest()}"'
    assert (await customer.get(address, If_None_Match=picture.headers["ETag"])).status == 304
    thumb = await customer.get(f"{address}?width=thumb")
    assert len(thumb.body) < len(picture.body)
    for number in ("2", "x", "-1", "99999", "²"):
        assert (await customer.get(f"/proofs/{version.version_id}/pages/{number}")).status == 404


async def test_a_file_is_handed_out_byte_for_byte_with_its_name(
    customer: Browser, neighbours: Neighbours
) -> None:
    file = neighbours.add_file(b"%PDF-1.7 0123456789", "Größe & Co.pdf")
    version = neighbours.add_version(file=file)
    address = f"/proofs/{version.version_id}/file"
    answer = await customer.get(address)
    assert answer.body == b"%PDF-1.7 0123456789"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%26%20Co.pdf" in answer.headers["Content-Disposition"]
    part = await customer.get(address, Range="bytes=9-12")
    assert (part.status, part.body) == (206, b"0123")


async def test_what_a_browser_might_run_is_never_shown_inline(
    customer: Browser, neighbours: Neighbours
) -> None:
    for media_type in ("image/svg+xml", "text/html", "application/postscript"):
        file = neighbours.add_file(f"<svg>{media_type}".encode(), "logo.svg", media_type)
        version = neighbours.add_version(file=file)
        answer = await customer.get(f"/proofs/{version.version_id}/file")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_the_record_is_there_once_it_exists(customer: Browser, neighbours: Neighbours) -> None:
    pending, decided = neighbours.add_version(), neighbours.add_version("approved")
    assert (await customer.get(f"/proofs/{pending.version_id}/record")).status == 404
    record = await customer.get(f"/proofs/{decided.version_id}/record")
    assert record.body.startswith(b"%PDF")


async def test_a_clerks_picture_is_shown_only_if_it_is_one(customer: Browser, neighbours: Neighbours) -> None:
    assert (await customer.get("/clerks/SB/picture")).status == 404
    neighbours.clerk_picture = neighbours.add_file(b"<html>", "x").sha256
    assert (await customer.get("/clerks/SB/picture")).status == 404
    neighbours.clerk_picture = neighbours.add_file(b"\x89PNG\r\n\x1a\nrest", "x").sha256
    picture = await customer.get("/clerks/SB/picture")
    assert picture.headers["Content-Type"] == "image/png"
    neighbours.clerk_picture = "0" * 64
    assert (await customer.get("/clerks/SB/picture")).status == 404


async def test_style_and_scripts_are_packed_and_kept_for_ever(browser: Browser) -> None:
    page = await browser.get("/login")
    addresses = set(re.findall(r"/static/[^\"]+", page.text))
    assert len(addresses) == 4
    for address in addresses:
        asset = await browser.get(address, Accept_Encoding="gzip")
        assert asset.status == 200
        assert asset.headers["Content-Encoding"] == "gzip"
        assert "immutable" in asset.headers["Cache-Control"]
        assert "Set-Cookie" not in asset.headers
        plain = await browser.get(address, Accept_Encoding="identity")
        assert "Content-Encoding" not in plain.headers
        assert plain.body == asset.body


async def test_what_cdh_brings_is_passed_on_as_it_comes(customer: Browser, neighbours: Neighbours) -> None:
    content = b"%PDF" + b"x" * 300_000
    sha256 = hashlib.sha256(content).hexdigest()
    answer = await customer.send(
        "PUT", f"/cdh/v1/files/{sha256}", headers={"Authorization": "Bearer key"}, content=content
    )
    assert answer.status == 200
    assert sha256 in answer.text
    [(path, headers, size)] = neighbours.received
    assert (path, size) == (f"/sync/cdh/v1/files/{sha256}", len(content))
    assert headers["Authorization"] == "Bearer key"
    assert "Cookie" not in headers
    assert "X-Cockpit-Identity" not in headers
    assert answer.cookies == {}


async def test_sync_decides_about_the_key(browser: Browser) -> None:
    assert (await browser.send("POST", "/cdh/v1/events", content=b"{}")).status == 401


async def test_a_body_that_is_too_large_is_refused_announced_or_not(
    start_gateway: StartGateway, neighbours: Neighbours
) -> None:
    address = await start_gateway(max_file_mb=1)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 50_000

    async with aiohttp.ClientSession(headers={"Authorization": "Bearer key"}) as session:
        path = f"{address}/cdh/v1/files/{'0' * 64}"
        async with session.put(path, data=io.BytesIO(b"x" * 1_000_001)) as announced:
            assert announced.status == 413
            assert (await announced.json())["message"] == "Die Datei ist größer als 1 MB."
        async with session.put(path, data=chunks()) as streamed:
            assert streamed.status == 413
        async with session.post(f"{address}/cdh/v1/events", data=io.BytesIO(b"x" * 9_000_000)) as events:
            assert events.status == 413
        async with session.put(f"{address}/cdh/v1/files/..%2f..", data=b"x") as odd:
            assert odd.status == 404


async def test_what_is_sent_packed_is_unpacked_for_nobody(
    customer: Browser, browser: Browser, neighbours: Neighbours
) -> None:
    packed = gzip.compress(b"form_token=" + (await customer.get("/account")).form_token.encode())
    headers = {"Content-Encoding": "gzip", "Authorization": "Bearer key"}
    form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    assert (await customer.send("POST", "/logout", headers=form, content=packed)).status == 400
    for method, path in (("PUT", f"/cdh/v1/files/{'0' * 64}"), ("POST", "/cdh/v1/events")):
        answer = await browser.send(method, path, headers=headers, content=packed)
        assert answer.status == 415
        assert json.loads(answer.body)["message"] == "Bitte senden Sie ohne Content-Encoding."
        plain = {**headers, "Content-Encoding": "identity"}
        assert (await browser.send(method, path, headers=plain, content=b"x")).status == 200
    assert [size for _, _, size in neighbours.received] == [1, 1]


async def test_to_a_large_body_of_a_stranger_nobody_listens(browser: Browser, neighbours: Neighbours) -> None:
    host, port = browser.address.removeprefix("http://").split(":")
    for call in (f"PUT /cdh/v1/files/{'0' * 64}", "POST /cdh/v1/events"):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"{call} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 900000000\r\n\r\nx".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 401 ")
        assert b"Connection: close" in head
        writer.close()
    assert neighbours.received == []


async def test_cdh_hears_when_sync_is_away(browser: Browser, neighbours: Neighbours) -> None:
    neighbours.down = {"sync"}
    answer = await browser.send(
        "POST", "/cdh/v1/events", headers={"Authorization": "Bearer key"}, content=b"{}"
    )
    assert answer.status == 503


async def test_where_a_service_runs_is_told_to_nobody(start_gateway: StartGateway) -> None:
    address = await start_gateway(sync_url="http://127.0.0.1:9")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{address}/cdh/v1/events", data=b"{}") as answer,
    ):
        assert answer.status == 503
        assert "127.0.0.1" not in await answer.text()


@asynccontextmanager
async def an_upload_that_stops(address: str) -> AsyncIterator[asyncio.StreamReader]:
    """Ten bytes of a file have come, and no more will. What is answered can be read."""
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"PUT /cdh/v1/files/{'0' * 64} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer key\r\n"
        "Content-Length: 1000000\r\n\r\n0123456789".encode()
    )
    try:
        yield reader
    finally:
        writer.close()


async def test_no_page_waits_for_uploads_that_do_not_come(
    start_gateway: StartGateway, customer: Browser, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "CONNECTIONS", 2)
    monkeypatch.setattr(app, "STREAMS", 2)
    customer.address = await start_gateway()
    content = b"%PDF-1.7"
    async with an_upload_that_stops(customer.address):
        async with an_upload_that_stops(customer.address):
            await eventually(lambda: neighbours.calls["PUT /sync/cdh/v1/files/{sha256}"] == 2)
            assert (await customer.get("/proofs")).status == 200
            waits_for_its_turn = asyncio.create_task(
                customer.send(
                    "PUT",
                    f"/cdh/v1/files/{hashlib.sha256(content).hexdigest()}",
                    headers={"Authorization": "Bearer key"},
                    content=content,
                )
            )
            assert (await customer.get("/proofs")).status == 200
            assert neighbours.calls["PUT /sync/cdh/v1/files/{sha256}"] == 2
        assert (await waits_for_its_turn).status == 200


async def test_strangers_who_send_nothing_take_no_place_from_cdh(
    start_gateway: StartGateway, customer: Browser, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "STREAMS", 2)
    customer.address = await start_gateway()
    host, port = customer.address.removeprefix("http://").split(":")
    async with AsyncExitStack() as open_lines:
        for _ in range(app.STREAMS + 1):
            _, writer = await asyncio.open_connection(host, int(port))
            open_lines.callback(writer.close)
            writer.write(
                f"POST /cdh/v1/events HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\n".encode()
            )
        await eventually(lambda: neighbours.calls["POST /sync/cdh/v1/events"], is_=app.STREAMS + 1)
        told = await customer.send(
            "POST", "/cdh/v1/events", headers={"Authorization": "Bearer key"}, content=b"{}"
        )
        assert told.status == 200


async def test_who_sends_nothing_more_is_told_so(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "SILENCE_SECONDS", 0.05)
    async with an_upload_that_stops(browser.address) as answer:
        head = await answer.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert "Bitte senden Sie" in json.loads(await answer.readuntil(b"}}"))["message"]
