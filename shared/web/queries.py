"""What the address of a list asks for, the same in all services. Each raises InvalidError with its field."""

import datetime as dt
import re
from typing import TypeVar

from aiohttp import web

from shared.errors import InvalidError

ROWS = 100
MOST_ROWS = 1000
"""Enough that a file with everybody is made with few questions."""
MOST_WORDS = 8
Choice = TypeVar("Choice", bound=str)
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


def query_rows(request: web.Request) -> tuple[int, int]:
    """LIMIT and OFFSET: `page` counts from 1 and has `size` rows."""
    size, page = request.query.get("size", str(ROWS)), request.query.get("page", "1")
    if not _NUMBER.fullmatch(size) or int(size) > MOST_ROWS:
        raise InvalidError(f"A list has 1 to {MOST_ROWS} rows.", fields={"size": f"1 to {MOST_ROWS}"})
    if not _NUMBER.fullmatch(page):
        raise InvalidError("There is no such page.", fields={"page": "a number from 1"})
    return int(size), (int(page) - 1) * int(size)


def query_words(request: web.Request) -> tuple[str, ...]:
    """What is searched for, all of it in each row. There is no zero character in what PostgreSQL stores."""
    return tuple(request.query.get("q", "").replace("\0", "").split()[:MOST_WORDS])


def query_choice(request: web.Request, name: str, choices: tuple[Choice, ...]) -> Choice | None:
    """One of `choices`, or None where it is not there or empty."""
    given = request.query.get(name, "")
    for choice in choices:
        if choice == given:
            return choice
    if given:
        raise InvalidError("There is no such choice.", fields={name: ", ".join(choices)})
    return None


def query_date(request: web.Request, name: str) -> dt.date | None:
    """ISO 8601, or None where it is not there."""
    given = request.query.get(name)
    if given is None:
        return None
    try:
        return dt.date.fromisoformat(given)
    except ValueError as error:
        raise InvalidError(f"{name} is no date.", fields={name: "YYYY-MM-DD"}) from error
