"""What the address of a list says: its filter, its order, which page of it; and links to its other forms."""

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from services.gateway.words.texts import N_
from shared.web import MOST_ROWS

PAGE_SIZE = 80
LONGEST_FIELD = 100
NO_DATE = N_("Please enter a date such as 2026-12-31.")
BACKWARDS = N_("This date is before the one in “From”. Please swap the two.")
_PAGE = re.compile(r"[1-9][0-9]{0,5}")
_GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


Row_co = TypeVar("Row_co", covariant=True)
Row = TypeVar("Row")


class Found(Protocol[Row_co]):
    """A page of a list, as a service answers."""

    @property
    def rows(self) -> Sequence[Row_co]: ...

    @property
    def total(self) -> int: ...


@dataclass(frozen=True)
class Wish:
    """A list as its address asks for it. `fields` holds what the filter really says, nothing empty.

    `sort` is the name of a column, with "-" before it where the largest or newest comes first.
    """

    path: str
    fields: Mapping[str, str]
    sort: str
    default_sort: str
    page: int = 1

    def address(self, *, sort: str | None = None, page: int = 1) -> str:
        """The same list, sorted in another way or on another page."""
        sort = sort or self.sort
        query = dict(self.fields)
        if sort != self.default_sort:
            query["sort"] = sort
        if page > 1:
            query["page"] = str(page)
        return f"{self.path}?{urlencode(query)}" if query else self.path

    def sort_address(self, column: str) -> str:
        """Sorted by this column, the other way round where it is already; its "-" is the first direction."""
        return self.address(sort=_turned(column) if self.sort == column else column)

    def order_of(self, column: str) -> str:
        """For aria-sort."""
        if self.sort.removeprefix("-") != column.removeprefix("-"):
            return "none"
        return "descending" if self.sort.startswith("-") else "ascending"


def _turned(sort: str) -> str:
    return sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"


def read_wish(
    request: web.Request,
    *,
    fields: Iterable[str],
    sorts: Sequence[str],
    choices: Mapping[str, Iterable[str]] | None = None,
) -> Wish:
    """From the address; `sorts` are the columns, the first is the default.

    A field of `choices` says one of them. Nonsense in an address is left out.
    """
    query, choices = request.query, choices or {}
    page, sort = query.get("page", ""), query.get("sort", "")
    given = {name: query.get(name, "").replace("\0", "").strip()[:LONGEST_FIELD] for name in fields}
    return Wish(
        path=request.path,
        fields={
            name: value
            for name, value in given.items()
            if value and (name not in choices or value in choices[name])
        },
        sort=sort if sort in {*sorts, *map(_turned, sorts)} else sorts[0],
        default_sort=sorts[0],
        page=int(page) if _PAGE.fullmatch(page) else 1,
    )


@dataclass(frozen=True)
class Paging:
    """Where in the list this page stands; `first` and `last` count the rows from 1."""

    wish: Wish
    total: int
    size: int = PAGE_SIZE

    @property
    def page(self) -> int:
        return self.wish.page

    @property
    def page_count(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def is_beyond(self) -> bool:
        return self.page > self.page_count

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)

    @property
    def previous(self) -> str:
        """The address of the page before, or nothing."""
        return self.wish.address(page=self.page - 1) if self.page > 1 else ""

    @property
    def next(self) -> str:
        return self.wish.address(page=self.page + 1) if self.page < self.page_count else ""


async def read_all(
    ask: Callable[[Mapping[str, str]], Awaitable[Found[Row]]], query: Mapping[str, str]
) -> list[Row]:
    """The rows of all pages, for a file that holds the whole list."""
    rows: list[Row] = []
    page = 1
    while True:
        found = await ask({**query, "page": str(page), "size": str(MOST_ROWS)})
        rows += found.rows
        if not found.rows or len(rows) >= found.total:
            return rows
        page += 1


def is_backwards(first: dt.date | None, last: dt.date | None) -> bool:
    """Whether a period ends before it begins, so that nothing can lie in it."""
    return first is not None and last is not None and last < first


def read_date(text: str) -> dt.date | None:
    """2026-11-21, as a date field sends it, or 21.11.2026, as people type it; None for anything else.

    Only in years that people know: the day after the last one there is, or the first one in another time
    zone, cannot be told.
    """
    if german := _GERMAN_DATE.fullmatch(text):
        day, month, year = map(int, german.groups())
        text = f"{year:04}-{month:02}-{day:02}"
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return date if 1900 <= date.year <= 2200 else None
