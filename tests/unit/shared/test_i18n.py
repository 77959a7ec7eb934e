"""Dates, money and the choice of the language."""

import datetime as dt
from decimal import Decimal

import pytest
from babel import numbers
from hypothesis import given
from hypothesis import strategies as st

from shared.i18n import Formats, choose_locale, formats

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


@pytest.mark.parametrize("currency", ["EUR", "USD", "CHF", "SEK", "XAU"])
@pytest.mark.parametrize(("locale", "own"), [("de_DE", GERMAN), ("en_GB", ENGLISH)])
def test_an_amount_stands_beside_its_currency_as_babel_writes_it(
    currency: str, locale: str, own: Formats
) -> None:
    assert own.money(Decimal("1234.5"), currency) == numbers.format_currency(
        Decimal("1234.5"), currency, locale=locale
    )


@given(currency=st.text(max_size=4) | st.sampled_from(["E1R", "1.2", "000", "¤¤¤"]))
def test_an_amount_is_shown_whatever_its_currency_is_called(currency: str) -> None:
    assert "1.234,50" in GERMAN.money(Decimal("1234.5"), currency)
    assert "1,234.50" in ENGLISH.money(Decimal("1234.5"), currency)


def test_nothing_is_shown_for_what_is_not_known() -> None:
    assert GERMAN.money(None) == GERMAN.date(None) == GERMAN.moment(None) == GERMAN.number(None) == ""
