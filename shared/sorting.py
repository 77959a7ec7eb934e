"""The order in which people count: 2 before 10."""

import re

_DIGITS = re.compile(r"([0-9]+)")


def as_people_count(text: str) -> list[tuple[int, str]]:
    """A key for sorting texts with numbers in them, such as the numbers of positions."""
    parts = [part for part in _DIGITS.split(text) if part]
    return [(int(part), "") if _DIGITS.fullmatch(part) else (-1, part) for part in parts]
