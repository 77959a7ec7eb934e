"""Texts in the reader's language: gettext catalogues read from .po files, numbers and dates by Babel."""

import gettext
import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = ("de", "en")
DEFAULT_LOCALE = "de"


@cache
def load_translations(folder: Path) -> Mapping[str, gettext.NullTranslations]:
    """Locale to catalogue; `folder` holds `de.po`. English is the language of the code itself."""
    translations: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}
    for file in sorted(folder.glob("*.po")):
        with file.open("rb") as source:
            catalogue = read_po(source, locale=file.stem)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        translations[file.stem] = gettext.GNUTranslations(compiled)
    return translations


def choose_locale(*wishes: str | None) -> str:
    """The first of the wishes that we speak; a wish may be a whole Accept-Language header."""
    for wish in wishes:
        for part in (wish or "").split(","):
            language = part.split(";")[0].strip()[:2].lower()
            if language in LOCALES:
                return language
    return DEFAULT_LOCALE


_TWO_DIGITS = tuple(f"{number:02}" for number in range(60))


class Formats:
    """Dates, times, numbers and money as a reader of this locale expects them.

    Babel knows how; asking it for each of a page's many amounts takes 20 µs a time, so its patterns are
    read once and filled in here, without format specifications for two digits, which take 0.5 µs each.
    """

    def __init__(self, locale: str, time_zone: str) -> None:
        self._locale = Locale.parse("de_DE" if locale == "de" else "en_GB")
        self._zone = ZoneInfo(time_zone)
        self._months = dates.get_month_names("abbreviated", locale=self._locale)
        self._group = numbers.get_group_symbol(self._locale)
        self._point = numbers.get_decimal_symbol(self._locale)
        self._frames: dict[str, tuple[str, str]] = {}

    def date(self, value: date | None) -> str:
        """21.11.2026; an aware datetime is taken to the reader's zone first."""
        if value is None:
            return ""
        if isinstance(value, datetime):
            value = value.astimezone(self._zone).date()
        if self._locale.language == "de":
            return f"{_TWO_DIGITS[value.day]}.{_TWO_DIGITS[value.month]}.{value.year}"
        return f"{value.day} {self._months[value.month]} {value.year}"

    def time(self, value: datetime) -> str:
        here = value.astimezone(self._zone)
        return f"{_TWO_DIGITS[here.hour]}:{_TWO_DIGITS[here.minute]}"

    def moment(self, value: datetime | None) -> str:
        """21.11.2026, 14:02"""
        return f"{self.date(value)}, {self.time(value)}" if value else ""

    def money(self, value: Decimal | None, currency: str = "EUR") -> str:
        """1.234,56 €"""
        if value is None:
            return ""
        before, after = self._frame(currency)
        digits = f"{abs(value):,.2f}"
        sign = "-" if value < 0 and digits.strip("0.,") else ""
        return f"{sign}{before}{self._separated(digits)}{after}"

    def number(self, value: Decimal | float | None) -> str:
        """At most three decimals, none that say nothing."""
        if value is None:
            return ""
        digits = f"{value:,.3f}".rstrip("0").rstrip(".")
        return self._separated("0" if digits == "-0" else digits)

    def _separated(self, digits: str) -> str:
        """1,234.5 as it is written here."""
        return digits.replace(",", "_").replace(".", self._point).replace("_", self._group)

    def _frame(self, currency: str) -> tuple[str, str]:
        """What stands before and after the digits of an amount."""
        if currency not in self._frames:
            symbol = numbers.get_currency_symbol(currency, locale=self._locale)
            pattern = self._locale.currency_formats["standard"]
            before, after = (part.replace("¤", symbol) for part in (pattern.prefix[0], pattern.suffix[0]))
            self._frames[currency] = before, after
        return self._frames[currency]


@lru_cache(maxsize=64)
def formats(locale: str, time_zone: str) -> Formats:
    return Formats(locale, time_zone)
