"""What every service's internal HTTP does with callers, errors and databases that are away."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import BaseModel

from shared.database import create_pool
from shared.errors import ConflictError, InvalidError, NotFoundError, UnauthenticatedError
from shared.web import (
    SYSTEM,
    Identity,
    ServiceClient,
    ServiceUnavailableError,
    create_application,
    identity,
    json_response,
    parse_body,
    path_uuid,
    require,
    transaction,
)

SECRET = "the secret of the test"
CUSTOMER = Identity(role="customer", customer_number="10042")


class Greeting(BaseModel):
    text: str


class AlreadyGreetedError(ConflictError):
    """Somebody was quicker."""


async def _greet(request: web.Request) -> web.Response:
    greeting = await parse_body(request, Greeting)
    return json_response(Greeting(text=f"{greeting.text}, {identity(request).customer_number}"))


async def _conflict(_request: web.Request) -> web.Response:
    raise AlreadyGreetedError("Somebody was quicker.", fields={"text": "said before"})


async def _crash(_request: web.Request) -> web.Response:
    raise ZeroDivisionError


async def _staff(request: web.Request) -> web.Response:
    require(request, "clerk", "operator")
    return web.Response()


async def _by_id(request: web.Request) -> web.Response:
    return json_response(Greeting(text=str(path_uuid(request, "greeting_id"))))


async def _from_database(request: web.Request) -> web.Response:
    async with transaction(request) as opened:
        return json_response(Greeting(text=await opened.fetchval("SELECT 'from the database'")))


ROUTES = [
    web.post("/greet", _greet),
    web.post("/conflict", _conflict),
    web.post("/crash", _crash),
    web.post("/staff", _staff),
    web.get("/greetings/{greeting_id}", _by_id),
    web.get("/database", _from_database),
]


@pytest.fixture
async def server(bus_database_url: str) -> AsyncIterator[TestServer]:
    pool = await create_pool(bus_database_url)
    running = TestServer(create_application(ROUTES, pool=pool, internal_secret=SECRET))
    await running.start_server()
    yield running
    await running.close()
    await pool.close()


@pytest.fixture
async def client(server: TestServer) -> AsyncIterator[ServiceClient]:
    async with aiohttp.ClientSession() as session:
        yield ServiceClient(session, str(server.make_url("")), SECRET)


async def test_a_request_with_identity_is_answered(client: ServiceClient) -> None:
    answer = await client.post("/greet", Greeting(text="Guten Tag"), Greeting, who=CUSTOMER)
    assert answer.text == "Guten Tag, 10042"


async def test_every_route_but_health_refuses_requests_without_identity(server: TestServer) -> None:
    async with aiohttp.ClientSession(str(server.make_url("/"))) as session:
        for path in ("/greet", "/conflict", "/crash", "/staff", "/nowhere"):
            assert (await session.post(path)).status == 401
        for path in ("/health/live", "/health/ready"):
            assert (await session.get(path)).status == 200


async def test_an_identity_signed_with_another_secret_is_refused(server: TestServer) -> None:
    async with aiohttp.ClientSession() as session:
        stranger = ServiceClient(session, str(server.make_url("")), "another secret")
        with pytest.raises(UnauthenticatedError):
            await stranger.post("/greet", Greeting(text="Guten Tag"), Greeting, who=SYSTEM)


async def test_an_error_crosses_the_wire_as_its_family_with_its_name(client: ServiceClient) -> None:
    with pytest.raises(ConflictError, match="quicker") as caught:
        await client.call("POST", "/conflict", who=CUSTOMER)
    assert caught.value.code == "AlreadyGreetedError"
    assert caught.value.fields == {"text": "said before"}


async def test_a_body_that_is_not_as_expected_says_where(client: ServiceClient) -> None:
    with pytest.raises(InvalidError) as caught:
        await client.call("POST", "/greet", who=CUSTOMER)
    assert caught.value.fields
    with pytest.raises(InvalidError) as caught:
        await client.post("/greet", Identity(role="clerk"), Greeting, who=CUSTOMER)
    assert list(caught.value.fields) == ["text"]


async def test_an_id_that_is_none_is_not_found(client: ServiceClient) -> None:
    with pytest.raises(NotFoundError):
        await client.get("/greetings/1%20OR%201=1", Greeting, who=CUSTOMER)


async def test_a_part_of_an_address_never_leads_to_another_route(client: ServiceClient) -> None:
    with pytest.raises(NotFoundError):
        await client.get("/greetings/../database", Greeting, who=CUSTOMER)
    with pytest.raises(NotFoundError):
        await client.get("/greetings/..", Greeting, who=CUSTOMER)


async def test_a_role_that_may_not_is_refused(client: ServiceClient) -> None:
    with pytest.raises(Exception, match="may not"):
        await client.call("POST", "/staff", who=CUSTOMER)


async def test_a_crash_tells_nothing_of_the_inside(server: TestServer, client: ServiceClient) -> None:
    with pytest.raises(ServiceUnavailableError, match="answered with 500"):
        await client.call("POST", "/crash", who=CUSTOMER)


async def test_a_database_that_is_away_is_said_and_comes_back() -> None:
    pool = await create_pool("postgresql://nobody@127.0.0.1:9/none")
    async with (
        TestServer(create_application(ROUTES, pool=pool, internal_secret=SECRET)) as server,
        aiohttp.ClientSession(str(server.make_url("/"))) as session,
    ):
        assert (await session.get("/health/ready")).status == 503
        assert (await session.get("/health/live")).status == 200
    await pool.close()
