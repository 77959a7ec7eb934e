"""From an invitation to an access: registering, and confirming an address by the link in a mail.

GET only shows: scanners of mails open links.
"""

from aiohttp import web

from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form, read_password
from services.gateway.routes.login import enter, link_over_page
from services.gateway.words.notices import Notice
from services.gateway.words.texts import Faults, tell_faults
from shared.api.auth import AcceptInvitation, ConfirmEmail, OpenConfirmation, OpenInvitation
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


async def show_registration(request: web.Request) -> web.Response:
    gateway, token = gateway_of(request), request.match_info["token"]
    try:
        invitation = await gateway.clients.auth.find_invitation(token)
    except NotFoundError:
        return link_over_page(request, "invitation")
    if invitation.awaiting_email and "again" not in request.query:
        again = gateway.pages.links("show_registration", {"again": "yes"}, token=token)
        return gateway.pages.respond(
            request, "account/awaiting_confirmation.html", invitation=invitation, again=again
        )
    entered = {"name": invitation.name, "email": invitation.email}
    return _registration_page(request, invitation, entered=entered, errors={})


async def register(request: web.Request) -> web.Response:
    gateway, form, token = gateway_of(request), await read_form(request), request.match_info["token"]
    acceptance = AcceptInvitation(
        token=token,
        name=form.get("name", ""),
        email=form.get("email", ""),
        password=await read_password(request),
        locale=visitor_of(request).locale,
    )
    try:
        accepted = await gateway.clients.auth.accept_invitation(acceptance)
    except NotFoundError:
        return link_over_page(request, "invitation")
    except (InvalidError, ConflictError, ForbiddenError) as error:
        entered = {"name": acceptance.name, "email": acceptance.email}
        invitation = await gateway.clients.auth.find_invitation(token)
        errors = tell_faults(error, {"present_password": "email"})
        return _registration_page(request, invitation, entered=entered, errors=errors)
    if accepted.session is None:
        return gateway.pages.go_on(gateway.pages.links("show_registration", token=token))
    start = gateway.pages.links("show_start")
    return await enter(request, accepted.session, start, notice=Notice.WELCOME)


def _registration_page(
    request: web.Request, invitation: OpenInvitation, *, entered: dict[str, str], errors: Faults
) -> web.Response:
    return gateway_of(request).pages.respond(
        request,
        "account/register.html",
        status=422 if errors else 200,
        invitation=invitation,
        entered=entered,
        errors=errors,
    )


async def show_confirmation(request: web.Request) -> web.Response:
    try:
        confirmation = await gateway_of(request).clients.auth.find_confirmation(request.match_info["token"])
    except NotFoundError:
        return link_over_page(request, "confirmation")
    return _confirmation_page(request, confirmation, errors={})


async def confirm_email(request: web.Request) -> web.Response:
    gateway, token, who = gateway_of(request), request.match_info["token"], visitor_of(request).identity
    try:
        confirmation = await gateway.clients.auth.find_confirmation(token)
    except NotFoundError:
        return link_over_page(request, "confirmation")
    if confirmation.purpose == "change" and who is None:
        return gateway.pages.go_on(gateway.pages.links("show_login", {"next": request.path}))
    password = await read_password(request)
    try:
        session = await gateway.clients.auth.confirm_email(
            ConfirmEmail(token=token, password=password, account_id=who.account_id if who else None)
        )
    except (NotFoundError, ConflictError):  # or the address has got an account meanwhile
        return link_over_page(request, "confirmation")
    except ForbiddenError as error:
        return _confirmation_page(
            request, confirmation, errors=tell_faults(error, {"present_password": "password"})
        )
    if confirmation.purpose == "change":
        account = gateway.pages.links("show_account")
        return await enter(request, session, account, notice=Notice.EMAIL_CHANGED)
    return await enter(request, session, gateway.pages.links("show_start"), notice=Notice.WELCOME)


def _confirmation_page(
    request: web.Request, confirmation: OpenConfirmation, *, errors: Faults
) -> web.Response:
    return gateway_of(request).pages.respond(
        request,
        "account/confirm.html",
        status=422 if errors else 200,
        confirmation=confirmation,
        errors=errors,
    )


ROUTES = [
    web.get("/register/{token}", show_registration, name="show_registration"),
    web.post("/register/{token}", register, name="register"),
    web.get("/confirm/{token}", show_confirmation, name="show_confirmation"),
    web.post("/confirm/{token}", confirm_email, name="confirm_email"),
]
