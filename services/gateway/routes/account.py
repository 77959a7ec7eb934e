"""One's own account: name and language, address, password, and logging out everywhere."""

from aiohttp import web

from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form, read_password
from services.gateway.sessions import client_address
from services.gateway.words.notices import Notice
from services.gateway.words.texts import Faults, tell_faults
from shared.api.auth import ChangeEmail, ChangePassword, ChangeProfile
from shared.errors import ForbiddenError, InvalidError
from shared.i18n import LOCALES


async def show_account(request: web.Request) -> web.Response:
    visitor_of(request).require_person()
    return gateway_of(request).pages.respond(request, "account/account.html")


async def edit_profile(request: web.Request) -> web.Response:
    visitor = visitor_of(request)
    return _form_page(
        request,
        "profile",
        entered={"name": visitor.require_person().name, "locale": visitor.locale},
        errors={},
    )


async def change_profile(request: web.Request) -> web.Response:
    gateway, visitor, form = gateway_of(request), visitor_of(request), await read_form(request)
    locale = form.get("locale", "") if form.get("locale") in LOCALES else visitor.locale
    profile = ChangeProfile(name=form.get("name", ""), locale=locale)
    request[AUDIT_NOTE] = f"{visitor.who.name} → {profile.name}"  # nobody hides behind a colleague's name
    try:
        await gateway.clients.auth.change_profile(visitor.require_person(), profile)
    except InvalidError as error:
        entered = {"name": profile.name, "locale": locale}
        return _form_page(request, "profile", entered=entered, errors=tell_faults(error))
    response = _done(request, Notice.PROFILE_CHANGED)
    gateway.sessions.look_again(visitor)
    gateway.sessions.remember_locale(response, locale)
    return response


async def edit_email(request: web.Request) -> web.Response:
    visitor_of(request).require_person()
    return _form_page(request, "email", entered={}, errors={})


async def change_email(request: web.Request) -> web.Response:
    gateway, form = gateway_of(request), await read_form(request)
    change = ChangeEmail(
        password=await read_password(request),
        email=form.get("email", ""),
        network_address=client_address(request, gateway.settings.trusted_proxies),
    )
    request[AUDIT_NOTE] = change.email
    try:
        await gateway.clients.auth.change_email(visitor_of(request).require_person(), change)
    except (InvalidError, ForbiddenError) as error:
        errors = tell_faults(error, {"present_password": "password"})
        return _form_page(request, "email", entered={"email": change.email}, errors=errors)
    return _done(request, Notice.EMAIL_CONFIRMATION_SENT)


async def edit_password(request: web.Request) -> web.Response:
    visitor_of(request).require_person()
    return await _password_page(request, errors={})


async def change_password(request: web.Request) -> web.Response:
    gateway, visitor = gateway_of(request), visitor_of(request)
    change = ChangePassword(
        present_password=await read_password(request, "present_password"),
        new_password=await read_password(request, "new_password"),
        token=visitor.token,
        network_address=client_address(request, gateway.settings.trusted_proxies),
    )
    try:
        await gateway.clients.auth.change_password(visitor.require_person(), change)
    except (InvalidError, ForbiddenError) as error:
        return await _password_page(request, errors=tell_faults(error, {"password": "new_password"}))
    return _done(request, Notice.PASSWORD_CHANGED)


async def end_all_sessions(request: web.Request) -> web.Response:
    gateway, visitor = gateway_of(request), visitor_of(request)
    await gateway.clients.auth.end_all_sessions(visitor.require_person())
    response = gateway.pages.go_on(gateway.pages.links("show_login"), notice=Notice.LOGGED_OUT_EVERYWHERE)
    await gateway.sessions.end(response, visitor)
    return response


async def _password_page(request: web.Request, *, errors: Faults) -> web.Response:
    rule = await gateway_of(request).clients.auth.get_password_rule()
    return _form_page(request, "password", errors=errors, minimum_length=rule.minimum_length)


def _form_page(request: web.Request, name: str, *, errors: Faults, **context: object) -> web.Response:
    return gateway_of(request).pages.respond(
        request, f"account/{name}.html", status=422 if errors else 200, errors=errors, **context
    )


def _done(request: web.Request, notice: Notice) -> web.Response:
    pages = gateway_of(request).pages
    return pages.go_on(pages.links("show_account"), notice=notice)


ROUTES = [
    web.get("/account", show_account, name="show_account"),
    web.get("/account/profile", edit_profile, name="edit_profile"),
    web.post("/account/profile", change_profile, name="change_profile"),
    web.get("/account/email", edit_email, name="edit_email"),
    web.post("/account/email", change_email, name="change_email"),
    web.get("/account/password", edit_password, name="edit_password"),
    web.post("/account/password", change_password, name="change_password"),
    web.post("/account/end-sessions", end_all_sessions, name="end_all_sessions"),
]
