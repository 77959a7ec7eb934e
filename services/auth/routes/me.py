"""What a person may do with his own account."""

from uuid import UUID

import structlog
from aiohttp import web

from services.auth.model.accounts import Account
from services.auth.model.sessions import WrongCredentialsError
from services.auth.model.throttle import AttemptKeys, MailKeys, network_of
from services.auth.routes.context import LINKS, PASSWORDS, hash_good_password, secret, utc_now
from services.auth.use_cases import accounts, attempts, emails, passwords, sessions
from shared.api import auth as api
from shared.errors import ForbiddenError
from shared.web import parse_body, require, transaction

_log = structlog.get_logger()


async def change_password(request: web.Request) -> web.Response:
    account_id = _own_account_id(request)
    body = await parse_body(request, api.ChangePassword)
    account, old_hash = await _prove_password(
        request, account_id, body.present_password, body.network_address
    )
    async with transaction(request) as opened:
        customer_name = await passwords.find_customer_name(opened, account)
    new_hash = await hash_good_password(request, body.new_password, account, customer_name=customer_name)
    async with transaction(request) as opened:
        await passwords.change_password(
            opened, account, old_hash=old_hash, new_hash=new_hash, token=body.token
        )
    _log.info("password_changed", account_id=str(account_id))
    return web.Response(status=204)


async def request_email_change(request: web.Request) -> web.Response:
    account_id = _own_account_id(request)
    body = await parse_body(request, api.ChangeEmail)
    email = body.email.strip()
    account, password_hash = await _prove_password(request, account_id, body.password, body.network_address)
    async with transaction(request) as opened:
        await emails.request_email_change(
            opened,
            account,
            email,
            password_hash=password_hash,
            mail_keys=MailKeys.of(email, network_of(body.network_address), secret(request)),
            links=request.app[LINKS],
            now=utc_now(),
        )
    return web.Response(status=204)


async def change_profile(request: web.Request) -> web.Response:
    account_id = _own_account_id(request)
    body = await parse_body(request, api.ChangeProfile)
    async with transaction(request) as opened:
        await accounts.change_profile(opened, account_id, name=body.name.strip(), locale=body.locale)
    return web.Response(status=204)


async def end_all_sessions(request: web.Request) -> web.Response:
    account_id = _own_account_id(request)
    async with transaction(request) as opened:
        await sessions.end_all_sessions(opened, account_id)
    _log.info("all_sessions_ended", account_id=str(account_id))
    return web.Response(status=204)


ROUTES = [
    web.post("/accounts/me/password", change_password, name="change_password"),
    web.post("/accounts/me/email", request_email_change, name="request_email_change"),
    web.post("/accounts/me/profile", change_profile, name="change_profile"),
    web.post("/accounts/me/sessions/end", end_all_sessions, name="end_all_sessions"),
]


def _own_account_id(request: web.Request) -> UUID:
    """Raises ForbiddenError for who looks at what a customer sees: he has no account here."""
    who = require(request, "customer", "clerk", "operator")
    if who.account_id is None or who.viewed_by:
        raise ForbiddenError("You may not do this.")
    return who.account_id


async def _prove_password(
    request: web.Request, account_id: UUID, password: str, network_address: str
) -> tuple[Account, str]:
    """The account and the hash of its password; throttled like a log-in.

    Raises WrongCredentialsError and TooManyAttemptsError.
    """
    async with transaction(request) as opened:
        account = await accounts.find_own_account(opened, account_id)
        keys = AttemptKeys.of(account.email, network_address, secret(request))
        keys, found = await attempts.admit_attempt(opened, account.email, keys, now=utc_now())
    password_hash = found[1] if found else None
    if not await request.app[PASSWORDS].is_right(password, password_hash) or password_hash is None:
        _log.info("password_refused", account_id=str(account_id))
        raise WrongCredentialsError
    # What goes wrong from here on is not the fault of the password.
    async with transaction(request) as opened:
        await attempts.forgive_attempt(opened, account_id, keys, password_hash=password_hash, now=utc_now())
    return account, password_hash
