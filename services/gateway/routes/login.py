"""Logging in and out, the language, and the one-time page that creates the first operator."""

from aiohttp import web

from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import local_path, read_form, read_password
from services.gateway.sessions import client_address
from services.gateway.words.notices import Notice
from services.gateway.words.texts import Faults, Told, tell_faults, tell_login_refusal
from shared.api.auth import CreateFirstOperator, LogIn, Session
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
    email, password = form.get("email", ""), await read_password(request)
    if not email or not password:
        return _login_page(request, next_path, email=email, refusal=tell_login_refusal(None))
    address = client_address(request, gateway.settings.trusted_proxies)
    credentials = LogIn(email=email, password=password, network_address=address)
    try:
        session = await gateway.clients.auth.log_in(credentials)
    except (ForbiddenError, ConflictError, InvalidError, NotFoundError) as error:
        return _login_page(request, next_path, email=email, refusal=tell_login_refusal(error))
    return await enter(request, session, next_path)


def _login_page(
    request: web.Request, next_path: str, *, email: str = "", refusal: Told | None = None
) -> web.Response:
    status = 422 if refusal else 200
    return gateway_of(request).pages.respond(
        request, "login.html", status=status, next_path=next_path, email=email, refusal=refusal
    )


async def enter(
    request: web.Request, session: Session, path: str, *, notice: Notice | None = None
) -> web.Response:
    """Logged in from here on; a session that this browser had before ends."""
    gateway, visitor = gateway_of(request), visitor_of(request)
    response = gateway.pages.go_on(path, notice=notice)
    if visitor.identity is not None:
        await gateway.sessions.end(response, visitor)
    gateway.sessions.remember_session(response, session)
    return response


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


def link_over_page(request: web.Request, link: str) -> web.Response:
    """`link` is what it was for: setup, invitation, confirmation or reset."""
    return gateway_of(request).pages.respond(request, "account/link_over.html", status=404, link=link)


async def show_setup(request: web.Request) -> web.Response:
    try:
        await gateway_of(request).clients.auth.find_setup(request.match_info["token"])
    except NotFoundError:
        return link_over_page(request, "setup")
    return await _setup_page(request, entered={}, errors={})


async def create_first_operator(request: web.Request) -> web.Response:
    gateway, form = gateway_of(request), await read_form(request)
    operator = CreateFirstOperator(
        token=request.match_info["token"],
        name=form.get("name", ""),
        email=form.get("email", ""),
        password=await read_password(request),
        locale=visitor_of(request).locale,
    )
    try:
        session = await gateway.clients.auth.create_first_operator(operator)
    except NotFoundError:
        return link_over_page(request, "setup")
    except (InvalidError, ConflictError) as error:
        entered = {"name": operator.name, "email": operator.email}
        return await _setup_page(request, entered=entered, errors=tell_faults(error))
    return await enter(request, session, gateway.pages.links("show_admin"), notice=Notice.OPERATOR_CREATED)


async def _setup_page(request: web.Request, *, entered: dict[str, str], errors: Faults) -> web.Response:
    gateway = gateway_of(request)
    rule = await gateway.clients.auth.get_password_rule()
    return gateway.pages.respond(
        request,
        "setup.html",
        status=422 if errors else 200,
        entered=entered,
        errors=errors,
        minimum_length=rule.minimum_length,
    )


ROUTES = [
    web.get("/login", show_login, name="show_login"),
    web.post("/login", log_in, name="log_in"),
    web.post("/logout", log_out, name="log_out"),
    web.post("/language", choose_language, name="choose_language"),
    web.get("/setup/{token}", show_setup, name="show_setup"),
    web.post("/setup/{token}", create_first_operator, name="create_first_operator"),
]
