"""HTTP of auth: bodies in shared.api.auth. Argon2 runs between two transactions, never inside one."""

from datetime import UTC, datetime
from uuid import uuid4

import structlog
from aiohttp import web

from services.auth import use_cases
from services.auth.model import (
    Account,
    AttemptKeys,
    Session,
    TooManyAttemptsError,
    WrongCredentialsError,
    check_account,
    own_words,
)
from services.auth.passwords import Passwords
from services.auth.settings import AuthSettings
from shared.api import auth as api
from shared.web import json_response, parse_body, reading, require, transaction

SETTINGS: web.AppKey[AuthSettings] = web.AppKey("auth_settings", AuthSettings)
PASSWORDS: web.AppKey[Passwords] = web.AppKey("passwords", Passwords)

_log = structlog.get_logger()


async def log_in(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.LogIn)
    settings, passwords = request.app[SETTINGS], request.app[PASSWORDS]
    keys = AttemptKeys.of(
        body.email, body.network_address, settings.internal_secret.get_secret_value().encode()
    )
    try:
        async with transaction(request) as opened:
            found = await use_cases.admit_attempt(opened, body.email, keys, now=_now())
    except TooManyAttemptsError as error:
        _log.info("log_in_throttled", retry_at=error.retry_at.isoformat())
        raise
    account, password_hash = found or (None, None)
    if not await passwords.is_right(body.password, password_hash) or account is None or password_hash is None:
        _log.info("log_in_refused", account_id=str(account.account_id) if account else None)
        raise WrongCredentialsError
    renewed = await passwords.hash(body.password) if passwords.is_outdated(password_hash) else None
    async with transaction(request) as opened:
        if renewed:
            await use_cases.renew_password_hash(opened, account, old=password_hash, new=renewed)
        lifetime = settings.session_lifetime(account.role)
        token, session = await use_cases.log_in(opened, account, keys, lifetime=lifetime, now=_now())
    _log.info("logged_in", account_id=str(account.account_id), role=account.role)
    return _session_response(token, session)


async def find_session(request: web.Request) -> web.Response:
    require(request, "system")
    body, now = await parse_body(request, api.FindSession), _now()
    async with reading(request) as opened:  # asked with every page, and nearly always a read alone
        session = await use_cases.find_session(opened, body.token, now=now)
        lifetime = request.app[SETTINGS].session_lifetime(session.account.role)
        await use_cases.prolong_session(opened, session, lifetime, now=now)
    return json_response(_account_body(session.account))


async def end_session(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.EndSession)
    async with transaction(request) as opened:
        await use_cases.end_session(opened, body.token)
    return web.Response(status=204)


async def create_account(request: web.Request) -> web.Response:
    require(request, "operator", "system")
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
        found = await use_cases.find_same_account(opened, wanted)
    if found is not None:
        return json_response(_account_body(found))
    password_hash = await _hash_good_password(request, body.password, wanted)
    async with transaction(request) as opened:
        account = await use_cases.create_account(opened, wanted, password_hash=password_hash, now=_now())
    _log.info("account_created", account_id=str(account.account_id), role=account.role)
    return json_response(_account_body(account))


async def find_setup(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.FindSetup)
    async with transaction(request) as opened:
        await use_cases.find_setup(opened, body.token, now=_now())
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
        await use_cases.find_setup(opened, body.token, now=_now())
    check_account(operator)
    password_hash = await _hash_good_password(request, body.password, operator)
    lifetime = request.app[SETTINGS].session_lifetime("operator")
    async with transaction(request) as opened:
        token, session = await use_cases.create_first_operator(
            opened, body.token, operator, password_hash=password_hash, lifetime=lifetime, now=_now()
        )
    _log.info("first_operator_created", account_id=str(operator.account_id))
    return _session_response(token, session)


ROUTES = [
    web.post("/sessions", log_in, name="log_in"),
    web.post("/sessions/find", find_session, name="find_session"),
    web.post("/sessions/end", end_session, name="end_session"),
    web.post("/accounts", create_account, name="create_account"),
    web.post("/operators/first", create_first_operator, name="create_first_operator"),
    web.post("/operators/first/find", find_setup, name="find_setup"),
]


async def _hash_good_password(request: web.Request, password: str, account: Account) -> str:
    settings, passwords = request.app[SETTINGS], request.app[PASSWORDS]
    await passwords.check(
        password,
        minimum_length=settings.password_minimum_length,
        own_words=own_words(account, settings.company_name),
    )
    return await passwords.hash(password)


def _now() -> datetime:
    return datetime.now(UTC)


def _session_response(token: str, session: Session) -> web.Response:
    return json_response(api.Session(token=token, account=_account_body(session.account)))


def _account_body(account: Account) -> api.Account:
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
