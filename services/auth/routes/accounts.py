"""Accounts."""

from uuid import uuid4

import structlog
from aiohttp import web

from services.auth.model.accounts import Account, ListedAccount, check_account
from services.auth.routes.context import account_body, hash_good_password, list_wish, utc_now
from services.auth.use_cases import accounts
from shared.api import auth as api
from shared.web import json_response, parse_body, path_uuid, reading, require, transaction

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


async def list_accounts(request: web.Request) -> web.Response:
    wish = list_wish(request, require(request, "clerk", "operator"), of_one_customer=True)
    async with reading(request) as opened:
        listed, total = await accounts.list_accounts(opened, wish)
    return json_response(api.AccountRows(rows=tuple(_row(one) for one in listed), total=total))


async def get_account(request: web.Request) -> web.Response:
    require(request, "operator")
    async with reading(request) as opened:
        return json_response(_row(await accounts.get_account(opened, path_uuid(request, "account_id"))))


async def change_account(request: web.Request) -> web.Response:
    who, account_id = require(request, "operator"), path_uuid(request, "account_id")
    body = await parse_body(request, api.ChangeAccount)
    async with transaction(request) as opened:
        await accounts.change_account(
            opened, who, account_id, may_approve=body.may_approve, disabled=body.disabled, now=utc_now()
        )
    _log.info("account_changed", account_id=str(account_id), disabled=body.disabled)
    return web.Response(status=204)


async def delete_account(request: web.Request) -> web.Response:
    who, account_id = require(request, "operator"), path_uuid(request, "account_id")
    async with transaction(request) as opened:
        await accounts.delete_account(opened, who, account_id)
    _log.info("account_deleted", account_id=str(account_id))
    return web.Response(status=204)


ROUTES = [
    web.post("/accounts", create_account, name="create_account"),
    web.get("/accounts", list_accounts, name="list_accounts"),
    web.get("/accounts/{account_id}", get_account, name="get_account"),
    web.post("/accounts/{account_id}/change", change_account, name="change_account"),
    web.post("/accounts/{account_id}/delete", delete_account, name="delete_account"),
]


def _row(listed: ListedAccount) -> api.AccountRow:
    return api.AccountRow(
        **account_body(listed.account).model_dump(),
        customer_name=listed.customer_name,
        created_at=listed.created_at,
        last_login_at=listed.last_login_at,
        disabled_at=listed.disabled_at,
    )
