"""Logging in and out. Argon2 runs between two transactions, never inside one."""

import structlog
from aiohttp import web

from services.auth.model.sessions import WrongCredentialsError
from services.auth.model.throttle import AttemptKeys, TooManyAttemptsError, network_prefix
from services.auth.routes.context import PASSWORDS, SETTINGS, account_body, secret, session_response, utc_now
from services.auth.use_cases import attempts, sessions
from shared.api import auth as api
from shared.web import json_response, parse_body, reading, require, transaction

_log = structlog.get_logger()


async def log_in(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.LogIn)
    settings, passwords = request.app[SETTINGS], request.app[PASSWORDS]
    network = network_prefix(body.network_address)
    keys = AttemptKeys.of(body.email, body.network_address, secret(request))
    try:
        async with transaction(request) as opened:
            keys, found = await attempts.admit_attempt(opened, body.email, keys, now=utc_now())
    except TooManyAttemptsError as error:
        _log.info("log_in_throttled", retry_at=error.retry_at.isoformat(), network=network)
        raise
    account, password_hash = found or (None, None)
    if not await passwords.is_right(body.password, password_hash) or account is None or password_hash is None:
        _log.info("log_in_refused", account_id=str(account.account_id) if account else None, network=network)
        raise WrongCredentialsError
    renewed = await passwords.hash(body.password) if passwords.is_outdated(password_hash) else None
    async with transaction(request) as opened:
        token, session = await sessions.log_in(
            opened,
            account,
            keys,
            password_hash=password_hash,
            renewed_hash=renewed,
            lifetime=settings.session_lifetime(account.role),
            now=utc_now(),
        )
    _log.info("logged_in", account_id=str(account.account_id), role=account.role)
    return session_response(token, session)


async def find_session(request: web.Request) -> web.Response:
    require(request, "system")
    body, now = await parse_body(request, api.FindSession), utc_now()
    async with reading(request) as opened:  # asked with every page, and nearly always a read alone
        session = await sessions.find_session(opened, body.token, now=now)
        lifetime = request.app[SETTINGS].session_lifetime(session.account.role)
        await sessions.prolong_session(opened, session, lifetime, now=now)
    return json_response(account_body(session.account))


async def end_session(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.EndSession)
    async with transaction(request) as opened:
        await sessions.end_session(opened, body.token)
    return web.Response(status=204)


ROUTES = [
    web.post("/sessions", log_in, name="log_in"),
    web.post("/sessions/find", find_session, name="find_session"),
    web.post("/sessions/end", end_session, name="end_session"),
]
