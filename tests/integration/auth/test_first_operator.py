"""The one-time link that makes the first operator of a new installation."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
import structlog
from aiohttp.test_utils import TestServer

from services.auth.app import create_service
from services.auth.settings import AuthSettings
from shared.api import auth as api
from shared.database import Pool
from shared.errors import CockpitError, InvalidError, NotFoundError
from shared.web import SYSTEM, ServiceClient
from tests.integration.auth.conftest import SECRET
from tests.integration.auth.test_sessions import find

PREFIX = "https://portal.example.de/setup/"
OLAF = {"name": "Olaf Operator", "email": "it@werbetex-nord.de", "password": "zwei dicke fische"}


@asynccontextmanager
async def started(settings: AuthSettings, pool: Pool) -> AsyncIterator[tuple[ServiceClient, str | None]]:
    """A copy of auth, and the token of the link that it logged."""
    with structlog.testing.capture_logs() as logs:
        server = TestServer(create_service(settings, pool).application)
        await server.start_server()
    links = [str(entry["url"]) for entry in logs if entry["event"] == "first_operator_link"]
    assert all(link.startswith(PREFIX) for link in links)
    async with server, aiohttp.ClientSession() as session:
        yield (
            ServiceClient(session, str(server.make_url("")), SECRET),
            links[0].removeprefix(PREFIX) if links else None,
        )


async def look(auth: ServiceClient, token: str) -> None:
    await auth.call("POST", "/operators/first/find", who=SYSTEM, body=api.FindSetup(token=token))


async def use(auth: ServiceClient, token: str, **changes: str) -> api.Session:
    body = api.CreateFirstOperator(token=token, **(OLAF | changes))
    return await auth.post("/operators/first", body, api.Session, who=SYSTEM)


async def test_the_link_makes_an_operator_who_is_logged_in(settings: AuthSettings, pool: Pool) -> None:
    async with started(settings, pool) as (auth, token):
        assert token
        session = await use(auth, token)
        assert session.account.role == "operator"
        assert await find(auth, session.token) == session.account
    [body] = [row["body"] for row in await pool.fetch("SELECT body FROM outbox")]
    assert json.loads(body)["role"] == "operator"


async def test_looking_at_the_link_never_uses_it_up(settings: AuthSettings, pool: Pool) -> None:
    async with started(settings, pool) as (auth, token):
        assert token
        for _ in range(3):
            await look(auth, token)
        await use(auth, token)


async def test_the_link_works_once(settings: AuthSettings, pool: Pool) -> None:
    async with started(settings, pool) as (auth, token):
        assert token
        await use(auth, token)
        with pytest.raises(NotFoundError):
            await look(auth, token)
        with pytest.raises(NotFoundError):
            await use(auth, token, email="second@werbetex-nord.de")
    assert await pool.fetchval("SELECT count(*) FROM account") == 1


async def test_a_password_that_is_refused_leaves_the_link_good(settings: AuthSettings, pool: Pool) -> None:
    async with started(settings, pool) as (auth, token):
        assert token
        with pytest.raises(InvalidError):
            await use(auth, token, password="123456")
        with pytest.raises(InvalidError):
            await use(auth, token, email="no address")
        await use(auth, token)


async def test_each_copy_has_a_good_link_until_one_is_used(settings: AuthSettings, pool: Pool) -> None:
    async with started(settings, pool) as (auth, one), started(settings, pool) as (_, two):
        assert one
        assert two
        assert one != two
        await look(auth, one)
        await use(auth, two)
        with pytest.raises(NotFoundError):
            await use(auth, one, email="second@werbetex-nord.de")


async def test_two_links_used_at_the_same_moment_make_one_operator(
    settings: AuthSettings, pool: Pool
) -> None:
    async with started(settings, pool) as (auth, one), started(settings, pool) as (_, two):
        assert one
        assert two
        outcomes = await asyncio.gather(
            use(auth, one), use(auth, two, email="second@werbetex-nord.de"), return_exceptions=True
        )
    assert sum(isinstance(outcome, CockpitError) for outcome in outcomes) == 1
    assert await pool.fetchval("SELECT count(*) FROM account WHERE role = 'operator'") == 1


async def test_no_link_is_made_once_there_is_an_operator(settings: AuthSettings, pool: Pool) -> None:
    async with started(settings, pool) as (auth, token):
        assert token
        await use(auth, token)
    async with started(settings, pool) as (_, token):
        assert token is None


async def test_an_expired_link_is_not_good(settings: AuthSettings, pool: Pool) -> None:
    async with started(settings, pool) as (auth, token):
        assert token
        await pool.execute("UPDATE setup_token SET expires_at = now() - interval '1 second'")
        with pytest.raises(NotFoundError):
            await look(auth, token)
        with pytest.raises(NotFoundError):
            await use(auth, token)


async def test_only_the_hash_of_the_link_is_stored(settings: AuthSettings, pool: Pool) -> None:
    async with started(settings, pool) as (_, token):
        stored = await pool.fetchval(
            "SELECT encode(token_hash, 'escape') || encode(token_hash, 'base64') FROM setup_token"
        )
        assert token
        assert token not in stored


async def test_a_made_up_link_costs_no_hash_and_says_nothing(settings: AuthSettings, pool: Pool) -> None:
    async with started(settings, pool) as (auth, _):
        with pytest.raises(NotFoundError) as caught:
            await use(auth, "made-up", password="123456")
        assert caught.value.code == "SetupOverError"
