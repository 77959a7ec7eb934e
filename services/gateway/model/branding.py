"""The company's look: its colours made readable, its logo, its legal texts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.colour import BLACK, WHITE, Colour, contrast, parse_colour, text_colour_on, write_colour

READABLE = 4.5
"""The contrast of text that WCAG 2.2 AA asks for."""

LIGHT_GROUND: Colour = (0xEA, 0xED, 0xF0)
DARK_GROUND: Colour = (0x27, 0x2E, 0x36)
"""The grounds of ground.css that are hardest to read on: the darkest light one and the lightest dark one."""


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
        on_light=write_colour(_readable(own, ground=LIGHT_GROUND, towards=BLACK)),
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
        contrast_on_light=contrast(own, LIGHT_GROUND),
    )


def fit(width: int, height: int, *, into: tuple[int, int]) -> tuple[int, int]:
    """The size of a picture within a box, never enlarged."""
    factor = min(into[0] / width, into[1] / height, 1)
    return max(1, round(width * factor)), max(1, round(height * factor))


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
