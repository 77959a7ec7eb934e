"""What a list's address says, and the addresses of its other forms."""

import datetime as dt

import pytest
from aiohttp.test_utils import make_mocked_request

from services.gateway.lists import Paging, Wish, read_date, read_wish

SORTS = ("-date", "number", "-amount")


def wish(query: str) -> Wish:
    return read_wish(make_mocked_request("GET", f"/orders?{query}"), fields=("q", "state"), sorts=SORTS)


def test_a_filter_is_kept_while_sorting_and_paging() -> None:
    asked = wish("q=Polo+rot&state=&sort=number&page=2")
    assert asked.address(page=3) == "/orders?q=Polo+rot&sort=number&page=3"
    assert asked.sort_address("-date") == "/orders?q=Polo+rot"
    assert asked.sort_address("number") == "/orders?q=Polo+rot&sort=-number", "the other way round"


def test_an_empty_address_is_the_newest_first() -> None:
    asked = wish("")
    assert (asked.sort, asked.page, asked.fields) == ("-date", 1, {})
    assert asked.address() == "/orders"
    assert asked.order_of("-date") == "descending"
    assert asked.order_of("number") == "none"
    assert wish("sort=date").order_of("-date") == "ascending"


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=9999999", "sort=salary", "foreign=1"])
def test_nonsense_in_an_address_is_left_out(query: str) -> None:
    assert wish(query) == wish("")


def test_a_search_is_trimmed_and_has_an_end() -> None:
    assert wish("q=+%00a+").fields == {"q": "a"}
    assert len(wish(f"q={'x' * 5000}").fields["q"]) == 100


def test_paging_counts_rows_and_pages() -> None:
    paging = Paging(wish("page=2"), total=170, size=80)
    assert (paging.page_count, paging.first, paging.last) == (3, 81, 160)
    assert (paging.previous, paging.next) == ("/orders", "/orders?page=3")
    last = Paging(wish("page=3"), total=170, size=80)
    assert (last.first, last.last, last.next) == (161, 170, "")
    empty = Paging(wish(""), total=0)
    assert (empty.page_count, empty.previous, empty.next, empty.is_beyond) == (1, "", "", False)
    assert Paging(wish("page=4"), total=170, size=80).is_beyond


@pytest.mark.parametrize("text", ["2026-11-01", "1.11.2026", "01.11.2026"])
def test_a_date_is_read_as_browsers_and_people_write_it(text: str) -> None:
    assert read_date(text) == dt.date(2026, 11, 1)


@pytest.mark.parametrize(
    "text", ["", "31.2.2026", "yesterday", "2026-13-01", "0.0.0000", "9999-12-31", "1.1.0001"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None
