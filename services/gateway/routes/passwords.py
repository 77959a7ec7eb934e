"""A forgotten password: the wish for a link, and the link. Nobody learns which addresses are known."""

from aiohttp import web

from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form, read_password
from services.gateway.routes.login import link_over_page
from services.gateway.sessions import client_address
from services.gateway.words.notices import Notice
from services.gateway.words.texts import Faults, tell_faults
from shared.api.auth import RequestPasswordReset, ResetPassword
from shared.errors import ForbiddenError, InvalidError, NotFoundError


async def show_forgotten_password(request: web.Request) -> web.Response:
    return _forgotten_page(request, email="", errors={})


async def request_password_reset(request: web.Request) -> web.Response:
    gateway, form = gateway_of(request), await read_form(request)
    email = form.get("email", "")
    address = client_address(request, gateway.settings.trusted_proxies)
    try:
        await gateway.clients.auth.request_password_reset(
            RequestPasswordReset(email=email, network_address=address)
        )
    except (InvalidError, ForbiddenError) as error:
        errors = tell_faults(error, {"present_password": "email"})
        return _forgotten_page(request, email=email, errors=errors)
    return gateway.pages.go_on(gateway.pages.links("show_reset_requested"))


def _forgotten_page(request: web.Request, *, email: str, errors: Faults) -> web.Response:
    return gateway_of(request).pages.respond(
        request,
        "account/forgot_password.html",
        status=422 if errors else 200,
        email=email,
        errors=errors,
    )


async def show_reset_requested(request: web.Request) -> web.Response:
    return gateway_of(request).pages.respond(request, "account/reset_requested.html")


async def show_reset(request: web.Request) -> web.Response:
    return await _reset_page(request, errors={})


async def reset_password(request: web.Request) -> web.Response:
    gateway = gateway_of(request)
    reset = ResetPassword(
        token=request.match_info["token"],
        password=await read_password(request),
        network_address=client_address(request, gateway.settings.trusted_proxies),
    )
    try:
        await gateway.clients.auth.reset_password(reset)
    except NotFoundError:
        return link_over_page(request, "reset")
    except (InvalidError, ForbiddenError) as error:
        return await _reset_page(request, errors=tell_faults(error, {"present_password": "password"}))
    response = gateway.pages.go_on(gateway.pages.links("show_login"), notice=Notice.PASSWORD_RESET)
    await gateway.sessions.end(response, visitor_of(request))
    return response


async def _reset_page(request: web.Request, *, errors: Faults) -> web.Response:
    gateway = gateway_of(request)
    try:
        reset = await gateway.clients.auth.find_password_reset(request.match_info["token"])
    except NotFoundError:
        return link_over_page(request, "reset")
    status = 422 if errors else 200
    return gateway.pages.respond(
        request, "account/reset_password.html", status=status, reset=reset, errors=errors
    )


ROUTES = [
    web.get("/forgot-password", show_forgotten_password, name="show_forgotten_password"),
    web.post("/forgot-password", request_password_reset, name="request_password_reset"),
    web.get("/forgot-password/sent", show_reset_requested, name="show_reset_requested"),
    web.get("/reset/{token}", show_reset, name="show_reset"),
    web.post("/reset/{token}", reset_password, name="reset_password"),
]
