"""Mails that wait for their clerk: he sends them from his own Outlook, or has them sent after all."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp import web

from services.gateway.asking import if_available
from services.gateway.downloads import content_disposition
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.words.notices import Notice
from shared.api.mailer import DraftCount
from shared.errors import ConflictError
from shared.web import Identity, path_uuid

EVERYBODY = "all"


async def list_drafts(request: web.Request) -> web.Response:
    """The clerk's own ones; with ?whose=all those of his colleagues, too."""
    who = visitor_of(request).require_staff()
    gateway = gateway_of(request)
    shows_all = not who.clerk_code or request.query.get("whose") == EVERYBODY
    clerk_code = "" if shows_all else who.clerk_code
    rows = (await gateway.clients.mailer.list_drafts(who, clerk_code=clerk_code)).rows
    others = 0 if rows or shows_all else (await gateway.clients.mailer.count_drafts(who)).others
    return gateway.pages.respond(
        request,
        "desk/drafts.html",
        rows=rows,
        shows_all=shows_all,
        can_choose=bool(who.clerk_code),
        others=others,
        whose=EVERYBODY if shows_all and who.clerk_code else "",
    )


async def download_draft(request: web.Request) -> web.Response:
    """An .eml that Outlook opens ready to be sent. Looking changes nothing."""
    who = visitor_of(request).require_staff()
    gateway = gateway_of(request)
    try:
        file = await gateway.clients.mailer.get_draft_file(who, path_uuid(request, "mail_id"))
    except ConflictError:
        return gateway.pages.go_on(gateway.pages.links("list_drafts"), notice=Notice.DRAFT_GONE)
    headers = {
        "Content-Disposition": content_disposition(file.name),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.Response(body=file.content.encode(), headers=headers, content_type="message/rfc822")


async def mark_draft_sent(request: web.Request) -> web.Response:
    return await _settle(request, gateway_of(request).clients.mailer.mark_draft_sent, Notice.DRAFT_MARKED)


async def send_draft(request: web.Request) -> web.Response:
    return await _settle(request, gateway_of(request).clients.mailer.send_draft, Notice.DRAFT_SENT)


async def discard_draft(request: web.Request) -> web.Response:
    return await _settle(request, gateway_of(request).clients.mailer.discard_draft, Notice.DRAFT_DISCARDED)


async def check_discarding(request: web.Request) -> web.Response:
    """What becomes of the mail, before it is gone."""
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    mail_id, query = path_uuid(request, "mail_id"), _whose(request)
    rows = (await gateway.clients.mailer.list_drafts(who)).rows
    row = next((row for row in rows if row.mail_id == mail_id), None)
    if row is None:
        return gateway.pages.go_on(gateway.pages.links("list_drafts", query), notice=Notice.DRAFT_GONE)
    return gateway.pages.respond(request, "desk/draft_discarding.html", row=row, query=query)


async def choose_notice(request: web.Request, by_mail: Notice, *, by_draft: Notice) -> Notice:
    """What is true where the mails of clerks leave at once, or where they wait for Outlook."""
    mailer = gateway_of(request).clients.mailer
    drafts: DraftCount | None = await if_available(mailer.count_drafts(visitor_of(request).who))
    return by_draft if drafts and drafts.is_in_use else by_mail


def _whose(request: web.Request) -> dict[str, str] | None:
    return {"whose": EVERYBODY} if request.query.get("whose") == EVERYBODY else None


async def _settle(
    request: web.Request, settle: Callable[[Identity, UUID], Awaitable[None]], notice: Notice
) -> web.Response:
    who = visitor_of(request).require_staff()
    pages = gateway_of(request).pages
    try:
        await settle(who, path_uuid(request, "mail_id"))
    except ConflictError as error:
        notice = Notice.LINK_OVER if error.code == "LinkOverError" else Notice.DRAFT_GONE
    return pages.go_on(pages.links("list_drafts", _whose(request)), notice=notice)


ROUTES = [
    web.get("/desk/drafts", list_drafts, name="list_drafts"),
    web.get("/desk/drafts/{mail_id}", download_draft, name="download_draft"),
    web.post("/desk/drafts/{mail_id}/sent", mark_draft_sent, name="mark_draft_sent"),
    web.post("/desk/drafts/{mail_id}/send", send_draft, name="send_draft"),
    web.get("/desk/drafts/{mail_id}/discard", check_discarding, name="check_discarding"),
    web.post("/desk/drafts/{mail_id}/discard", discard_draft, name="discard_draft"),
]
