"""The texts that people agree to."""

import hashlib

import pytest

from services.approvals.approval_text import ApprovalTextUnknownError, current_text, shown_text

# A text that somebody may have agreed to is never edited: give a new wording a new version instead.
LANDED = {
    "de-3-changes": "2e675ee0b68b41dfd5f695e015d773255131f1f9b8a2900c4dfe7b90d30803d3",
    "en-3-changes": "acadca63d0b3785bdcf1ed8323b739ca4b9ece4000de076587500e1182e28ec8",
    "de-2": "5454fb3d9363544a133f5ee8845eb6b51eca3b7b2132e5cd3b00685d759aba70",
    "de-2-changes": "599e172d2298e0aa60d4b370fb05063eceee2a94b9c19d6d59e85b62e5205498",
    "en-2": "6e6104b2443e551a3c00e92372d33179aab3a76d45d4ac11ef944b7b79785b43",
    "en-2-changes": "09f113add011fe337431c967336b1eb52c10ba4450a7a3cdfb68a17442a247bb",
    "de-1": "3d44ea5688c32c28ba5f4c2138a7e9c6e67f3a935d531110ca3d8179f209eb7c",
    "en-1": "1b0ef2441a1bf98f607ac1bd1f6028fce246d2f564c72b0b2d34ab99ae9bd063",
}


@pytest.mark.parametrize("version", LANDED)
def test_a_landed_text_is_never_edited(version: str) -> None:
    text = shown_text(version, "de", with_changes=version.endswith("-changes")).text

    assert hashlib.sha256(text.encode()).hexdigest() == LANDED[version]


def test_the_text_says_what_the_trade_demands() -> None:
    german, english = current_text("de").text, current_text("en").text

    for word in ("Risiko", "Bildschirm", "Schreibweise", "Telefonnummern", "Größen", "Menge", "Lieferzeit"):
        assert word in german
    for word in ("risk", "screen", "spelling", "phone numbers", "sizes", "quantity", "delivery time"):
        assert word in english


@pytest.mark.parametrize(("locale", "condition"), [("de", "Änderungen"), ("en", "changes")])
def test_only_who_approves_with_changes_agrees_to_the_condition(locale: str, condition: str) -> None:
    assert condition not in current_text(locale).text
    assert condition in current_text(locale, with_changes=True).text


def test_with_changes_what_is_made_is_the_proof_with_these_changes() -> None:
    german = current_text("de", with_changes=True).text
    english = current_text("en", with_changes=True).text

    assert "Gefertigt wird, was das Freigabemuster zeigt, mit diesen Änderungen." in german
    assert "mit der Bestätigung beginnt die Lieferzeit" in german
    assert "mit der Freigabe" not in german
    assert "what the proof shows will be made, with these changes." in english
    assert "delivery time starts with the confirmation" in english


def test_a_reader_of_another_language_gets_the_german_text() -> None:
    assert current_text("fr").version == current_text("de").version


def test_the_text_that_was_shown_counts_whatever_the_language_now() -> None:
    assert shown_text("en-1", "de").version == "en-1"
    assert shown_text("", "en") == current_text("en")
    with pytest.raises(ApprovalTextUnknownError):
        shown_text("de-0", "de")


@pytest.mark.parametrize(("version", "with_changes"), [("de-2", True), ("de-3-changes", False)])
def test_nobody_agrees_to_the_text_of_another_kind_of_approval(version: str, with_changes: bool) -> None:  # noqa: FBT001 - a case of the test
    with pytest.raises(ApprovalTextUnknownError):
        shown_text(version, "de", with_changes=with_changes)


def test_the_first_texts_were_of_both_kinds() -> None:
    assert shown_text("de-1", "de", with_changes=True) == shown_text("de-1", "de")
