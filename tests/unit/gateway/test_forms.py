"""What proves that a form is ours, and where a request came from."""

import ipaddress
from unittest import mock

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from services.gateway.downloads import content_disposition
from services.gateway.forms import FormTokens, is_from_our_pages, local_path, read_form
from services.gateway.sessions import client_address

PUBLIC_URL = "https://portal.example.de"


def request_with(**headers: str) -> web.Request:
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return make_mocked_request("POST", "/login", headers=named)


def test_a_token_is_good_for_its_visitor_only() -> None:
    tokens = FormTokens("secret")
    token = tokens.create("one visitor")
    assert tokens.is_good(token, "one visitor")
    assert not tokens.is_good(token, "another visitor")
    assert not FormTokens("another secret").is_good(token, "one visitor")


def test_a_token_looks_different_each_time() -> None:
    tokens = FormTokens("secret")
    assert tokens.create("visitor") != tokens.create("visitor")


@pytest.mark.parametrize("nonsense", ["", "zz", "00" * 64, "00" * 63, "ä" * 128])
def test_nonsense_is_no_token(nonsense: str) -> None:
    assert not FormTokens("secret").is_good(nonsense, "visitor")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, True),
        ({"Sec_Fetch_Site": "same-origin"}, True),
        ({"Sec_Fetch_Site": "none"}, True),
        ({"Sec_Fetch_Site": "cross-site"}, False),
        ({"Sec_Fetch_Site": "same-site"}, False),
        ({"Sec_Fetch_Site": "cross-site", "Origin": PUBLIC_URL}, False),
        ({"Origin": PUBLIC_URL}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
def test_the_browser_says_where_the_form_stood(headers: dict[str, str], expected: bool) -> None:  # noqa: FBT001
    assert is_from_our_pages(request_with(**headers), PUBLIC_URL) is expected


def a_form(content_type: str | None, body: bytes = b"next=+%2F&locale=deu") -> web.Request:
    """One that has come in whole."""
    stream = aiohttp.StreamReader(mock.Mock(_reading_paused=False), 2**16)
    stream.feed_data(body)
    stream.feed_eof()
    headers = CIMultiDict({"Content-Type": content_type} if content_type is not None else {})
    return make_mocked_request("POST", "/language", headers=headers, payload=stream)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded; charset=none-such",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded; charset=punycode",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=x; charset=utf-8",
        "; charset=punycode",
    ],
)
async def test_what_is_no_form_of_ours_is_a_bad_request_and_never_decoded(
    content_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoding a quarter of a megabyte of Punycode takes half a minute, in which no page is answered."""
    post = mock.AsyncMock()
    monkeypatch.setattr(web.Request, "post", post)
    with pytest.raises(web.HTTPBadRequest):
        await read_form(a_form(content_type))
    post.assert_not_called()


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-8", '; charset="utf-8"'])
async def test_a_form_is_read_as_browsers_and_programs_send_it(charset: str) -> None:
    form = a_form(f"application/x-www-form-urlencoded{charset}")
    assert await read_form(form) == {"next": "/", "locale": "deu"}


async def test_half_a_letter_is_a_bad_request() -> None:
    """Else anybody could fill the log with tracebacks."""
    with pytest.raises(web.HTTPBadRequest):
        await read_form(a_form("application/x-www-form-urlencoded", b"next=\xc3"))


@pytest.mark.parametrize("content_type", [None, "application/octet-stream", "text/plain"])
async def test_what_does_not_say_that_it_is_a_form_is_an_empty_one(content_type: str | None) -> None:
    assert await read_form(a_form(content_type)) == {}


@pytest.mark.parametrize(
    ("forwarded", "remote", "address"),
    [
        ("", "203.0.113.9", "203.0.113.9"),
        ("198.51.100.7", "203.0.113.9", "203.0.113.9"),
        ("198.51.100.7", "10.0.0.2", "198.51.100.7"),
        ("1.2.3.4, 198.51.100.7", "10.0.0.2", "198.51.100.7"),
        ("1.2.3.4, 10.0.0.3", "10.0.0.2", "1.2.3.4"),
        ("nonsense", "10.0.0.2", "10.0.0.2"),
        ("2001:db8::1", "10.0.0.2", "2001:db8::1"),
    ],
)
def test_only_our_own_proxies_are_believed(forwarded: str, remote: str, address: str) -> None:
    request = request_with(**({"X_Forwarded_For": forwarded} if forwarded else {})).clone(remote=remote)
    assert client_address(request, (ipaddress.ip_network("10.0.0.0/8"),)) == address


def test_a_proxy_may_add_a_line_of_its_own() -> None:
    """What the visitor wrote stands in the line before it."""
    headers = CIMultiDict([("X-Forwarded-For", "10.0.0.9"), ("X-Forwarded-For", "198.51.100.7")])
    request = make_mocked_request("POST", "/login", headers=headers).clone(remote="10.0.0.2")
    assert client_address(request, (ipaddress.ip_network("10.0.0.0/8"),)) == "198.51.100.7"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("proof.pdf", "attachment; filename=\"proof.pdf\"; filename*=UTF-8''proof.pdf"),
        ("Größe.pdf", "attachment; filename=\"Gr__e.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf"),
        ('a"b/c\r\n.pdf', "attachment; filename=\"a_b_c.pdf\"; filename*=UTF-8''a%22b_c.pdf"),
    ],
)
def test_a_download_keeps_its_name_and_nothing_else(name: str, header: str) -> None:
    assert content_disposition(name) == header


@pytest.mark.parametrize(
    "foreign",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\r\nSet-Cookie: x=1",
        "javascript:alert(1)",
        "",
        "/\t/evil.example",
    ],
)
def test_after_the_login_nobody_is_sent_to_another_site(foreign: str) -> None:
    assert local_path(foreign) == "/"


@pytest.mark.parametrize("local", ["/", "/proofs/1?a=b", "/orders/x/approve"])
def test_after_the_login_the_page_asked_for_comes(local: str) -> None:
    assert local_path(local) == local
