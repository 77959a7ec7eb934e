"""The rules of the pages: contrast, ways back, initials, which proof is the newest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway import pieces
from services.gateway.model import (
    DARK_GROUND,
    READABLE,
    create_brand,
    local_path,
    newer_version,
    proofs_of_order,
)
from shared.colour import WHITE, contrast, parse_colour
from shared.names import initials


@given(st.from_regex(r"\A#[0-9a-f]{6}\Z"))
def test_every_brand_colour_becomes_readable(colour: str) -> None:
    brand = create_brand(colour)
    assert contrast(parse_colour(brand.surface), parse_colour(brand.on_surface)) >= READABLE
    assert contrast(parse_colour(brand.on_light), WHITE) >= READABLE
    assert contrast(parse_colour(brand.on_dark), DARK_GROUND) >= READABLE


@pytest.mark.parametrize(
    "foreign",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\r\nSet-Cookie: x=1",
        "javascript:alert(1)",
        "",
        "/\t/evil.example",
    ],
)
def test_after_the_login_nobody_is_sent_to_another_site(foreign: str) -> None:
    assert local_path(foreign) == "/"


@pytest.mark.parametrize("local", ["/", "/proofs/1?a=b", "/orders/x/approve"])
def test_after_the_login_the_page_asked_for_comes(local: str) -> None:
    assert local_path(local) == local


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Sabine Berger", "SB"), ("Cher", "C"), ("Dr. Jan van der Meer", "DM"), ("", ""), ("- Özil", "Ö")],
)
def test_initials_stand_for_a_missing_picture(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_an_order_shows_the_newest_version_of_each_sample() -> None:
    old, new = (
        pieces.VERSIONS[0],
        pieces.VERSIONS[1].model_copy(update={"sample_id": pieces.VERSIONS[0].sample_id}),
    )
    other = pieces.VERSIONS[2].model_copy(update={"position_numbers": ("2",)})
    proofs = proofs_of_order([old, new, other])
    assert proofs.newest == (new, other)
    assert proofs.approved == 1
    assert proofs.of_position("2") == (other,)


def test_the_proofs_of_an_order_stand_as_people_count() -> None:
    numbers = [(), ("2",), ("2", "10"), ("10",)]
    rows = [
        row.model_copy(update={"position_numbers": positions})
        for row, positions in zip(pieces.VERSIONS, numbers, strict=False)
    ]
    assert [row.position_numbers for row in proofs_of_order(reversed(rows)).newest] == numbers


def test_approved_with_changes_is_not_counted_as_approved() -> None:
    assert proofs_of_order([pieces.VERSIONS[2]]).approved == 0


def test_a_superseded_version_points_to_the_newest() -> None:
    first, second, third = pieces.VERSIONS[:3]
    assert newer_version(first, [third, second]) == third
    assert newer_version(third, [first, second]) is None
