"""Rules of the pages without input or output: the brand colour's contrast, what belongs where on a page."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.api.approvals import VersionRow

READABLE = 4.5
"""The contrast of text that WCAG 2.2 AA asks for."""
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]*")

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
DARK_GROUND: Colour = (0x1B, 0x20, 0x26)


@dataclass(frozen=True)
class Brand:
    """Colours as #rrggbb: a surface with the text on it, and the same as text on light and on dark ground."""

    surface: str
    on_surface: str
    on_light: str
    on_dark: str


def create_brand(colour: str) -> Brand:
    """The dealer's colour, made readable wherever it is text."""
    own = _parse(colour)
    on_surface = WHITE if contrast(own, WHITE) >= contrast(own, BLACK) else BLACK
    return Brand(
        surface=colour,
        on_surface=_write(on_surface),
        on_light=_write(_readable(own, ground=WHITE, towards=BLACK)),
        on_dark=_write(_readable(own, ground=DARK_GROUND, towards=WHITE)),
    )


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _readable(colour: Colour, *, ground: Colour, towards: Colour) -> Colour:
    for step in range(21):
        red, green, blue = (round(a + (b - a) * step / 20) for a, b in zip(colour, towards, strict=True))
        if contrast((red, green, blue), ground) >= READABLE:
            return red, green, blue
    return towards


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (part / 255 for part in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parse(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _write(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def local_path(wish: str) -> str:
    """A path of this site to go on to, or the start page; never an address somewhere else."""
    return wish if _LOCAL_PATH.fullmatch(wish) else "/"


def initials(name: str) -> str:
    """ "Sabine Berger" → "SB"."""
    words = [word for word in name.split() if word[0].isalpha()]
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in ends).upper()


@dataclass(frozen=True)
class OrderProofs:
    """The newest version of each sample of an order, and how many of them are approved cleanly."""

    newest: tuple[VersionRow, ...]
    approved: int

    def of_position(self, number: str) -> tuple[VersionRow, ...]:
        """The proofs that name this position; those for the whole order stand beside the order only."""
        return tuple(row for row in self.newest if number in row.position_numbers)


def proofs_of_order(versions: Iterable[VersionRow]) -> OrderProofs:
    newest: dict[object, VersionRow] = {}
    for row in versions:
        known = newest.get(row.sample_id)
        if known is None or row.version > known.version:
            newest[row.sample_id] = row
    rows = tuple(sorted(newest.values(), key=lambda row: (row.position_numbers, row.title)))
    return OrderProofs(newest=rows, approved=sum(row.state == "approved" for row in rows))


def newer_version(own: VersionRow, others: Sequence[VersionRow]) -> VersionRow | None:
    """The newest version that came after this one, if any."""
    return max(
        (row for row in others if row.version > own.version), key=lambda row: row.version, default=None
    )
