"""The internal HTTP of approvals."""

import re
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

from aiohttp import web

from services.approvals.model.versions import Wish
from services.approvals.settings import ApprovalsSettings
from services.approvals.use_cases import decisions, versions
from services.approvals.use_cases.decisions import Given, Rules
from shared.api import approvals as api
from shared.errors import ForbiddenError, InvalidError, NotFoundError
from shared.web import (
    identity,
    json_response,
    parse_body,
    path_uuid,
    query_choice,
    query_rows,
    query_words,
    reading,
    require,
    transaction,
)
from shared.web.identity import Role

SETTINGS: web.AppKey[ApprovalsSettings] = web.AppKey("settings", ApprovalsSettings)
_READERS: tuple[Role, ...] = ("customer", "clerk", "operator")
_NUMBER = re.compile(r"[0-9]{1,6}")


async def list_versions(request: web.Request) -> web.Response:
    who, wish = require(request, *_READERS), _wish(request)
    if who.role == "customer" and (wish.queue or wish.clerk_code):
        raise ForbiddenError("Only the dealer's people have a desk.")
    # What is missing must fit the rows; why a mail failed may be read, by a statement more, a moment later.
    opening = transaction(request) if wish.queue == "order" else reading(request)
    async with opening as opened:
        rows = await versions.list_versions(opened, who, wish)
    return json_response(rows)


async def get_version(request: web.Request) -> web.Response:
    return json_response(await _read_version(request))


async def mark_seen(request: web.Request) -> web.Response:
    version_id = path_uuid(request, "version_id")
    async with transaction(request) as opened:
        await decisions.mark_seen(opened, identity(request), version_id, now=datetime.now(UTC))
    return web.Response(status=204)


async def grant_approval(request: web.Request) -> web.Response:
    version_id, body = path_uuid(request, "version_id"), await parse_body(request, api.GrantApproval)
    given = Given(
        kind="approved_with_changes" if body.with_changes else "approved",
        sha256=body.sha256,
        comment=body.comment,
        positions_sha256=body.positions_sha256,
        approval_text_version=body.approval_text_version,
        network_address=body.network_address,
    )
    async with transaction(request) as opened:
        await decisions.grant_approval(
            opened, identity(request), version_id, given, rules=_rules(request), now=datetime.now(UTC)
        )
    return json_response(await _read_version(request))


async def request_changes(request: web.Request) -> web.Response:
    version_id, body = path_uuid(request, "version_id"), await parse_body(request, api.RequestChanges)
    given = Given(
        kind="changes_requested",
        sha256=body.sha256,
        comment=body.comment,
        positions_sha256=body.positions_sha256,
        network_address=body.network_address,
    )
    async with transaction(request) as opened:
        await decisions.request_changes(
            opened, identity(request), version_id, given, rules=_rules(request), now=datetime.now(UTC)
        )
    return json_response(await _read_version(request))


async def confirm_changes(request: web.Request) -> web.Response:
    who = require(request, "clerk", "operator")
    version_id = path_uuid(request, "version_id")
    async with transaction(request) as opened:
        await decisions.confirm_changes(opened, who, version_id, now=datetime.now(UTC))
    return web.Response(status=204)


async def get_file(request: web.Request) -> web.Response:
    who = require(request, *_READERS)
    version_id = path_uuid(request, "version_id")
    async with reading(request) as opened:
        file = await versions.get_file(opened, who, version_id)
    return json_response(file)


async def get_record(request: web.Request) -> web.Response:
    who = require(request, *_READERS)
    version_id = path_uuid(request, "version_id")
    async with reading(request) as opened:
        record = await versions.get_record(opened, who, version_id)
    return json_response(record)


async def get_page(request: web.Request) -> web.Response:
    who = require(request, *_READERS)
    version_id, number = path_uuid(request, "version_id"), request.match_info["number"]
    width = query_choice(request, "width", ("large", "thumb"))
    if not _NUMBER.fullmatch(number):
        raise NotFoundError("There is no picture of this page.")
    async with reading(request) as opened:
        page = await versions.get_page(opened, who, version_id, number=int(number), thumb=width == "thumb")
    return json_response(page)


async def _read_version(request: web.Request) -> api.Version:
    who, settings = require(request, *_READERS), request.app[SETTINGS]
    version_id = path_uuid(request, "version_id")
    async with transaction(request) as opened:
        return await versions.get_version(
            opened,
            who,
            version_id,
            with_changes_allowed=settings.approve_with_changes,
            time_zone=settings.time_zone,
        )


def _rules(request: web.Request) -> Rules:
    settings = request.app[SETTINGS]
    return Rules(
        with_changes_allowed=settings.approve_with_changes,
        network_address_retention=settings.network_address_retention,
    )


def _wish(request: web.Request) -> Wish:
    limit, offset = query_rows(request)
    return Wish(
        document_id=_document_id(request),
        state=query_choice(request, "state", get_args(api.VersionState)),
        queue=query_choice(request, "queue", get_args(api.Queue)),
        clerk_code=request.query.get("clerk_code", "").replace("\0", ""),
        words=query_words(request),
        limit=limit,
        offset=offset,
    )


def _document_id(request: web.Request) -> UUID | None:
    document_id = request.query.get("document_id")
    try:
        return UUID(document_id) if document_id is not None else None
    except ValueError as error:
        raise InvalidError("This is no document.", fields={"document_id": "a UUID is expected"}) from error


ROUTES = [
    web.get("/versions", list_versions, name="list_versions"),
    web.get("/versions/{version_id}", get_version, name="get_version"),
    web.post("/versions/{version_id}/seen", mark_seen, name="mark_seen"),
    web.post("/versions/{version_id}/grant", grant_approval, name="grant_approval"),
    web.post("/versions/{version_id}/request-changes", request_changes, name="request_changes"),
    web.post("/versions/{version_id}/confirm-changes", confirm_changes, name="confirm_changes"),
    web.get("/versions/{version_id}/file", get_file, name="get_file"),
    web.get("/versions/{version_id}/record", get_record, name="get_record"),
    web.get("/versions/{version_id}/pages/{number}", get_page, name="get_page"),
]
