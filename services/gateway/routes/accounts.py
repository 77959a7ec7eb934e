"""Logging in and out, the language, and the one-time page that creates the first operator."""

from aiohttp import web

from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form
from services.gateway.model import local_path
from services.gateway.sessions import client_address
from services.gateway.texts import Told, tell_faults, tell_login_refusal
from shared.api.auth import CreateFirstOperator, LogIn
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.i18n import LOCALES


async def show_login(request: web.Request) -> web.Response:
    gateway = gateway_of(request)
    next_path = local_path(request.query.get("next", "/"))
    if visitor_of(request).identity is not None:
        return gateway.pages.go_on(next_path)
    return _login_page(request, next_path)


async def log_in(request: web.Request) -> web.Response:
    gateway, form = gateway_of(request), await read_form(request)
    next_path = local_path(form.get("next", "/"))
    email, password = form.get("email", ""), (await request.post()).get("password", "")
    if not email or not isinstance(password, str) or not password:
        return _login_page(request, next_path, email=email, refusal=tell_login_refusal(None))
    address = client_address(request, gateway.settings.trusted_proxies)
    credentials = LogIn(email=email, password=password, network_address=address)
    try:
        session = await gateway.clients.auth.log_in(credentials)
    except (ForbiddenError, ConflictError, InvalidError, NotFoundError) as error:
        return _login_page(request, next_path, email=email, refusal=tell_login_refusal(error))
    response = gateway.pages.go_on(next_path)
    gateway.sessions.remember_session(response, session)
    return response


def _login_page(
    request: web.Request, next_path: str, *, email: str = "", refusal: Told | None = None
) -> web.Response:
    status = 422 if refusal else 200
    return gateway_of(request).pages.respond(
        request, "login.html", status=status, next_path=next_path, email=email, refusal=refusal
    )


async def log_out(request: web.Request) -> web.Response:
    gateway = gateway_of(request)
    response = gateway.pages.go_on(gateway.pages.links("show_login"))
    await gateway.sessions.end(response, visitor_of(request))
    return response


async def choose_language(request: web.Request) -> web.Response:
    gateway, form = gateway_of(request), await read_form(request)
    response = gateway.pages.go_on(local_path(form.get("next", "/")))
    if form.get("locale") in LOCALES:
        gateway.sessions.remember_locale(response, form["locale"])
    return response


async def show_setup(request: web.Request) -> web.Response:
    await gateway_of(request).clients.auth.find_setup(request.match_info["token"])
    return gateway_of(request).pages.respond(request, "setup.html", entered={}, errors={})


async def create_first_operator(request: web.Request) -> web.Response:
    gateway, form = gateway_of(request), await read_form(request)
    password = (await request.post()).get("password", "")
    operator = CreateFirstOperator(
        token=request.match_info["token"],
        name=form.get("name", ""),
        email=form.get("email", ""),
        password=password if isinstance(password, str) else "",
        locale=visitor_of(request).locale,
    )
    try:
        session = await gateway.clients.auth.create_first_operator(operator)
    except (InvalidError, ConflictError) as error:
        entered = {"name": operator.name, "email": operator.email}
        return gateway.pages.respond(
            request, "setup.html", status=422, entered=entered, errors=tell_faults(error)
        )
    response = gateway.pages.go_on(gateway.pages.links("show_desk"))
    gateway.sessions.remember_session(response, session)
    return response
