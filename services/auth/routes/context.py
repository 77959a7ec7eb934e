"""What the routes share: the keys of the application, the one rule for a new password, common bodies."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

from services.auth.links import Links
from services.auth.model.accounts import Account, ListWish, own_words, refuse_faults
from services.auth.model.sessions import Session
from services.auth.model.throttle import new_password_key
from services.auth.passwords import Passwords
from services.auth.settings import AuthSettings
from services.auth.use_cases import attempts, branding, passwords
from shared.api import auth as api
from shared.database import Transaction
from shared.errors import ForbiddenError
from shared.web import Identity, json_response, query_rows, query_words, transaction

SETTINGS: web.AppKey[AuthSettings] = web.AppKey("auth_settings", AuthSettings)
PASSWORDS: web.AppKey[Passwords] = web.AppKey("passwords", Passwords)
LINKS: web.AppKey[Links] = web.AppKey("links", Links)


async def hash_good_password(
    request: web.Request, password: str, account: Account, *, customer_name: str = ""
) -> str:
    """The same as check_new_password; returns the hash."""
    await check_new_password(
        request, password, account, chooser_id=account.account_id, customer_name=customer_name
    )
    return await request.app[PASSWORDS].hash(password)


async def check_new_password(
    request: web.Request, password: str, account: Account, *, chooser_id: UUID, customer_name: str = ""
) -> None:
    """Counted for the chooser, so that nobody keeps the house busy with passwords that are not good.

    Raises TooManyAttemptsError, and an InvalidError that says how to mend a password that is not good.
    """
    settings = request.app[SETTINGS]
    async with transaction(request) as opened:
        await attempts.admit_new_password(
            opened, new_password_key(chooser_id, secret(request)), now=utc_now()
        )
        minimum_length = await find_minimum_length(request, opened)
        company_name = await branding.find_company_name(opened, default=settings.company_name)
    await request.app[PASSWORDS].check(
        password,
        minimum_length=minimum_length,
        own_words=own_words(account, company_name, customer_name),
    )


async def find_minimum_length(request: web.Request, opened: Transaction) -> int:
    return await passwords.find_minimum_length(opened, default=request.app[SETTINGS].password_minimum_length)


def list_wish(request: web.Request, who: Identity, *, of_one_customer: bool) -> ListWish:
    """What the query asks for. Clerks only get what belongs to customers; raises ForbiddenError.

    With `of_one_customer` they must say to which one.
    """
    query = request.query
    customer_number = query.get("customer_number", "")
    role = query.get("role", "" if who.role == "operator" and not customer_number else "customer")
    is_for_clerks = role == "customer" and (customer_number or not of_one_customer)
    if who.role != "operator" and not is_for_clerks:
        raise ForbiddenError("You may not do this.")
    refuse_faults({"role": "" if role in ("", "customer", "staff") else "customer or staff"})
    limit, offset = query_rows(request)
    return ListWish(
        of_customers=role == "customer" if role else None,
        customer_number=customer_number,
        words=query_words(request),
        limit=limit,
        offset=offset,
    )


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
