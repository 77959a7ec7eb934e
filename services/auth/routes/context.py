"""What the routes share: the keys of the application, the one rule for a new password, common bodies."""

from datetime import UTC, datetime

from aiohttp import web

from services.auth.links import Links
from services.auth.model.accounts import Account, own_words
from services.auth.model.sessions import Session
from services.auth.passwords import Passwords
from services.auth.settings import AuthSettings
from services.auth.use_cases import passwords
from shared.api import auth as api
from shared.database import Transaction
from shared.web import json_response, reading

SETTINGS: web.AppKey[AuthSettings] = web.AppKey("auth_settings", AuthSettings)
PASSWORDS: web.AppKey[Passwords] = web.AppKey("passwords", Passwords)
LINKS: web.AppKey[Links] = web.AppKey("links", Links)


async def hash_good_password(
    request: web.Request, password: str, account: Account, *, customer_name: str = ""
) -> str:
    """Raises an InvalidError that says how to mend a password that is not good."""
    settings = request.app[SETTINGS]
    async with reading(request) as opened:
        minimum_length = await find_minimum_length(request, opened)
    await request.app[PASSWORDS].check(
        password,
        minimum_length=minimum_length,
        own_words=own_words(account, settings.company_name, customer_name),
    )
    return await request.app[PASSWORDS].hash(password)


async def find_minimum_length(request: web.Request, opened: Transaction) -> int:
    return await passwords.find_minimum_length(opened, default=request.app[SETTINGS].password_minimum_length)


def secret(request: web.Request) -> bytes:
    """What the keys of the throttle are made with."""
    return request.app[SETTINGS].internal_secret.get_secret_value().encode()


def utc_now() -> datetime:
    return datetime.now(UTC)


def session_body(token: str, session: Session) -> api.Session:
    return api.Session(token=token, account=account_body(session.account))


def session_response(token: str, session: Session) -> web.Response:
    return json_response(session_body(token, session))


def account_body(account: Account) -> api.Account:
    return api.Account(
        account_id=account.account_id,
        role=account.role,
        name=account.name,
        email=account.email,
        locale=account.locale,
        customer_number=account.customer_number,
        clerk_code=account.clerk_code,
        may_approve=account.may_approve,
    )
