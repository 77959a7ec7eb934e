"""The audit log: what the staff did, to be searched and taken along."""

import datetime as dt
from zoneinfo import ZoneInfo

from aiohttp import web

from services.gateway import use_cases
from services.gateway.csv_files import Cell, csv_response
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.lists import (
    BACKWARDS,
    NO_DATE,
    PAGE_SIZE,
    Paging,
    Wish,
    is_backwards,
    read_date,
    read_wish,
)
from services.gateway.model.audit import OUTCOMES, LoggedAction, LogSearch, outcome_of
from services.gateway.words import audit as sentences
from services.gateway.words.texts import N_
from shared.web import transaction

CSV_ROWS = 50_000
OUTCOME_NAMES = {
    "done": N_("Done"),
    "refused": N_("Refused"),
    "failed": N_("Failed"),
    "unknown": N_("Outcome not known"),
}
ROLE_NAMES = {"clerk": N_("Clerk"), "operator": N_("Operator")}


async def show_audit_log(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    gateway = gateway_of(request)
    wish = _read_wish(request)
    async with transaction(request) as opened:
        actions, total = await use_cases.search_log(
            opened, _search(request, wish), limit=PAGE_SIZE, offset=(wish.page - 1) * PAGE_SIZE
        )
    paging = Paging(wish, total)
    if paging.is_beyond:
        return gateway.pages.go_on(wish.address(page=paging.page_count))
    return gateway.pages.respond(
        request,
        "admin/audit.html",
        wish=wish,
        paging=paging,
        rows=[(one, sentences.tell(one), outcome_of(one.status)) for one in actions],
        outcome_names=OUTCOME_NAMES,
        role_names=ROLE_NAMES,
        date_faults=_date_faults(wish),
        csv_address=wish.address().replace("/admin/audit", "/admin/audit.csv", 1),
        audit_days=gateway.settings.audit_days,
        csv_rows=CSV_ROWS,
    )


async def download_audit_log(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    async with transaction(request) as opened:
        actions, _ = await use_cases.search_log(
            opened, _search(request, _read_wish(request)), limit=CSV_ROWS, offset=0
        )
    head = (
        N_("Time"),
        N_("Person"),
        N_("Role"),
        N_("What"),
        N_("Details"),
        N_("Parts of the address"),
        N_("Outcome"),
        N_("Trace"),
    )
    return await csv_response(request, N_("Audit log"), head, (_cells(request, one) for one in actions))


def _cells(request: web.Request, action: LoggedAction) -> list[Cell]:
    pages, locale = gateway_of(request).pages, visitor_of(request).locale
    told = sentences.tell(action)
    return [
        action.entered_at,
        action.person_name,
        pages.translate(locale, ROLE_NAMES[action.role]),
        pages.translate(locale, told.text) % told.values,
        action.note,
        ", ".join(f"{name}: {value}" for name, value in action.path_values.items()),
        pages.translate(locale, OUTCOME_NAMES[outcome_of(action.status)]),
        action.correlation_id,
    ]


def _read_wish(request: web.Request) -> Wish:
    return read_wish(request, fields=("q", "from", "until", "outcome"), sorts=("-moment",))


def _search(request: web.Request, wish: Wish) -> LogSearch:
    gateway, visitor = gateway_of(request), visitor_of(request)
    zone = ZoneInfo(gateway.settings.time_zone)
    words = wish.fields.get("q", "")
    first, last = _day(wish, "from"), _day(wish, "until")
    routes = sentences.routes_that_say(words, lambda text: gateway.pages.translate(visitor.locale, text))
    outcome = next((one for one in OUTCOMES if one == wish.fields.get("outcome")), None)
    return LogSearch(
        words=words,
        route_names=tuple(routes) if words else (),
        since=dt.datetime.combine(first, dt.time(), zone) if first else None,
        before=dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone) if last else None,
        outcome=outcome,
    )


def _date_faults(wish: Wish) -> dict[str, str]:
    faults = {name: NO_DATE for name in ("from", "until") if name in wish.fields and not _day(wish, name)}
    if is_backwards(_day(wish, "from"), _day(wish, "until")):
        faults["until"] = BACKWARDS
    return faults


def _day(wish: Wish, name: str) -> dt.date | None:
    return read_date(wish.fields.get(name, ""))


ROUTES = [
    web.get("/admin/audit", show_audit_log, name="show_audit_log"),
    web.get("/admin/audit.csv", download_audit_log, name="download_audit_log"),
]
