"""The staff's start page: what waits for whom."""

from aiohttp import web

from services.gateway.asking import all_of, if_available, together
from services.gateway.edge import gateway_of, visitor_of
from shared.api.approvals import VersionRow, VersionState

SHOWN_STATES: tuple[VersionState, ...] = (
    "changes_requested",
    "approved_with_changes",
    "outdated",
    "waiting_for_order",
    "preparing",
    "pending",
    "approved",
)
"""First what the clerk has to do, then what waits for the customer, then what is done."""
LATELY = 10
"""How many of the approved ones are shown."""


async def show_desk(request: web.Request) -> web.Response:
    gateway, visitor = gateway_of(request), visitor_of(request)
    who = visitor.require_staff()
    answers, failing = await together(
        all_of(gateway.clients.approvals.list_versions(who, state) for state in SHOWN_STATES),
        if_available(gateway.clients.sync.list_failing_files(who)),
    )
    versions: dict[str, tuple[VersionRow, ...]] = {
        state: answer.versions for state, answer in zip(SHOWN_STATES, answers, strict=True)
    }
    totals = {state: answer.total for state, answer in zip(SHOWN_STATES, answers, strict=True)}
    return gateway.pages.respond(
        request,
        "desk/start.html",
        versions=versions,
        totals=totals,
        lately=LATELY,
        failing_files=failing.files if failing else (),
    )


ROUTES = [web.get("/desk", show_desk, name="show_desk")]
