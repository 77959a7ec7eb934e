"""The shipped statuses in the reader's language."""

import re
from gettext import NullTranslations

import pytest

from services.gateway.pages.rendering import FOLDER
from services.gateway.words.statuses import SHIPPED, tell_status
from shared.i18n import load_translations

SHIPPED_BY_DOCUMENTS = set(
    re.findall(
        r"\('(?:quote|order)\.\w+', '(?:quote|order)', '(\w+)'",
        (FOLDER.parent / "documents" / "migrations" / "0001_create_documents.sql").read_text("utf-8"),
    )
)


@pytest.fixture(scope="module")
def german() -> NullTranslations:
    return load_translations(FOLDER / "locale")["de"]


def test_every_shipped_name_has_words_and_nothing_else_has() -> None:
    assert SHIPPED.keys() == SHIPPED_BY_DOCUMENTS


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_name_is_english_to_english_readers_and_stays_as_it_is_to_german_ones(
    name: str, german: NullTranslations
) -> None:
    assert tell_status(name, str) == SHIPPED[name] != name
    assert tell_status(name, german.gettext) == name


def test_a_name_of_the_dealer_stays_as_he_wrote_it(german: NullTranslations) -> None:
    for name in ("Im Druck", "Created", "angelegt", ""):
        assert tell_status(name, str) == name
        assert tell_status(name, german.gettext) == name
