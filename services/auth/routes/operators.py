"""The one-time link that makes the first operator."""

from uuid import uuid4

import structlog
from aiohttp import web

from services.auth.model.accounts import Account, check_account
from services.auth.routes.context import SETTINGS, hash_good_password, session_response, utc_now
from services.auth.use_cases import operators
from shared.api import auth as api
from shared.web import parse_body, require, transaction

_log = structlog.get_logger()


async def find_setup(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.FindSetup)
    async with transaction(request) as opened:
        await operators.find_setup(opened, body.token, now=utc_now())
    return web.Response(status=204)


async def create_first_operator(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.CreateFirstOperator)
    operator = Account(
        account_id=uuid4(),
        role="operator",
        name=body.name.strip(),
        email=body.email.strip(),
        locale=body.locale,
        customer_number="",
        contact_id="",
        clerk_code="",
        may_approve=False,
    )
    # First the token: a stranger without one gets no hash computed and learns nothing about addresses.
    async with transaction(request) as opened:
        await operators.find_setup(opened, body.token, now=utc_now())
    check_account(operator)
    password_hash = await hash_good_password(request, body.password, operator)
    lifetime = request.app[SETTINGS].session_lifetime("operator")
    async with transaction(request) as opened:
        token, session = await operators.create_first_operator(
            opened, body.token, operator, password_hash=password_hash, lifetime=lifetime, now=utc_now()
        )
    _log.info("first_operator_created", account_id=str(operator.account_id))
    return session_response(token, session)


ROUTES = [
    web.post("/operators/first", create_first_operator, name="create_first_operator"),
    web.post("/operators/first/find", find_setup, name="find_setup"),
]
