"""The staff's start page: what waits for whom, and what needs somebody's care."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from aiohttp import web

from services.gateway.asking import all_of, if_available, together
from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.lists import PAGE_SIZE, Paging, Wish, read_wish
from services.gateway.words.notices import Notice
from services.gateway.words.texts import N_
from shared.api.approvals import Queue, VersionRows
from shared.api.auth import InvitationRows
from shared.api.documents import ClerkCard
from shared.errors import NotFoundError
from shared.web import Identity, path_uuid

QUEUES: tuple[Queue, ...] = ("clerk", "order", "customer", "done")
"""First what the clerk has to do, then what waits for others, then what is done."""
TITLES: dict[Queue, str] = {
    "clerk": N_("Waiting for you"),
    "order": N_("Proofs waiting for their order"),
    "customer": N_("Waiting for the customer"),
    "done": N_("Recently approved"),
}
OF_ALL_CLERKS = {**TITLES, "clerk": N_("Waiting for the clerk")}
SHOWN = 10
"""How many of each are on the start page; the rest has a page of its own."""
PEOPLE_SHOWN = 5
EVERYBODYS = "all"


@dataclass(frozen=True)
class People:
    """Open invitations, and who registered lately."""

    invited: InvitationRows
    registered: InvitationRows


async def show_desk(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    wish = read_wish(request, fields=("whose",), sorts=("newest",))
    clients, clerk_code = gateway.clients, _clerk_code(who, wish)
    queues, ((failing, drafts), (clerks, people)) = await together(
        all_of(
            clients.approvals.list_queue(who, queue, clerk_code=clerk_code, page=1, size=SHOWN)
            for queue in QUEUES
        ),
        together(
            together(
                if_available(clients.sync.list_failing_files(who)),
                if_available(clients.mailer.count_drafts(who)),
            ),
            together(if_available(clients.documents.list_clerks(who)), _find_people(request, who)),
        ),
    )
    return gateway.pages.respond(
        request,
        "desk/start.html",
        queues=dict(zip(QUEUES, queues, strict=True)),
        titles=TITLES if clerk_code else OF_ALL_CLERKS,
        shown=SHOWN,
        people=people,
        has_own=bool(who.clerk_code),
        is_own=bool(clerk_code),
        failing_files=failing.files if failing else (),
        drafts=drafts.own if drafts else 0,
        without_email=_without(clerks.clerks if clerks else (), "email"),
        without_picture=_without(clerks.clerks if clerks else (), "picture_sha256"),
    )


async def show_queue(request: web.Request) -> web.Response:
    """All of one kind, page by page."""
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    queue = _queue(request.match_info["queue"])
    wish = read_wish(request, fields=("whose",), sorts=("newest",))
    clerk_code = _clerk_code(who, wish)
    rows: VersionRows = await gateway.clients.approvals.list_queue(
        who, queue, clerk_code=clerk_code, page=wish.page, size=PAGE_SIZE
    )
    paging = Paging(wish, rows.total)
    if paging.is_beyond:
        return gateway.pages.go_on(wish.address(page=paging.page_count))
    return gateway.pages.respond(
        request,
        "desk/queue.html",
        rows=rows.versions,
        title=(TITLES if clerk_code else OF_ALL_CLERKS)[queue],
        paging=paging,
        has_own=bool(who.clerk_code),
        is_own=bool(clerk_code),
    )


async def confirm_changes(request: web.Request) -> web.Response:
    """The clerk answers an approval with changes; what was decided stays as it is."""
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    version_id = path_uuid(request, "version_id")
    version = await gateway.clients.approvals.get_version(who, version_id)
    request[AUDIT_NOTE] = version.order_number
    await gateway.clients.approvals.confirm_changes(who, version_id)
    address = gateway.pages.links("show_proof", version_id=version_id)
    return gateway.pages.go_on(address, notice=Notice.CHANGES_CONFIRMED)


def _clerk_code(who: Identity, wish: Wish) -> str:
    """Whose proofs are shown: at first one's own; nobody's in particular for people without a short code."""
    return "" if wish.fields.get("whose") == EVERYBODYS else who.clerk_code


def _queue(name: str) -> Queue:
    for queue in QUEUES:
        if queue == name:
            return queue
    raise NotFoundError(f"There are {', '.join(get_args(Queue))}.")


def _without(clerks: Sequence[ClerkCard], field: str) -> list[ClerkCard]:
    return [clerk for clerk in clerks if not getattr(clerk, field)]


async def _find_people(request: web.Request, who: Identity) -> People | None:
    auth = gateway_of(request).clients.auth
    query = {"role": "customer", "size": str(PEOPLE_SHOWN)}
    invited, registered = await together(
        if_available(auth.list_invitations(who, query | {"state": "open"})),
        if_available(auth.list_invitations(who, query | {"state": "accepted"})),
    )
    return People(invited, registered) if invited and registered else None


ROUTES = [
    web.get("/desk", show_desk, name="show_desk"),
    web.get("/desk/queues/{queue}", show_queue, name="show_queue"),
    web.post("/desk/proofs/{version_id}/confirm-changes", confirm_changes, name="confirm_changes"),
]
