"""Forgotten passwords, which belong to the system, and the rule for new ones."""

import structlog
from aiohttp import web

from services.auth.model.throttle import AttemptKeys, MailKeys, network_of
from services.auth.routes.context import find_minimum_length, hash_good_password, secret, utc_now
from services.auth.use_cases import passwords
from shared.api import auth as api
from shared.web import json_response, parse_body, reading, require, transaction

_log = structlog.get_logger()


async def request_password_reset(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.RequestPasswordReset)
    keys = MailKeys.of(body.email, network_of(body.network_address), secret(request))
    async with transaction(request) as opened:
        await passwords.request_password_reset(opened, body.email, keys, now=utc_now())
    return web.Response(status=204)


async def find_password_reset(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.FindPasswordReset)
    async with transaction(request) as opened:
        account = await passwords.find_password_reset(opened, body.token, now=utc_now())
        minimum_length = await find_minimum_length(request, opened)
    return json_response(api.OpenPasswordReset(email=account.email, minimum_length=minimum_length))


async def reset_password(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.ResetPassword)
    # First the token: a stranger without one gets no hash computed.
    async with transaction(request) as opened:
        account = await passwords.find_password_reset(opened, body.token, now=utc_now())
        customer_name = await passwords.find_customer_name(opened, account)
    password_hash = await hash_good_password(request, body.password, account, customer_name=customer_name)
    keys = AttemptKeys.of(account.email, body.network_address, secret(request))
    async with transaction(request) as opened:
        await passwords.reset_password(opened, body.token, keys, password_hash=password_hash, now=utc_now())
    _log.info("password_reset", account_id=str(account.account_id))
    return web.Response(status=204)


async def get_password_rule(request: web.Request) -> web.Response:
    async with reading(request) as opened:
        return json_response(api.PasswordRule(minimum_length=await find_minimum_length(request, opened)))


async def change_password_rule(request: web.Request) -> web.Response:
    require(request, "operator")
    body = await parse_body(request, api.PasswordRule)
    async with transaction(request) as opened:
        await passwords.change_minimum_length(opened, body.minimum_length)
    return web.Response(status=204)


ROUTES = [
    web.post("/password-resets", request_password_reset, name="request_password_reset"),
    web.post("/password-resets/find", find_password_reset, name="find_password_reset"),
    web.post("/password-resets/accept", reset_password, name="reset_password"),
    web.get("/settings/password", get_password_rule, name="get_password_rule"),
    web.post("/settings/password", change_password_rule, name="change_password_rule"),
]
