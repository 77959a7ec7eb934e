"""How long a password must be."""

from aiohttp import web

from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form
from services.gateway.words.notices import Notice
from services.gateway.words.texts import N_, Faults
from shared.api.auth import PasswordRule
from shared.errors import InvalidError

NOT_A_LENGTH = N_("Please enter a number from 6 to 64.")


async def edit_password_rule(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    rule = await gateway_of(request).clients.auth.get_password_rule()
    return _page(request, minimum_length=str(rule.minimum_length), errors={})


async def change_password_rule(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    entered = (await read_form(request)).get("minimum_length", "")
    if not (entered.isascii() and entered.isdigit() and len(entered) <= 3):
        return _page(request, minimum_length=entered, errors={"minimum_length": NOT_A_LENGTH})
    request[AUDIT_NOTE] = entered
    try:
        await gateway.clients.auth.change_password_rule(who, PasswordRule(minimum_length=int(entered)))
    except InvalidError:
        return _page(request, minimum_length=entered, errors={"minimum_length": NOT_A_LENGTH})
    path = gateway.pages.links("edit_password_rule")
    return gateway.pages.go_on(path, notice=Notice.PASSWORD_RULE_CHANGED)


def _page(request: web.Request, *, minimum_length: str, errors: Faults) -> web.Response:
    return gateway_of(request).pages.respond(
        request,
        "admin/passwords.html",
        status=422 if errors else 200,
        minimum_length=minimum_length,
        errors=errors,
    )


ROUTES = [
    web.get("/admin/passwords", edit_password_rule, name="edit_password_rule"),
    web.post("/admin/passwords", change_password_rule, name="change_password_rule"),
]
