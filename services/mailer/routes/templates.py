"""The words of the mails: looked at, tried, saved and taken back by operators."""

from collections.abc import Iterable
from dataclasses import asdict

from aiohttp import web

from services.mailer.composing import shipped
from services.mailer.letters.letter import WITHOUT_LINK, TemplateName
from services.mailer.routes.tools import now, tools_of
from services.mailer.use_cases import templates as use_cases
from services.mailer.use_cases.mail_room import open_office
from services.mailer.words import Problem, Words
from shared.api import mailer as api
from shared.web import json_response, parse_body, require, transaction


async def list_templates(request: web.Request) -> web.Response:
    who = require(request, "operator")
    async with transaction(request) as opened:
        office = await open_office(opened, tools_of(request).room)
        templates = await use_cases.list_templates(opened, office)
    rows = tuple(api.TemplateRow(**_row(one, who.locale)) for one in templates)
    return json_response(api.TemplateRows(rows=rows))


async def get_template(request: web.Request) -> web.Response:
    who = require(request, "operator")
    name, locale = _named(request)
    async with transaction(request) as opened:
        office = await open_office(opened, tools_of(request).room)
        template, history = await use_cases.get_template(opened, office, name, locale)
    body = api.Template(
        **_row(template, who.locale),
        has_link=name not in WITHOUT_LINK,
        words=_words_body(template.words),
        shipped=_words_body(template.shipped.words),
        fields=tuple(
            api.TemplateField(name=field, example=str(value)) for field, value in template.fields.items()
        ),
        cases=use_cases.cases_of(name, locale, office.company),
        history=tuple(
            api.WordsVersion(
                words_version_id=one.words_version_id,
                words=_words_body(one.words) if one.words else None,
                saved_at=one.saved_at,
                saved_by=one.saved_by,
            )
            for one in history
        ),
        problems=_problems(template.problems),
    )
    return json_response(body)


async def save_words(request: web.Request) -> web.Response:
    who = require(request, "operator")
    name, locale = _named(request)
    body = await parse_body(request, api.Words)
    async with transaction(request) as opened:
        office = await open_office(opened, tools_of(request).room)
        problems = await use_cases.save_words(
            opened, office, name, locale, _words(body), by=who.name, now=now()
        )
    return json_response(api.SavedWords(problems=_problems(problems)))


async def reset_words(request: web.Request) -> web.Response:
    who = require(request, "operator")
    name, locale = _named(request)
    async with transaction(request) as opened:
        await use_cases.reset_words(opened, name, locale, by=who.name, now=now())
    return web.Response(status=204)


async def preview_words(request: web.Request) -> web.Response:
    require(request, "operator")
    name, locale = _named(request)
    body = await parse_body(request, api.TryWords)
    async with transaction(request) as opened:
        office = await open_office(opened, tools_of(request).room)
    tried = use_cases.try_words(office, name, locale, _words(body.words), body.case)
    content = tried.content
    return json_response(
        api.Preview(
            subject=content.subject if content else "",
            text=content.body_text if content else "",
            html=await tools_of(request).packing.page(content) if content else "",
            problems=_problems(tried.problems),
        )
    )


async def send_sample(request: web.Request) -> web.Response:
    who = require(request, "operator")
    name, locale = _named(request)
    body = await parse_body(request, api.TryWords)
    async with transaction(request) as opened:
        office = await open_office(opened, tools_of(request).room)
        problems = await use_cases.send_sample(
            opened, office, name, locale, words=_words(body.words), case=body.case, to=who, now=now()
        )
    return json_response(api.SavedWords(problems=_problems(problems)))


def _named(request: web.Request) -> tuple[TemplateName, str]:
    return use_cases.find_template(request.match_info["template"], request.match_info["locale"])


def _row(template: use_cases.Template, reader: str) -> dict[str, object]:
    """Titles in the reader's language, whatever the language of the mail."""
    told = shipped()[template.name, reader]
    version = template.version
    return {
        "template": template.name,
        "locale": template.locale,
        "title": told.title,
        "about": told.about,
        "is_own": template.own_words is not None,
        "is_usable": not template.problems,
        "changed_at": version.saved_at if version else None,
        "changed_by": version.saved_by if version else "",
    }


def _words(body: api.Words) -> Words:
    return Words(body.subject, body.opening, body.button, body.closing)


def _words_body(words: Words) -> api.Words:
    return api.Words(**asdict(words))


def _problems(problems: Iterable[Problem]) -> tuple[api.WordsProblem, ...]:
    return tuple(api.WordsProblem(**asdict(problem)) for problem in problems)


ROUTES = [
    web.get("/templates", list_templates, name="list_templates"),
    web.get("/templates/{template}/{locale}", get_template, name="get_template"),
    web.post("/templates/{template}/{locale}", save_words, name="save_words"),
    web.post("/templates/{template}/{locale}/reset", reset_words, name="reset_words"),
    web.post("/templates/{template}/{locale}/preview", preview_words, name="preview_words"),
    web.post("/templates/{template}/{locale}/test", send_sample, name="send_sample"),
]
