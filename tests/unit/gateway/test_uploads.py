"""Forms with files: read part by part, bounded, and refused politely when they are broken."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.gateway.uploads import FIELDS_LIMIT, UploadTooLargeError, open_upload

Client = TestClient[web.Request, web.Application]
LIMIT = 1000


async def _answer(request: web.Request) -> web.Response:
    upload = open_upload(request)
    token, files = await upload.read_token(), []
    async for file in upload.files(limit=LIMIT):
        if file.name == "passed over":
            continue
        try:
            files.append([file.field, file.name, len(await file.read())])
        except UploadTooLargeError:
            files.append([file.field, file.name, "too large"])
    return web.json_response({"token": token, "fields": list(upload.fields.items()), "files": files})


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    application = web.Application(client_max_size=100)
    application.router.add_post("/", _answer)
    async with TestClient(TestServer(application)) as opened:
        yield opened


def _form(fields: dict[str, str] | None = None) -> aiohttp.FormData:
    """As browsers send it: names are not quoted."""
    return aiohttp.FormData(fields or {}, quote_fields=False, default_to_multipart=True)


async def test_fields_and_files_come_in_any_order_after_the_token(client: Client) -> None:
    form = _form({"form_token": "good"})
    form.add_field("position", "1")
    form.add_field("file", b"x" * 10, filename="Entwurf ä.pdf")
    form.add_field("position", " 2 ")
    form.add_field("file", b"x" * (LIMIT + 1), filename="large.pdf")
    form.add_field("file", b"", filename="")
    form.add_field("file", b"x" * 100_000, filename="passed over")
    form.add_field("file", b"x" * LIMIT, filename="last.pdf")
    answer = await (await client.post("/", data=form)).json()
    assert answer == {
        "token": "good",
        "fields": [["position", "1"], ["position", "2"]],
        "files": [
            ["file", "Entwurf ä.pdf", 10],
            ["file", "large.pdf", "too large"],
            ["file", "last.pdf", LIMIT],
        ],
    }


async def test_a_token_that_is_not_the_first_field_is_none(client: Client) -> None:
    form = _form()
    form.add_field("file", b"x", filename="a.pdf")
    form.add_field("form_token", "good")
    assert (await (await client.post("/", data=form)).json())["token"] == ""
    form = _form()
    form.add_field("form_token", b"good", filename="a.pdf")
    assert (await (await client.post("/", data=form)).json())["token"] == ""


async def test_texts_without_end_are_refused(client: Client) -> None:
    form = _form({"form_token": "good"})
    form.add_field("file", b"x", filename="a.pdf")
    form.add_field("title", "x" * FIELDS_LIMIT)
    assert (await client.post("/", data=form)).status == 413


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"form_token=good"),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b""),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=form_token\r\n\r\ngo",
        ),
        ("multipart/form-data; boundary=x", b"--x\r\n\xff\xff: \x00\r\n\r\ngood\r\n--x--"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n\xff\xfe\r\n--x--',
        ),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--",
        ),
    ],
    ids=["no-parts", "no-boundary", "nothing", "cut", "odd-header", "half-a-letter", "nested"],
)
async def test_a_broken_form_is_a_bad_request(client: Client, content_type: str, body: bytes) -> None:
    answer = await client.post("/", data=body, headers={"Content-Type": content_type})
    assert answer.status == 400
