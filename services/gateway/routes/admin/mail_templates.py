"""The words of the mails: edited, previewed on samples, sent to oneself, taken back."""

from html import escape

from aiohttp import web

from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form
from services.gateway.words.mails import CASE_NAMES, FIELD_MEANINGS, tell_words_problems
from services.gateway.words.notices import Notice
from services.gateway.words.texts import N_, Faults, Told
from shared.api.mailer import Template, TryWords, Words, WordsVersion
from shared.errors import NotFoundError

_PREVIEW_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
"""A mail has its styles in its tags; nothing else of it may do anything, and its links lead nowhere."""


async def list_mail_templates(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    gateway = gateway_of(request)
    rows = (await gateway.clients.mailer.list_templates(who)).rows
    by_template: dict[str, list[object]] = {}
    for row in rows:
        by_template.setdefault(row.template, []).append(row)
    return gateway.pages.respond(request, "admin/mail_templates.html", templates=list(by_template.values()))


async def edit_mail_words(request: web.Request) -> web.Response:
    """What holds, or with ?version= what once did: to be looked at and saved anew."""
    template = await _template(request)
    version = _asked_version(request, template)
    words = template.words if version is None else (version.words or template.shipped)
    return _page(request, template, words, shown_version=version)


async def save_mail_words(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    gateway = gateway_of(request)
    name, locale = _named(request)
    words, _ = await _read(request)
    saved = await gateway.clients.mailer.save_words(who, name, locale, words)
    if saved.problems:
        return _page(request, await _template(request), words, errors=tell_words_problems(saved.problems))
    request[AUDIT_NOTE] = words.subject
    return gateway.pages.go_on(
        gateway.pages.links("edit_mail_words", template=name, locale=locale), notice=Notice.WORDS_SAVED
    )


async def reset_mail_words(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    gateway = gateway_of(request)
    name, locale = _named(request)
    await gateway.clients.mailer.reset_words(who, name, locale)
    return gateway.pages.go_on(
        gateway.pages.links("edit_mail_words", template=name, locale=locale), notice=Notice.WORDS_RESET
    )


async def send_mail_sample(request: web.Request) -> web.Response:
    """To the operator himself, with what was typed; it stays on the page."""
    who = visitor_of(request).require_operator()
    name, locale = _named(request)
    words, case = await _read(request)
    tried = TryWords(words=words, case=case)
    sent = await gateway_of(request).clients.mailer.send_sample(who, name, locale, tried)
    return _page(
        request,
        await _template(request),
        words,
        case=case,
        errors=tell_words_problems(sent.problems),
        sent_to="" if sent.problems else who.email,
    )


async def preview_mail_words(request: web.Request) -> web.Response:
    """The mail with what was typed, for the frame on the page; as text where that was asked for."""
    words, case = await _read(request)
    return await _preview(request, words, case, as_text=(await read_form(request)).get("as") == "text")


async def show_mail_preview(request: web.Request) -> web.Response:
    """The mail with the words that hold, or held: what the frame shows to begin with."""
    template = await _template(request)
    version = _asked_version(request, template)
    words = template.words if version is None else (version.words or template.shipped)
    return await _preview(request, words, request.query.get("case", ""), as_text=False)


async def _preview(request: web.Request, words: Words, case: str, *, as_text: bool) -> web.Response:
    who = visitor_of(request).require_operator()
    gateway = gateway_of(request)
    name, locale = _named(request)
    preview = await gateway.clients.mailer.preview_words(who, name, locale, TryWords(words=words, case=case))
    if preview.problems:
        return _framed(_problem_page(request, tell_words_problems(preview.problems)), status=422)
    subject_line = f"{gateway.pages.translate(visitor_of(request).locale, N_('Subject'))}: {preview.subject}"
    if as_text:
        return _framed(_text_page(f"{subject_line}\n\n{preview.text}"))
    # A click on a link of the mail opens nothing: the frame may not.
    return _framed(preview.html.replace("<head>", '<head><base target="_blank">', 1))


def _framed(html: str, *, status: int = 200) -> web.Response:
    headers = {
        "Content-Security-Policy": _PREVIEW_POLICY,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return web.Response(text=html, status=status, headers=headers, content_type="text/html")


def _text_page(text: str) -> str:
    return (
        '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<pre style="font: 14px/1.5 ui-monospace, monospace; white-space: pre-wrap; margin: 16px">'
        f"{escape(text)}</pre>"
    )


def _problem_page(request: web.Request, faults: Faults) -> str:
    pages, locale = gateway_of(request).pages, visitor_of(request).locale
    sentences = []
    for fault in faults.values():
        told = fault if isinstance(fault, Told) else Told(fault)
        sentences.append(pages.translate(locale, told.text) % told.values)
    return _text_page("\n".join(sentences))


def _page(
    request: web.Request,
    template: Template,
    words: Words,
    *,
    case: str = "",
    errors: Faults | None = None,
    shown_version: WordsVersion | None = None,
    sent_to: str = "",
) -> web.Response:
    response = gateway_of(request).pages.respond(
        request,
        "admin/mail_words.html",
        status=422 if errors else 200,
        template=template,
        words=words,
        case=case or template.cases[0],
        cases=[(one, CASE_NAMES.get(one, one)) for one in template.cases],
        meanings=FIELD_MEANINGS,
        errors=errors or {},
        problems=tell_words_problems(template.problems),
        shown_version=shown_version,
        sent_to=sent_to,
    )
    response.headers["Content-Security-Policy"] += "; frame-src 'self'"
    return response


async def _template(request: web.Request) -> Template:
    who = visitor_of(request).require_operator()
    name, locale = _named(request)
    return await gateway_of(request).clients.mailer.get_template(who, name, locale)


def _named(request: web.Request) -> tuple[str, str]:
    return request.match_info["template"], request.match_info["locale"]


def _asked_version(request: web.Request, template: Template) -> WordsVersion | None:
    asked = request.query.get("version")
    if asked is None:
        return None
    for version in template.history:
        if str(version.words_version_id) == asked:
            return version
    raise NotFoundError("There is no such version.")


async def _read(request: web.Request) -> tuple[Words, str]:
    form = await read_form(request)
    words = Words(
        subject=form.get("subject", ""),
        opening=form.get("opening", ""),
        button=form.get("button", ""),
        closing=form.get("closing", ""),
    )
    return words, form.get("case", "")


_PATH = "/admin/mail/templates/{template}/{locale}"
ROUTES = [
    web.get("/admin/mail/templates", list_mail_templates, name="list_mail_templates"),
    web.get(_PATH, edit_mail_words, name="edit_mail_words"),
    web.post(_PATH, save_mail_words, name="save_mail_words"),
    web.post(f"{_PATH}/reset", reset_mail_words, name="reset_mail_words"),
    web.get(f"{_PATH}/preview", show_mail_preview, name="show_mail_preview"),
    web.post(f"{_PATH}/preview", preview_mail_words, name="preview_mail_words"),
    web.post(f"{_PATH}/sample", send_mail_sample, name="send_mail_sample"),
]
