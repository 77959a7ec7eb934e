"""Puts auth together."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import structlog
from aiohttp import web

from services.auth.links import Links
from services.auth.passwords import Passwords
from services.auth.repository import housekeeping
from services.auth.repository.credentials import CHANNEL as RESET_CHANNEL
from services.auth.repository.invitations import CHANNEL as INVITATION_CHANNEL
from services.auth.routes import ROUTES
from services.auth.routes.context import LINKS, PASSWORDS, SETTINGS
from services.auth.settings import AuthSettings
from services.auth.subscriptions import SUBSCRIPTIONS
from services.auth.use_cases import invitations, operators
from services.auth.use_cases import passwords as password_links
from shared.database import Pool, transaction
from shared.effects import Housekeeping
from shared.process import EffectLoop, Service
from shared.web import POOL, create_application

TIDY_EVERY = timedelta(minutes=1)

_log = structlog.get_logger()


def create_service(settings: AuthSettings, pool: Pool) -> Service:
    secret = settings.internal_secret.get_secret_value()
    application = create_application(ROUTES, pool=pool, internal_secret=secret)
    links = Links(secret.encode(), settings.terms)
    application[SETTINGS] = settings
    application[PASSWORDS] = Passwords()
    application[LINKS] = links
    application.cleanup_ctx.append(_prepare_passwords)
    application.on_startup.append(_offer_setup)
    tidying = Housekeeping(pool, housekeeping.remove_expired, every=TIDY_EVERY)

    async def invite_next() -> bool:
        async with transaction(pool) as opened:
            return await invitations.invite_next(opened, links=links, now=datetime.now(UTC))

    async def send_next_reset() -> bool:
        async with transaction(pool) as opened:
            return await password_links.send_next_reset(opened, links=links, now=datetime.now(UTC))

    return Service(
        application,
        subscriptions=SUBSCRIPTIONS,
        loops=(
            EffectLoop("inviting", INVITATION_CHANNEL, invite_next),
            EffectLoop("resetting", RESET_CHANNEL, send_next_reset),
            EffectLoop("housekeeping", None, tidying.perform_next),
        ),
    )


async def _prepare_passwords(application: web.Application) -> AsyncIterator[None]:
    passwords = application[PASSWORDS]
    await passwords.prepare()
    yield
    passwords.close()


async def _offer_setup(application: web.Application) -> None:
    """While there is no operator, the log is the one place that only an operator reads."""
    async with transaction(application[POOL]) as opened:
        offered = await operators.offer_setup(opened, now=datetime.now(UTC))
    if offered is None:
        return
    token, expires_at = offered
    url = f"{application[SETTINGS].public_url.rstrip('/')}/setup/{token}"
    # A warning, so that it is seen at every usual log level. The token is good once and only until then.
    _log.warning("first_operator_link", url=url, valid_until=expires_at.isoformat(timespec="minutes"))
