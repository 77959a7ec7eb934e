"""Puts the gateway together: the only place that constructs."""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from services.gateway.assets import Assets
from services.gateway.clients import ApprovalsClient, AuthClient, Clients, DocumentsClient, SyncClient
from services.gateway.edge import GATEWAY, Gateway, guard
from services.gateway.forms import FormTokens
from services.gateway.pages import Links, Pages
from services.gateway.routes import ROUTES
from services.gateway.sessions import Sessions
from services.gateway.settings import GatewaySettings
from shared.storage import FolderStorage

FORM_LIMIT = 256 * 1024
"""Bytes of a form. What CDH brings is streamed and has limits of its own."""


def create_gateway(settings: GatewaySettings) -> web.Application:
    application = web.Application(middlewares=[guard], client_max_size=FORM_LIMIT)

    async def connect(application: web.Application) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=200, keepalive_timeout=30)
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), skip_auto_headers=("User-Agent",)
        ) as session:
            application[GATEWAY] = _create(settings, session)
            yield

    application.cleanup_ctx.append(connect)
    application.router.add_routes(ROUTES)
    return application


def _create(settings: GatewaySettings, session: aiohttp.ClientSession) -> Gateway:
    secret = settings.internal_secret.get_secret_value()
    clients = Clients(
        auth=AuthClient(session, settings.auth_url, secret),
        documents=DocumentsClient(session, settings.documents_url, secret),
        approvals=ApprovalsClient(session, settings.approvals_url, secret),
        sync=SyncClient(session, settings.sync_url, secret),
    )
    tokens = FormTokens(secret)
    sessions = Sessions(clients.auth, settings)
    assets = Assets(settings)
    pages = Pages(settings, links=Links(ROUTES), assets=assets, tokens=tokens, sessions=sessions)
    return Gateway(
        settings=settings,
        clients=clients,
        sessions=sessions,
        tokens=tokens,
        assets=assets,
        pages=pages,
        storage=FolderStorage(settings.storage_folder),
    )
