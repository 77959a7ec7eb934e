"""How mails leave: looked at, changed and tried by operators. The password goes in and never comes out."""

from dataclasses import replace
from datetime import timedelta

from aiohttp import web

from services.mailer.delivery import wire_address
from services.mailer.model.recipients import Mailbox, one_line
from services.mailer.model.settings import MailSettings, SmtpServer
from services.mailer.probing import probe
from services.mailer.routes.tools import now, tools_of
from services.mailer.use_cases import settings as use_cases
from services.mailer.use_cases.mail_room import load_settings, open_office
from shared.api import mailer as api
from shared.web import json_response, parse_body, require, transaction


async def get_settings(request: web.Request) -> web.Response:
    require(request, "operator")
    async with transaction(request) as opened:
        settings = await load_settings(opened, tools_of(request).room)
    return json_response(_body(settings))


async def change_settings(request: web.Request) -> web.Response:
    who, room = require(request, "operator"), tools_of(request).room
    body = await parse_body(request, api.ChangeMailSettings)
    async with transaction(request) as opened:
        changed = await use_cases.prepare_change(
            opened, room, _settings(body), password=body.password, by=who.name, now=now()
        )
        await use_cases.save_settings(opened, room, changed)
    return json_response(_body(changed))


async def reset_settings(request: web.Request) -> web.Response:
    require(request, "operator")
    async with transaction(request) as opened:
        await use_cases.reset_settings(opened)
    return web.Response(status=204)


async def test_settings(request: web.Request) -> web.Response:
    """The mail server is asked outside of any transaction."""
    who, tools = require(request, "operator"), tools_of(request)
    body = await parse_body(request, api.TestMailSettings)
    async with transaction(request) as opened:
        tried = await use_cases.prepare_change(
            opened, tools.room, _settings(body.settings), password=body.settings.password, by="", now=now()
        )
        office = replace(await open_office(opened, tools.room), settings=tried)
    recipient = Mailbox(one_line(who.name), body.recipient.strip())
    envelope = use_cases.make_test_mail(office, recipient=recipient, locale=who.locale, now=now())
    outcome = await probe(
        tried.server,
        envelope,
        own_domain=wire_address(tried.sender).rpartition("@")[2],
        ca_file=tools.ca_file,
    )
    return json_response(api.TestOutcome(code=outcome.code, answer=outcome.answer))


def _settings(body: api.ChangeMailSettings) -> MailSettings:
    return MailSettings(
        server=SmtpServer(body.host.strip(), body.port, body.security, body.username.strip()),
        sender=body.sender.strip(),
        fallback=body.fallback.strip(),
        copy_to_clerk=body.copy_to_clerk,
        way=body.way,
        request_delay=timedelta(seconds=body.request_delay_seconds),
    )


def _body(settings: MailSettings) -> api.MailSettings:
    server = settings.server
    return api.MailSettings(
        host=server.host,
        port=server.port,
        security=server.security,
        username=server.username,
        sender=settings.sender,
        fallback=settings.fallback,
        copy_to_clerk=settings.copy_to_clerk,
        way=settings.way,
        request_delay_seconds=int(settings.request_delay.total_seconds()),
        has_password=bool(server.password),
        password_is_lost=settings.password_is_lost,
        changed_at=settings.changed_at,
        changed_by=settings.changed_by,
    )


ROUTES = [
    web.get("/settings", get_settings, name="get_settings"),
    web.post("/settings", change_settings, name="change_settings"),
    web.post("/settings/reset", reset_settings, name="reset_settings"),
    web.post("/settings/test", test_settings, name="test_settings"),
]
