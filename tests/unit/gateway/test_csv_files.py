"""Lists as files for a spreadsheet."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services.gateway.csv_files import Cell, write_csv

ZONE = ZoneInfo("Europe/Berlin")


def written(*cells: Cell, locale: str = "de") -> str:
    content = write_csv(["Kopf"], [cells], locale=locale, zone=ZONE)
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets take it for UTF-8 by its mark"
    head, row, end = content.decode("utf-8-sig").split("\r\n")
    assert (head, end) == ('"Kopf"', "")
    return row


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 521", "-x", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "\uff1d1+1"]
)
def test_a_cell_that_would_be_a_formula_is_harmless(text: str) -> None:
    assert write_csv([], [[text]], locale="de", zone=ZONE).decode("utf-8-sig") == f'\r\n"\'{text}"\r\n'


def test_quotes_and_semicolons_stay_in_their_cell() -> None:
    assert written('Hartmann; "Nord"', "x") == '"Hartmann; ""Nord""";"x"'


def test_numbers_and_times_are_those_of_the_reader() -> None:
    row: list[Cell] = [
        Decimal("-12.50"),
        7,
        datetime(2026, 11, 21, 13, 2, tzinfo=UTC),
        date(2026, 1, 2),
        None,
    ]
    assert written(*row) == '"-12,50";"7";"2026-11-21 14:02";"2026-01-02";""'
    assert written(Decimal("-12.50"), locale="en") == '"-12.50"'
