"""Dates, money and the choice of the language."""

import datetime as dt
from decimal import Decimal

import pytest

from shared.i18n import choose_locale, formats

GERMAN = formats("de", "Europe/Berlin")
ENGLISH = formats("en", "Europe/Berlin")


@pytest.mark.parametrize(
    ("wishes", "locale"),
    [
        (("en",), "en"),
        ((None, "en-US,en;q=0.9,de;q=0.8"), "en"),
        ((None, "fr-FR,fr;q=0.9,en;q=0.8"), "en"),
        (("", "fr"), "de"),
        (("xx", None), "de"),
        ((), "de"),
    ],
)
def test_the_first_wish_that_we_speak_is_taken(wishes: tuple[str | None, ...], locale: str) -> None:
    assert choose_locale(*wishes) == locale


def test_germans_read_german_dates_and_money() -> None:
    moment = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)
    assert GERMAN.moment(moment) == "22.11.2026, 00:30"
    assert GERMAN.date(dt.date(2026, 3, 1)) == "01.03.2026"
    assert GERMAN.money(Decimal("1234.56")) == "1.234,56\N{NO-BREAK SPACE}€"
    assert GERMAN.number(Decimal("1250.5")) == "1.250,5"


def test_english_readers_read_english_dates_and_money() -> None:
    assert ENGLISH.date(dt.date(2026, 3, 1)) == "1 Mar 2026"
    assert ENGLISH.money(Decimal("1234.56")) == "€1,234.56"


def test_nothing_is_shown_for_what_is_not_known() -> None:
    assert GERMAN.money(None) == GERMAN.date(None) == GERMAN.moment(None) == GERMAN.number(None) == ""
