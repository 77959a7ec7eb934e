"""The order of things: as people count (2 before 10), and as somebody moves them."""

import re
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

_DIGITS = re.compile(r"([0-9]+)")


def as_people_count(text: str) -> list[tuple[int, str]]:
    """A key for sorting texts with numbers in them, such as the numbers of positions."""
    parts = [part for part in _DIGITS.split(text) if part]
    return [(int(part), "") if _DIGITS.fullmatch(part) else (-1, part) for part in parts]


def moved(order: Sequence[Item], place: int, *, by: int) -> list[Item]:
    """The same with one of them further up (-1) or down (1), as far as it goes."""
    target = min(max(place + by, 0), len(order) - 1)
    changed = list(order)
    changed.insert(target, changed.pop(place))
    return changed
