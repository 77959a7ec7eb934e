"""Rules of the gateway without input or output: the company's look, what belongs where on a page."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Literal, TypeVar, get_args
from uuid import UUID

from shared.api.approvals import VersionRow
from shared.colour import BLACK, WHITE, Colour, contrast, parse_colour, text_colour_on, write_colour
from shared.sorting import as_people_count

READABLE = 4.5
"""The contrast of text that WCAG 2.2 AA asks for."""
Item = TypeVar("Item")
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]*")

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
    own = parse_colour(colour)
    return Brand(
        surface=colour,
        on_surface=write_colour(text_colour_on(own)),
        on_light=write_colour(_readable(own, ground=WHITE, towards=BLACK)),
        on_dark=write_colour(_readable(own, ground=DARK_GROUND, towards=WHITE)),
    )


def _readable(colour: Colour, *, ground: Colour, towards: Colour) -> Colour:
    for step in range(21):
        red, green, blue = (round(a + (b - a) * step / 20) for a, b in zip(colour, towards, strict=True))
        if contrast((red, green, blue), ground) >= READABLE:
            return red, green, blue
    return towards


def read_colour(text: str) -> str:
    """#rrggbb out of what people type (0F5C8C, #abc); empty where it is no colour."""
    digits = text.strip().removeprefix("#").lower()
    if re.fullmatch(r"[0-9a-f]{3}", digits):
        digits = "".join(2 * digit for digit in digits)
    return f"#{digits}" if re.fullmatch(r"[0-9a-f]{6}", digits) else ""


@dataclass(frozen=True)
class ColourFacts:
    """How well the company's colour can be read: contrast ratios, and what text in it becomes."""

    brand: Brand
    text_is_white: bool
    text_contrast: float
    contrast_on_light: float

    @property
    def is_darkened(self) -> bool:
        return self.brand.on_light != self.brand.surface

    @property
    def is_lightened(self) -> bool:
        return self.brand.on_dark != self.brand.surface


def colour_facts(colour: str) -> ColourFacts:
    own, brand = parse_colour(colour), create_brand(colour)
    return ColourFacts(
        brand=brand,
        text_is_white=text_colour_on(own) == WHITE,
        text_contrast=contrast(own, text_colour_on(own)),
        contrast_on_light=contrast(own, WHITE),
    )


def fit(width: int, height: int, *, into: tuple[int, int]) -> tuple[int, int]:
    """The size of a picture within a box, never enlarged."""
    factor = min(into[0] / width, into[1] / height, 1)
    return max(1, round(width * factor)), max(1, round(height * factor))


def moved(order: Sequence[Item], place: int, *, by: int) -> list[Item]:
    """The same with one of them further up (-1) or down (1), as far as it goes."""
    target = min(max(place + by, 0), len(order) - 1)
    changed = list(order)
    changed.insert(target, changed.pop(place))
    return changed


def local_path(wish: str) -> str:
    """A path of this site to go on to, or the start page; never an address somewhere else."""
    return wish if _LOCAL_PATH.fullmatch(wish) else "/"


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
    rows = tuple(sorted(newest.values(), key=_place))
    return OrderProofs(newest=rows, approved=sum(row.state == "approved" for row in rows))


def _place(row: VersionRow) -> tuple[list[list[tuple[int, str]]], str]:
    return [as_people_count(number) for number in row.position_numbers], row.title


def newer_version(own: VersionRow, others: Sequence[VersionRow]) -> VersionRow | None:
    """The newest version that came after this one, if any."""
    return max(
        (row for row in others if row.version > own.version), key=lambda row: row.version, default=None
    )


@dataclass(frozen=True)
class Logo:
    """A PNG in the storage; `size` in bytes, width and height in pixels."""

    sha256: str
    size: int
    width: int
    height: int


@dataclass(frozen=True)
class Branding:
    """What the operator has set of the company's look; what is empty follows the settings.

    `legal_texts` maps ("imprint" or "privacy", language) to what he wrote.
    """

    revision: int = 0
    company_name: str = ""
    colour: str = ""
    mail_imprint: str = ""
    logo: Logo | None = None
    legal_texts: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditEntry:
    """Somebody of the staff is about to do something. `path_values` are the parts of the address."""

    entered_at: datetime
    account_id: UUID | None
    person_name: str
    role: str
    route_name: str
    path_values: Mapping[str, str]
    correlation_id: str


def titles_of(file_names: Sequence[str], title: str) -> list[str]:
    """The title of the sample that each file becomes. One file takes the given title, or none.

    Several are told apart by their names, with the ending where these are alike, else they would be
    versions of one another.
    """
    if len(file_names) == 1:
        return [title]
    stems = [name.rpartition(".")[0] or name for name in file_names]
    taken: set[str] = set()
    titles = []
    for name, stem in zip(file_names, stems, strict=True):
        words = stem if stems.count(stem) == 1 else name
        own = next(one for one in _numbered(" ".join(filter(None, (title, words)))) if one not in taken)
        taken.add(own)
        titles.append(own)
    return titles


def _numbered(text: str) -> Iterator[str]:
    """The text, and then with a number: "Logo", "Logo (2)", …"""
    yield text
    for number in count(2):
        yield f"{text} ({number})"


@dataclass(frozen=True)
class LoggedAction(AuditEntry):
    """The same with how it ended; `status` is None as long as that is not known."""

    status: int | None
    note: str


Outcome = Literal["done", "refused", "failed", "unknown"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def outcome_of(status: int | None) -> Outcome:
    """A status below 400 is done, one from 500 on failed; none was cut before its end was written."""
    if status is None:
        return "unknown"
    return "done" if status < 400 else "refused" if status < 500 else "failed"


@dataclass(frozen=True)
class LogSearch:
    """What is looked for in the log. `route_names` are those whose sentence has the words."""

    words: str = ""
    route_names: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None
    outcome: Outcome | None = None
