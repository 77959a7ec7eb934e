"""Accounts."""

from uuid import uuid4

import structlog
from aiohttp import web

from services.auth.model.accounts import Account, check_account
from services.auth.routes.context import account_body, hash_good_password, utc_now
from services.auth.use_cases import accounts
from shared.api import auth as api
from shared.web import json_response, parse_body, require, transaction

_log = structlog.get_logger()


async def create_account(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.CreateAccount)
    wanted = Account(
        account_id=uuid4(),
        role=body.role,
        name=body.name.strip(),
        email=body.email.strip(),
        locale=body.locale,
        customer_number=body.customer_number,
        contact_id=body.contact_id,
        clerk_code=body.clerk_code,
        may_approve=body.may_approve,
    )
    check_account(wanted)
    async with transaction(request) as opened:
        found = await accounts.find_same_account(opened, wanted)
    if found is not None:
        return json_response(account_body(found))
    password_hash = await hash_good_password(request, body.password, wanted)
    async with transaction(request) as opened:
        account = await accounts.create_account(opened, wanted, password_hash=password_hash, now=utc_now())
    _log.info("account_created", account_id=str(account.account_id), role=account.role)
    return json_response(account_body(account))


ROUTES = [
    web.post("/accounts", create_account, name="create_account"),
]
