"""The internal HTTP of documents: what the gateway asks for its pages."""

import datetime as dt
from zoneinfo import ZoneInfo

from aiohttp import web

from services.documents import use_cases
from shared.errors import InvalidError
from shared.events.sync import DocumentKind
from shared.web import identity, json_response, path_uuid, query_limit, reading

TIME_ZONE: web.AppKey[ZoneInfo] = web.AppKey("time_zone", ZoneInfo)
DEFAULT_LIMIT = 20
MOST = 200


async def get_document(request: web.Request) -> web.Response:
    document_id = path_uuid(request, "document_id")
    async with reading(request) as opened:
        document = await use_cases.get_document(opened, identity(request), document_id, today=_today(request))
    return json_response(document)


async def list_documents(request: web.Request) -> web.Response:
    kind, limit = _kind(request), query_limit(request, default=DEFAULT_LIMIT, most=MOST)
    async with reading(request) as opened:
        rows = await use_cases.list_documents(
            opened, identity(request), kind=kind, limit=limit, today=_today(request)
        )
    return json_response(rows)


async def get_clerk(request: web.Request) -> web.Response:
    clerk_code = request.match_info["clerk_code"].replace(
        "\0", ""
    )  # which PostgreSQL does not take in a text
    async with reading(request) as opened:
        clerk = await use_cases.get_clerk(opened, identity(request), clerk_code)
    return json_response(clerk)


ROUTES = [
    web.get("/documents", list_documents, name="list_documents"),
    web.get("/documents/{document_id}", get_document, name="get_document"),
    web.get("/clerks/{clerk_code}", get_clerk, name="get_clerk"),
]


def _today(request: web.Request) -> dt.date:
    return dt.datetime.now(request.app[TIME_ZONE]).date()


def _kind(request: web.Request) -> DocumentKind | None:
    given = request.query.get("kind")
    try:
        return DocumentKind(given) if given else None
    except ValueError as error:
        raise InvalidError("There is no such kind of document.", fields={"kind": "unknown"}) from error
