"""What was sent to whom, and what became of it."""

from uuid import UUID

from aiohttp import web

from services.gateway.edge import gateway_of, visitor_of
from services.gateway.lists import PAGE_SIZE, Paging, read_wish
from services.gateway.words.mails import MAIL_STATES
from services.gateway.words.notices import Notice
from shared.errors import ConflictError
from shared.web import path_uuid


async def show_mail_log(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    gateway = gateway_of(request)
    wish = read_wish(request, fields=("q", "state"), sorts=("-moment",), choices={"state": MAIL_STATES})
    mails = await gateway.clients.mailer.list_mails(
        who,
        state=wish.fields.get("state", ""),
        words=wish.fields.get("q", ""),
        page=wish.page,
        size=PAGE_SIZE,
    )
    paging = Paging(wish, mails.total)
    if paging.is_beyond:
        return gateway.pages.go_on(wish.address(page=paging.page_count))
    return gateway.pages.respond(
        request, "admin/mail_log.html", wish=wish, paging=paging, rows=mails.rows, state_names=MAIL_STATES
    )


async def send_mail_again(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    gateway = gateway_of(request)
    mail_id: UUID = path_uuid(request, "mail_id")
    notice = Notice.MAIL_SENT_AGAIN
    try:
        await gateway.clients.mailer.send_again(who, mail_id)
    except ConflictError as error:
        notice = Notice.LINK_OVER if error.code == "LinkOverError" else Notice.MAIL_NOT_FAILED
    return gateway.pages.go_on(gateway.pages.links("show_mail_log"), notice=notice)


ROUTES = [
    web.get("/admin/mail/log", show_mail_log, name="show_mail_log"),
    web.post("/admin/mail/log/{mail_id}/send-again", send_mail_again, name="send_mail_again"),
]
