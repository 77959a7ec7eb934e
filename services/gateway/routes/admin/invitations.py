"""Open registrations: who is invited and has not registered yet."""

from aiohttp import web

from services.gateway.audit import AUDIT_REFUSED
from services.gateway.csv_files import Cell, csv_response
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.lists import PAGE_SIZE, Paging, Wish, read_all, read_wish
from services.gateway.routes.admin.users import ROLE_NAMES
from services.gateway.routes.desk.drafts import choose_notice
from services.gateway.words.notices import Notice
from services.gateway.words.texts import N_
from shared.api.auth import Invitation, InvitationState
from shared.errors import ConflictError
from shared.web import path_uuid

STATE_NAMES: dict[InvitationState, str] = {
    "open": N_("Invited"),
    "awaiting_confirmation": N_("Confirmation open"),
    "expired": N_("Expired"),
    "accepted": N_("Registered"),
    "cancelled": N_("Cancelled"),
}
ALL = "all"
_CHOICES = {"role": ("customer", "staff"), "state": (ALL, *STATE_NAMES)}
_CSV_HEAD = (
    N_("Name"),
    N_("E-mail address"),
    N_("Role"),
    N_("Customer number"),
    N_("Company"),
    N_("Status"),
    N_("Invited by"),
    N_("Invited on"),
    N_("Last mail"),
    N_("Valid until"),
)


def _read_wish(request: web.Request) -> Wish:
    return read_wish(request, fields=("q", "role", "state"), sorts=("-told_at",), choices=_CHOICES)


def _question(wish: Wish) -> dict[str, str]:
    """Without a state the open ones are asked for."""
    query = {"state": "open", **wish.fields}
    return {name: value for name, value in query.items() if (name, value) != ("state", ALL)}


async def show_invitations(request: web.Request) -> web.Response:
    gateway, who, wish = gateway_of(request), visitor_of(request).require_operator(), _read_wish(request)
    query = {**_question(wish), "page": str(wish.page), "size": str(PAGE_SIZE)}
    found = await gateway.clients.auth.list_invitations(who, query)
    paging = Paging(wish, total=found.total)
    if paging.is_beyond:
        return gateway.pages.go_on(wish.address(page=paging.page_count))
    return gateway.pages.respond(
        request,
        "admin/invitations.html",
        wish=wish,
        paging=paging,
        rows=found.rows,
        csv=gateway.pages.links("download_invitations", wish.fields),
        role_names=ROLE_NAMES,
        state_names=STATE_NAMES,
    )


async def download_invitations(request: web.Request) -> web.Response:
    """What the filter shows, whole."""
    gateway, who, wish = gateway_of(request), visitor_of(request).require_operator(), _read_wish(request)
    rows = await read_all(lambda query: gateway.clients.auth.list_invitations(who, query), _question(wish))
    tell, locale = gateway.pages.translate, visitor_of(request).locale

    def cells(row: Invitation) -> tuple[Cell, ...]:
        return (
            row.name,
            row.email,
            tell(locale, ROLE_NAMES[row.role]),
            row.customer_number,
            row.customer_name,
            tell(locale, STATE_NAMES[row.state]),
            row.invited_by,
            row.invited_at,
            row.told_at,
            row.expires_at,
        )

    return await csv_response(request, N_("Registrations"), _CSV_HEAD, map(cells, rows))


async def resend_invitation(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    try:
        invitation = await gateway.clients.auth.resend_invitation(who, path_uuid(request, "invitation_id"))
    except ConflictError:
        return _back(request, Notice.INVITATION_CLOSED)
    notice = Notice.INVITATION_RESENT  # what invites staff is never a draft
    if invitation.role == "customer":
        notice = await choose_notice(request, notice, by_draft=Notice.INVITATION_RESENT_BY_DRAFT)
    return _back(request, notice)


async def cancel_invitation(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    try:
        await gateway.clients.auth.cancel_invitation(who, path_uuid(request, "invitation_id"))
    except ConflictError:
        return _back(request, Notice.INVITATION_CLOSED)
    return _back(request, Notice.INVITATION_CANCELLED)


def _back(request: web.Request, notice: Notice) -> web.Response:
    pages = gateway_of(request).pages
    request[AUDIT_REFUSED] = notice is Notice.INVITATION_CLOSED
    return pages.go_on(pages.links("show_invitations"), notice=notice)


ROUTES = [
    web.get("/admin/invitations", show_invitations, name="show_invitations"),
    web.get("/admin/invitations.csv", download_invitations, name="download_invitations"),
    web.post("/admin/invitations/{invitation_id}/resend", resend_invitation, name="resend_invitation"),
    web.post("/admin/invitations/{invitation_id}/cancel", cancel_invitation, name="cancel_invitation"),
]
