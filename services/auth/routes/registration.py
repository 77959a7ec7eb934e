"""Registering by the link of an invitation, and confirming addresses. All belong to the system.

These doors need no throttle against guessing a token: it has 256 random bits, and without one no password
is hashed. What the holder of a link may ask for is counted, and so are his tries at a password.
"""

from uuid import uuid4

import structlog
from aiohttp import web

from services.auth.model.accounts import check_account
from services.auth.model.invitations import PendingRegistration, WrongChosenPasswordError
from services.auth.model.sessions import LinkOverError
from services.auth.model.throttle import MailKeys, confirmation_key
from services.auth.routes.context import (
    LINKS,
    PASSWORDS,
    SETTINGS,
    check_new_password,
    find_minimum_length,
    secret,
    session_body,
    session_response,
    utc_now,
)
from services.auth.use_cases import attempts, emails, registration
from shared.api import auth as api
from shared.errors import ForbiddenError
from shared.web import json_response, parse_body, require, transaction

_log = structlog.get_logger()


async def find_invitation(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.FindInvitation)
    async with transaction(request) as opened:
        found = await registration.find_invitation(opened, body.token, now=utc_now())
        minimum_length = await find_minimum_length(request, opened)
    invitation = found.invitation
    return json_response(
        api.OpenInvitation(
            role=invitation.role,
            customer_name=found.customer_name,
            name=invitation.name,
            email=invitation.email,
            locale=invitation.locale,
            expires_at=invitation.expires_at,
            minimum_length=minimum_length,
            invited_by=invitation.inviter_name,
            awaiting_email=found.awaiting_email,
        )
    )


async def accept_invitation(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.AcceptInvitation)
    # First the token: a stranger without one gets no hash computed and learns nothing about addresses.
    async with transaction(request) as opened:
        found = await registration.find_invitation(opened, body.token, now=utc_now())
        account = found.invitation.account(
            uuid4(), name=body.name.strip(), email=body.email.strip(), locale=body.locale
        )
        check_account(account)
    invitation_id = found.invitation.invitation_id
    await check_new_password(
        request, body.password, account, chooser_id=invitation_id, customer_name=found.customer_name
    )
    if not found.invitation.is_for(account.email):
        # Counted for itself, so that a refusal counts as well: nobody tries out who has an access.
        keys = MailKeys.of(account.email, str(invitation_id), secret(request))
        async with transaction(request) as opened:
            await attempts.admit_mail(opened, keys, now=utc_now())
    password_hash = await request.app[PASSWORDS].hash(body.password)
    async with transaction(request) as opened:
        started = await registration.accept_invitation(
            opened,
            body.token,
            account,
            password_hash=password_hash,
            links=request.app[LINKS],
            lifetime=request.app[SETTINGS].session_lifetime(account.role),
            now=utc_now(),
        )
    if started is None:
        _log.info("registration_awaits_confirmation", role=account.role)
        return json_response(api.Accepted(email=account.email, session=None))
    _log.info("registered", account_id=str(account.account_id), role=account.role)
    return json_response(api.Accepted(email=account.email, session=session_body(*started)))


async def find_confirmation(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.FindConfirmation)
    async with transaction(request) as opened:
        pending = await registration.find_registration(opened, body.token, now=utc_now())
        change = await emails.find_email_change(opened, body.token, now=utc_now())
        customer_name = await registration.find_customer_name(opened, pending.invitation) if pending else ""
    if pending is not None:
        return json_response(
            api.OpenConfirmation(
                purpose="registration", email=pending.email, name=pending.name, customer_name=customer_name
            )
        )
    if change is not None:
        return json_response(api.OpenConfirmation(purpose="change", email=change[1]))
    raise LinkOverError


async def confirm_email(request: web.Request) -> web.Response:
    require(request, "system")
    body = await parse_body(request, api.ConfirmEmail)
    async with transaction(request) as opened:
        pending = await registration.find_registration(opened, body.token, now=utc_now())
        change = await emails.find_email_change(opened, body.token, now=utc_now())
    if pending is not None:
        await _prove_chosen_password(request, body, pending)
    lifetime_of = request.app[SETTINGS].session_lifetime
    async with transaction(request) as opened:
        if pending is not None:
            token, session = await registration.confirm_registration(
                opened,
                body.token,
                uuid4(),
                lifetime=lifetime_of(pending.invitation.role),
                now=utc_now(),
            )
        elif change is not None:
            if body.account_id != change[0].account_id:
                raise ForbiddenError("Only who asked for the other address can confirm it.")
            token, session = await emails.confirm_email_change(
                opened, body.token, lifetime=lifetime_of(change[0].role), now=utc_now()
            )
        else:
            raise LinkOverError
    _log.info("email_confirmed", account_id=str(session.account.account_id), is_new=pending is not None)
    return session_response(token, session)


ROUTES = [
    web.post("/invitations/find", find_invitation, name="find_invitation"),
    web.post("/invitations/accept", accept_invitation, name="accept_invitation"),
    web.post("/confirmations/find", find_confirmation, name="find_confirmation"),
    web.post("/confirmations/accept", confirm_email, name="confirm_email"),
]


async def _prove_chosen_password(
    request: web.Request, body: api.ConfirmEmail, pending: PendingRegistration
) -> None:
    """A link keeps its password to its end. Raises WrongChosenPasswordError and TooManyAttemptsError."""
    key = confirmation_key(body.token, secret(request))
    async with transaction(request) as opened:
        await attempts.admit_confirmation(opened, key, now=utc_now())
    if not await request.app[PASSWORDS].is_right(body.password, pending.password_hash):
        _log.info("confirmation_refused", role=pending.invitation.role)
        raise WrongChosenPasswordError
