"""The drafts of the clerks, who send them from their own mail program."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from aiohttp import web

from services.mailer.model.mails import Mail
from services.mailer.routes.tools import now, tools_of
from services.mailer.use_cases import drafts as use_cases
from services.mailer.use_cases.mail_room import load_settings, open_office
from shared.api import mailer as api
from shared.database import Transaction
from shared.web import json_response, path_uuid, require, transaction


async def list_drafts(request: web.Request) -> web.Response:
    require(request, "clerk", "operator")
    async with transaction(request) as opened:
        drafts = await use_cases.list_drafts(opened, clerk_code=_clerk_code(request))
    moment = now()
    return json_response(api.DraftRows(rows=tuple(_row(draft, moment) for draft in drafts)))


async def count_drafts(request: web.Request) -> web.Response:
    require(request, "clerk", "operator")
    async with transaction(request) as opened:
        own, others = await use_cases.count_drafts(opened, clerk_code=_clerk_code(request))
        settings = await load_settings(opened, tools_of(request).room)
    return json_response(api.DraftCount(own=own, others=others, is_in_use=settings.way == "outlook"))


async def get_draft_file(request: web.Request) -> web.Response:
    """With the token of its link: whoever may send the mail may read it."""
    require(request, "clerk", "operator")
    tools = tools_of(request)
    async with transaction(request) as opened:
        draft = await use_cases.get_draft(opened, path_uuid(request, "mail_id"))
        office = await open_office(opened, tools.room)
    content = await tools.packing.draft(draft, portal=office.portal)
    return json_response(api.DraftFile(name=f"{draft.content.subject}.eml", content=content.decode()))


async def mark_draft_sent(request: web.Request) -> web.Response:
    require(request, "clerk", "operator")
    return await _settle(
        request, lambda opened, mail_id, moment: use_cases.mark_draft_sent(opened, mail_id, now=moment)
    )


async def send_draft(request: web.Request) -> web.Response:
    require(request, "clerk", "operator")
    return await _settle(
        request, lambda opened, mail_id, moment: use_cases.send_draft(opened, mail_id, now=moment)
    )


async def discard_draft(request: web.Request) -> web.Response:
    who = require(request, "clerk", "operator")
    return await _settle(
        request,
        lambda opened, mail_id, moment: use_cases.discard_draft(opened, mail_id, by=who.name, now=moment),
    )


async def _settle(
    request: web.Request, settle: Callable[[Transaction, UUID, datetime], Awaitable[None]]
) -> web.Response:
    async with transaction(request) as opened:
        await settle(opened, path_uuid(request, "mail_id"), now())
    return web.Response(status=204)


def _clerk_code(request: web.Request) -> str:
    return request.query.get("clerk_code", "").replace("\0", "")


def _row(draft: Mail, moment: datetime) -> api.DraftRow:
    return api.DraftRow(
        mail_id=draft.mail_id,
        clerk_code=draft.clerk_code,
        clerk_name=draft.shown_from.name,
        recipient_name=draft.shown_to[0].name,
        recipient=draft.recipient,
        template=draft.template,
        subject=draft.content.subject,
        drafted_at=draft.queued_at,
        version_ids=draft.version_ids,
        is_link_over=draft.has_dead_link(moment),
    )


ROUTES = [
    web.get("/drafts", list_drafts, name="list_drafts"),
    web.get("/drafts/count", count_drafts, name="count_drafts"),
    web.get("/drafts/{mail_id}/file", get_draft_file, name="get_draft_file"),
    web.post("/drafts/{mail_id}/sent", mark_draft_sent, name="mark_draft_sent"),
    web.post("/drafts/{mail_id}/send", send_draft, name="send_draft"),
    web.post("/drafts/{mail_id}/discard", discard_draft, name="discard_draft"),
]
