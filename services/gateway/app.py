"""Puts the gateway together: the only place that constructs."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
from aiohttp import web

from services.gateway.audit import AuditLog
from services.gateway.clients import (
    ApprovalsClient,
    AuthClient,
    Clients,
    DocumentsClient,
    MailerClient,
    SyncClient,
)
from services.gateway.edge import GATEWAY, Gateway, guard
from services.gateway.forms import FormTokens
from services.gateway.looks import Looks
from services.gateway.pages.assets import Assets
from services.gateway.pages.rendering import Links, Pages
from services.gateway.repository.branding import CHANGED
from services.gateway.routes import ROUTES
from services.gateway.sessions import Sessions
from services.gateway.settings import GatewaySettings
from shared.database import Pool
from shared.process import EffectLoop, Service
from shared.storage import FolderStorage
from shared.web import POOL

FORM_LIMIT = 256 * 1024
"""Bytes of a form. What CDH brings is streamed and has limits of its own."""
CONNECTIONS = 200
"""To all services together, for the pages."""
STREAMS = 20
"""As many bodies are passed on at once, over connections of their own: however slowly they come, no page
waits for them."""


def create_service(settings: GatewaySettings, pool: Pool) -> Service:
    application = web.Application(
        middlewares=[guard],
        client_max_size=FORM_LIMIT,
        # A megabyte of a stranger's unpacks to a gigabyte, in seconds in which nobody gets a page.
        handler_args={"auto_decompress": False},
    )
    application[POOL] = pool
    storage = FolderStorage(settings.storage_folder)
    assets = Assets()
    looks = Looks(settings, pool, assets, storage)

    async def connect(application: web.Application) -> AsyncIterator[None]:
        await looks.load()
        async with _session(CONNECTIONS) as session, _session(STREAMS) as streams:
            clients = _create_clients(settings, session, streams)
            tokens = FormTokens(settings.internal_secret.get_secret_value())
            sessions = Sessions(clients.auth, settings)
            application[GATEWAY] = Gateway(
                settings=settings,
                clients=clients,
                sessions=sessions,
                tokens=tokens,
                assets=assets,
                looks=looks,
                audit_log=AuditLog(pool, keep=timedelta(days=settings.audit_days)),
                pages=Pages(
                    settings,
                    links=Links(ROUTES),
                    assets=assets,
                    looks=looks,
                    tokens=tokens,
                    sessions=sessions,
                ),
                storage=storage,
            )
            yield

    application.cleanup_ctx.append(connect)
    application.router.add_routes(ROUTES)
    return Service(application, loops=(EffectLoop("look", CHANGED, looks.refresh),))


def _session(connections: int) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=connections, keepalive_timeout=30)
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), skip_auto_headers=("User-Agent",)
    )


def _create_clients(
    settings: GatewaySettings, session: aiohttp.ClientSession, streams: aiohttp.ClientSession
) -> Clients:
    secret = settings.internal_secret.get_secret_value()
    return Clients(
        auth=AuthClient(session, settings.auth_url, secret),
        documents=DocumentsClient(session, settings.documents_url, secret),
        approvals=ApprovalsClient(session, settings.approvals_url, secret),
        mailer=MailerClient(session, settings.mailer_url, secret),
        sync=SyncClient(session, settings.sync_url, secret, streams=streams),
    )
