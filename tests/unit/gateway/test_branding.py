"""The dealer's colour is readable wherever it stands."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from services.gateway.model.branding import READABLE, create_brand
from services.gateway.pages.assets import FOLDER
from shared.colour import Colour, contrast, parse_colour

LIGHT, DARK = (FOLDER / "styles" / "ground.css").read_text("utf-8").split("prefers-color-scheme: dark")


def grounds(style: str) -> list[Colour]:
    """All that text stands on: the page, cards, messages, what the mouse is over."""
    return [
        parse_colour(found)
        for found in re.findall(r"--(?:[a-z]+-)?(?:ground|surface): (#[0-9a-f]{6})", style)
    ]


def test_the_style_names_its_grounds() -> None:
    assert len(grounds(LIGHT)) == len(grounds(DARK)) == 7


@given(st.from_regex(r"\A#[0-9a-f]{6}\Z"))
@example("#d35400")
def test_every_brand_colour_becomes_readable(colour: str) -> None:
    brand = create_brand(colour)
    assert contrast(parse_colour(brand.surface), parse_colour(brand.on_surface)) >= READABLE
    assert all(contrast(parse_colour(brand.on_light), ground) >= READABLE for ground in grounds(LIGHT))
    assert all(contrast(parse_colour(brand.on_dark), ground) >= READABLE for ground in grounds(DARK))
