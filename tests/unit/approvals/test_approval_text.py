"""The texts that people agree to."""

import hashlib

import pytest

from services.approvals.approval_text import ApprovalTextUnknownError, current_text, shown_text

# A text that somebody may have agreed to is never edited: give a new wording a new version instead.
LANDED = {
    "de-1": "3d44ea5688c32c28ba5f4c2138a7e9c6e67f3a935d531110ca3d8179f209eb7c",
    "en-1": "1b0ef2441a1bf98f607ac1bd1f6028fce246d2f564c72b0b2d34ab99ae9bd063",
}


@pytest.mark.parametrize("version", LANDED)
def test_a_landed_text_is_never_edited(version: str) -> None:
    text = shown_text(version, "de").text

    assert hashlib.sha256(text.encode()).hexdigest() == LANDED[version]


def test_the_text_says_what_the_trade_demands() -> None:
    german, english = current_text("de").text, current_text("en").text

    for word in ("Risiko", "Bildschirm", "Schreibweise", "Telefonnummern", "Größen", "Menge", "Lieferzeit"):
        assert word in german
    for word in ("risk", "screen", "spelling", "phone numbers", "sizes", "quantity", "delivery time"):
        assert word in english


def test_a_reader_of_another_language_gets_the_german_text() -> None:
    assert current_text("fr").version == current_text("de").version


def test_the_text_that_was_shown_counts_whatever_the_language_now() -> None:
    assert shown_text("en-1", "de").version == "en-1"
    assert shown_text("", "en") == current_text("en")
    with pytest.raises(ApprovalTextUnknownError):
        shown_text("de-0", "de")
