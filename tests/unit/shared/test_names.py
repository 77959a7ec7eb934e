"""Initials of people."""

import pytest

from shared.names import initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Sabine Berger", "SB"), ("Cher", "C"), ("Dr. Jan van der Meer", "DM"), ("", ""), ("- Özil", "Ö")],
)
def test_initials_stand_for_a_missing_picture(name: str, letters: str) -> None:
    assert initials(name) == letters
