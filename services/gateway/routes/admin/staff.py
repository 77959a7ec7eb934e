"""Clerks and operators: who has an access, who is invited, and whom CDH knows beside them."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from services.gateway.asking import if_available, together
from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form
from services.gateway.routes.admin.invitations import STATE_NAMES
from services.gateway.routes.admin.users import ROLE_NAMES
from services.gateway.words.texts import Faults, tell_faults
from shared.api.auth import AccountRow, Invitation, InviteStaff
from shared.api.documents import ClerkCard
from shared.errors import ConflictError, InvalidError
from shared.web import Identity

MOST = "500"
"""More people than any dealer employs."""


async def show_staff(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    (accounts, invitations), clerks = await together(
        _list_staff(request, who), if_available(gateway.clients.documents.list_clerks(who))
    )
    without_access = _without_access(clerks.clerks, accounts, invitations) if clerks else ()
    return gateway.pages.respond(
        request,
        "admin/staff.html",
        accounts=accounts,
        invitations=invitations,
        clerks=without_access,
        role_names=ROLE_NAMES,
        state_names=STATE_NAMES,
    )


async def _list_staff(
    request: web.Request, who: Identity
) -> tuple[tuple[AccountRow, ...], tuple[Invitation, ...]]:
    auth, staff = gateway_of(request).clients.auth, {"role": "staff", "size": MOST}
    accounts, invitations = await together(
        auth.list_accounts(who, staff), auth.list_invitations(who, {**staff, "state": "open"})
    )
    return accounts.rows, invitations.rows


def _without_access(
    clerks: Sequence[ClerkCard], accounts: Sequence[AccountRow], invitations: Sequence[Invitation]
) -> tuple[ClerkCard, ...]:
    known = {row.clerk_code for row in accounts} | {row.clerk_code for row in invitations}
    return tuple(clerk for clerk in clerks if clerk.clerk_code not in known)


async def edit_staff_invitation(request: web.Request) -> web.Response:
    """Begins with what CDH knows of the clerk whose code the address names."""
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    entered = {"role": "clerk"}
    if code := request.query.get("clerk_code", ""):
        clerks = await if_available(gateway.clients.documents.list_clerks(who))
        for clerk in clerks.clerks if clerks else ():
            if clerk.clerk_code == code:
                entered |= {"name": clerk.name, "email": clerk.email, "clerk_code": code}
    return _form_page(request, entered=entered, errors={})


async def invite_staff(request: web.Request) -> web.Response:
    """The link is shown on the page that answers, and never again."""
    gateway, visitor, form = gateway_of(request), visitor_of(request), await read_form(request)
    who = visitor.require_operator()
    invitation = InviteStaff(
        role="operator" if form.get("role") == "operator" else "clerk",
        email=form.get("email", ""),
        name=form.get("name", ""),
        clerk_code=form.get("clerk_code", ""),
        locale=visitor.locale,
    )
    request[AUDIT_NOTE] = f"{invitation.name}, {invitation.email}, {invitation.role}"
    entered = {name: form.get(name, "") for name in ("role", "name", "email", "clerk_code")}
    try:
        invited = await gateway.clients.auth.invite_staff(who, invitation)
    except (InvalidError, ConflictError) as error:
        return _form_page(request, entered=entered, errors=tell_faults(error))
    path = gateway.pages.links("show_registration", token=invited.token)
    return gateway.pages.respond(
        request,
        "admin/staff_invited.html",
        invitation=invited.invitation,
        link=gateway.settings.public_url + path,
    )


def _form_page(request: web.Request, *, entered: Mapping[str, str], errors: Faults) -> web.Response:
    return gateway_of(request).pages.respond(
        request,
        "admin/staff_invitation.html",
        status=422 if errors else 200,
        entered=entered,
        errors=errors,
    )


ROUTES = [
    web.get("/admin/staff", show_staff, name="show_staff"),
    web.get("/admin/staff/invite", edit_staff_invitation, name="edit_staff_invitation"),
    web.post("/admin/staff/invite", invite_staff, name="invite_staff"),
]
