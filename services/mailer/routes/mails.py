"""What was sent to whom, for operators."""

from datetime import datetime
from typing import get_args

from aiohttp import web

from services.mailer.composing import title_of
from services.mailer.model.mails import Mail, MailState
from services.mailer.routes.tools import now
from services.mailer.use_cases import mail_log
from shared.api import mailer as api
from shared.web import json_response, path_uuid, query_choice, query_rows, query_words, require, transaction


async def list_mails(request: web.Request) -> web.Response:
    who = require(request, "operator")
    limit, offset = query_rows(request)
    async with transaction(request) as opened:
        mails, total = await mail_log.list_mails(
            opened,
            state=query_choice(request, "state", get_args(MailState)) or "",
            words=query_words(request),
            limit=limit,
            offset=offset,
        )
    moment = now()
    rows = tuple(_row(mail, who.locale, moment) for mail in mails)
    return json_response(api.MailRows(rows=rows, total=total))


async def send_again(request: web.Request) -> web.Response:
    require(request, "operator")
    async with transaction(request) as opened:
        await mail_log.send_again(opened, path_uuid(request, "mail_id"), now=now())
    return web.Response(status=204)


def _row(mail: Mail, locale: str, moment: datetime) -> api.MailRow:
    return api.MailRow(
        mail_id=mail.mail_id,
        template=mail.template,
        title=title_of(mail.template, locale),
        recipient=mail.recipient,
        subject=mail.content.subject,
        state=mail.state,
        reason=mail.reason,
        attempts=mail.attempts,
        queued_at=mail.queued_at,
        ended_at=mail.ended_at,
        can_be_sent_again=mail.may_be_sent_again(moment),
    )


ROUTES = [
    web.get("/mails", list_mails, name="list_mails"),
    web.post("/mails/{mail_id}/send-again", send_again, name="send_again"),
]
