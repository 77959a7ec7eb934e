"""The internal HTTP of documents: what the gateway asks for its pages."""

import datetime as dt
from typing import get_args
from zoneinfo import ZoneInfo

from aiohttp import web

from services.documents import use_cases
from services.documents.model import Wish
from shared.api.documents import DocumentSort
from shared.errors import InvalidError
from shared.events.sync import DocumentKind
from shared.web import (
    identity,
    json_response,
    path_text,
    path_uuid,
    query_choice,
    query_date,
    query_rows,
    query_words,
    reading,
    require,
)

TIME_ZONE: web.AppKey[ZoneInfo] = web.AppKey("time_zone", ZoneInfo)


async def get_document(request: web.Request) -> web.Response:
    document_id = path_uuid(request, "document_id")
    async with reading(request) as opened:
        document = await use_cases.get_document(opened, identity(request), document_id, today=_today(request))
    return web.Response(body=document, content_type="application/json")


async def list_documents(request: web.Request) -> web.Response:
    wish, customer_number = _wish(request), request.query.get("customer_number")
    async with reading(request) as opened:
        rows = await use_cases.list_documents(
            opened, identity(request), wish, customer_number=customer_number, today=_today(request)
        )
    return web.Response(body=rows, content_type="application/json")


async def get_file(request: web.Request) -> web.Response:
    document_id, sha256 = path_uuid(request, "document_id"), path_text(request, "sha256")
    async with reading(request) as opened:
        file = await use_cases.get_file(opened, identity(request), document_id, sha256)
    return json_response(file)


async def get_clerk(request: web.Request) -> web.Response:
    clerk_code = path_text(request, "clerk_code")
    async with reading(request) as opened:
        clerk = await use_cases.get_clerk(opened, identity(request), clerk_code)
    return json_response(clerk)


async def list_customers(request: web.Request) -> web.Response:
    require(request, "clerk", "operator")
    words, (limit, offset) = query_words(request), query_rows(request)
    async with reading(request) as opened:
        rows = await use_cases.list_customers(opened, words, limit=limit, offset=offset)
    return json_response(rows)


async def get_customer(request: web.Request) -> web.Response:
    require(request, "clerk", "operator")
    customer_number = path_text(request, "customer_number")
    async with reading(request) as opened:
        customer = await use_cases.get_customer(opened, customer_number)
    return json_response(customer)


async def list_by_number(request: web.Request) -> web.Response:
    require(request, "clerk", "operator")
    kind, number = _kind(request.match_info["kind"]), path_text(request, "number")
    async with reading(request) as opened:
        documents = await use_cases.list_by_number(opened, kind, number)
    return json_response(documents)


async def list_clerks(request: web.Request) -> web.Response:
    require(request, "clerk", "operator")
    async with reading(request) as opened:
        clerks = await use_cases.list_clerks(opened)
    return json_response(clerks)


async def list_status_groups(request: web.Request) -> web.Response:
    require(request, "operator")
    async with reading(request) as opened:
        groups = await use_cases.list_status_groups(opened, counted=request.query.get("counted") == "yes")
    return json_response(groups)


ROUTES = [
    web.get("/documents", list_documents, name="list_documents"),
    web.get("/documents/{document_id}", get_document, name="get_document"),
    web.get("/documents/{document_id}/files/{sha256}", get_file, name="get_file"),
    web.get("/clerks", list_clerks, name="list_clerks"),
    web.get("/clerks/{clerk_code}", get_clerk, name="get_clerk"),
    web.get("/customers", list_customers, name="list_customers"),
    web.get("/customers/{customer_number}", get_customer, name="get_customer"),
    web.get("/status-groups", list_status_groups, name="list_status_groups"),
    web.get("/numbers/{kind}/{number}", list_by_number, name="list_by_number"),
]


def _today(request: web.Request) -> dt.date:
    return dt.datetime.now(request.app[TIME_ZONE]).date()


def _wish(request: web.Request) -> Wish:
    """What the query asks for; raises InvalidError."""
    query, (limit, offset) = request.query, query_rows(request)
    return Wish(
        kinds=tuple(map(_kind, query.getall("kind", ()))) or tuple(DocumentKind),
        words=query_words(request),
        state=query.get("state"),
        since=query_date(request, "since"),
        until=query_date(request, "until"),
        sort=query_choice(request, "sort", get_args(DocumentSort)) or "-date",
        limit=limit,
        offset=offset,
    )


def _kind(given: str) -> DocumentKind:
    try:
        return DocumentKind(given)
    except ValueError as error:
        raise InvalidError("There is no such kind of document.", fields={"kind": "unknown"}) from error
