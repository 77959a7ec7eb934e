"""Puts auth together."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import structlog
from aiohttp import web

from services.auth import use_cases
from services.auth.passwords import Passwords
from services.auth.routes import PASSWORDS, ROUTES, SETTINGS
from services.auth.settings import AuthSettings
from services.auth.subscriptions import SUBSCRIPTIONS
from shared.database import Pool, transaction
from shared.process import Service
from shared.web import POOL, create_application

_log = structlog.get_logger()


def create_service(settings: AuthSettings, pool: Pool) -> Service:
    application = create_application(
        ROUTES, pool=pool, internal_secret=settings.internal_secret.get_secret_value()
    )
    application[SETTINGS] = settings
    application[PASSWORDS] = Passwords()
    application.cleanup_ctx.append(_prepare_passwords)
    application.on_startup.append(_offer_setup)
    return Service(application, subscriptions=SUBSCRIPTIONS)


async def _prepare_passwords(application: web.Application) -> AsyncIterator[None]:
    passwords = application[PASSWORDS]
    await passwords.prepare()
    yield
    passwords.close()


async def _offer_setup(application: web.Application) -> None:
    """While there is no operator, the log is the one place that only an operator reads."""
    async with transaction(application[POOL]) as opened:
        offered = await use_cases.offer_setup(opened, now=datetime.now(UTC))
    if offered is None:
        return
    token, expires_at = offered
    url = f"{application[SETTINGS].public_url.rstrip('/')}/setup/{token}"
    # A warning, so that it is seen at every usual log level. The token is good once and only until then.
    _log.warning("first_operator_link", url=url, valid_until=expires_at.isoformat(timespec="minutes"))
