"""Lists as files for a spreadsheet: UTF-8 with a mark, semicolons, every cell quoted and harmless."""

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from aiohttp import web

from services.gateway.downloads import content_disposition
from services.gateway.edge import gateway_of, visitor_of

Cell = str | int | Decimal | date | None
"""Numbers stay numbers of the reader's language; a datetime is taken to the portal's time zone."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The wide ones count as well, where the spreadsheet speaks Chinese or Japanese."""


async def csv_response(
    request: web.Request, name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> web.Response:
    """`name` and `head` are texts of the catalogue; the file is called by name and day.

    `rows` are gone through in a thread, since there may be tens of thousands.
    """
    gateway, locale = gateway_of(request), visitor_of(request).locale
    zone = ZoneInfo(gateway.settings.time_zone)
    own_head = [gateway.pages.translate(locale, text) for text in head]
    file_name = f"{gateway.pages.translate(locale, name)} {datetime.now(zone):%Y-%m-%d}.csv"
    return web.Response(
        body=await asyncio.to_thread(write_csv, own_head, rows, locale=locale, zone=zone),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": content_disposition(file_name),
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def write_csv(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, locale: str, zone: ZoneInfo) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_written(cell, locale, zone) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def _written(cell: Cell, locale: str, zone: ZoneInfo) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell.astimezone(zone):%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case Decimal():
            return str(cell).replace(".", ",") if locale == "de" else str(cell)
        case int():
            return str(cell)
    return f"'{cell}" if cell.lstrip(" \n").startswith(_FORMULA_STARTS) else cell
