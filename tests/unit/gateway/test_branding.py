"""The dealer's colour is readable wherever it stands."""

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.model.branding import DARK_GROUND, READABLE, create_brand
from shared.colour import WHITE, contrast, parse_colour


@given(st.from_regex(r"\A#[0-9a-f]{6}\Z"))
def test_every_brand_colour_becomes_readable(colour: str) -> None:
    brand = create_brand(colour)
    assert contrast(parse_colour(brand.surface), parse_colour(brand.on_surface)) >= READABLE
    assert contrast(parse_colour(brand.on_light), WHITE) >= READABLE
    assert contrast(parse_colour(brand.on_dark), DARK_GROUND) >= READABLE
