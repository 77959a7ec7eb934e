"""The base of a service's internal HTTP: JSON in and out, errors by family, identity on every request."""

import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar
from uuid import UUID, uuid4

import asyncpg
import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError

from shared import database
from shared.database import DATABASE_ERRORS, Pool, Transaction
from shared.errors import CockpitError, InvalidError, NotFoundError, reason_of
from shared.web import identity as identities

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Model = TypeVar("Model", bound=BaseModel)

POOL: web.AppKey[Pool] = web.AppKey("pool")
_SECRET: web.AppKey[bytes] = web.AppKey("internal_secret", bytes)
_CORRELATION = re.compile(r"[0-9a-zA-Z-]{8,64}")
CORRELATION_HEADER = "X-Correlation-Id"
BODY_LIMIT = 4 * 1024 * 1024

_log = structlog.get_logger()


def create_application(
    routes: Iterable[web.AbstractRouteDef],
    *,
    pool: Pool,
    internal_secret: str,
    open_paths: tuple[str, ...] = (),
) -> web.Application:
    """An application whose routes all need an identity, but for health and `open_paths` (prefixes)."""

    @web.middleware
    async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(("/health/", *open_paths)):
            header = request.headers.get(identities.HEADER, "")
            identities.attach(request, identities.verify(header, request.app[_SECRET]))
        return await handler(request)

    application = web.Application(
        middlewares=[correlate, _answer_errors, identify], client_max_size=BODY_LIMIT
    )
    application[POOL] = pool
    application[_SECRET] = internal_secret.encode()
    application.router.add_get("/health/live", _live, name="live")
    application.router.add_get("/health/ready", _ready, name="ready")
    application.router.add_routes(routes)
    return application


@web.middleware
async def correlate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One id from the browser's request through services, events and logs.

    Nothing to unbind: aiohttp gives each request a task, and so a context, of its own.
    """
    structlog.contextvars.bind_contextvars(correlation_id=correlation_id_of(request))
    return await handler(request)


def correlation_id_of(request: web.Request) -> str:
    """The one that came with the request, if it looks like one, else a new one."""
    given = request.headers.get(CORRELATION_HEADER, "")
    return given if _CORRELATION.fullmatch(given) else uuid4().hex


def transaction(request: web.Request) -> AbstractAsyncContextManager[Transaction]:
    """The one transaction of this request. Return the response after the block."""
    return database.transaction(request.app[POOL])


def reading(request: web.Request) -> AbstractAsyncContextManager[Transaction]:
    """Instead of `transaction` where the answer is read by exactly one statement."""
    return database.reading(request.app[POOL])


def json_response(model: BaseModel, *, status: int = 200) -> web.Response:
    return web.Response(body=model.model_dump_json().encode(), status=status, content_type="application/json")


async def parse_body(request: web.Request, model: type[Model]) -> Model:
    """The body as `model`; raises InvalidError with the place of each fault."""
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        fields = {".".join(map(str, fault["loc"])): fault["msg"] for fault in error.errors()}
        raise InvalidError("The request is not as expected.", fields=fields) from error


def path_uuid(request: web.Request, name: str) -> UUID:
    """A path parameter that is an id; anything else is simply not found."""
    try:
        return UUID(request.match_info[name])
    except ValueError as error:
        raise NotFoundError("There is nothing at this address.") from error


def path_text(request: web.Request, name: str) -> str:
    """A path parameter; without zero characters, which PostgreSQL takes in no text."""
    return request.match_info[name].replace("\0", "")


def _problem(status: int, message: str, fields: dict[str, str], code: str) -> web.Response:
    return web.json_response({"error": code, "message": message, "fields": fields}, status=status)


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except CockpitError as error:
        return _problem(error.status, error.message, error.fields, type(error).__name__)
    except web.HTTPException as error:
        return _problem(error.status, error.reason, {}, type(error).__name__)
    except asyncpg.CharacterNotInRepertoireError:  # a zero character: PostgreSQL stores none
        return _problem(422, "The request is not as expected.", {}, "InvalidError")
    except DATABASE_ERRORS as error:
        _log.warning("database_unreachable", path=request.path, reason=reason_of(error))
        return _problem(503, "The database cannot be reached.", {}, "DatabaseUnreachable")
    except Exception:  # noqa: BLE001 - the edge: nothing that is thrown may reach the socket
        _log.exception("request_crashed", method=request.method, path=request.path)
        return _problem(500, "Something went wrong.", {}, "InternalError")


async def _live(_request: web.Request) -> web.Response:
    return web.Response(text="live\n")


async def _ready(request: web.Request) -> web.Response:
    await request.app[POOL].fetchval("SELECT 1")
    return web.Response(text="ready\n")
