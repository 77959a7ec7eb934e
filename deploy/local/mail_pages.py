"""The pages that show caught mails, in German and English, and the same as JSON for tests."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web
from aiohttp.helpers import content_disposition_header

from deploy.local.mails import CaughtMail, MailFolder, MailNotFoundError

TEMPLATES = Path(__file__).parent / "templates"

# The page needs its own style sheet and frames, nothing else; it has no script.
PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"
# A mail is a stranger's HTML: no script, no request to anywhere, but its links open in a new tab.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
WORDS = {
    "en": {
        "title": "Caught mails",
        "hint": "Mails of this trial run end here; nobody outside gets them.",
        "empty": "No mail yet.",
        "from": "From",
        "to": "To",
        "received": "Received",
        "subject": "Subject",
        "back": "All mails",
        "text": "Text",
        "attachments": "Attachments",
        "source": "Source (.eml)",
        "no_subject": "(no subject)",
    },
    "de": {
        "title": "Aufgefangene Mails",
        "hint": "Die Mails dieses Probelaufs enden hier, niemand draußen bekommt sie.",
        "empty": "Noch keine Mail.",
        "from": "Von",
        "to": "An",
        "received": "Eingegangen",
        "subject": "Betreff",
        "back": "Alle Mails",
        "text": "Text",
        "attachments": "Anlagen",
        "source": "Quelltext (.eml)",
        "no_subject": "(kein Betreff)",
    },
}


class MailPages:
    """The list, one mail, its parts, and all of it as JSON."""

    def __init__(self, folder: MailFolder, zone: ZoneInfo) -> None:
        self._folder = folder
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
        )
        self._templates.filters["time"] = lambda at: _local_time(at, zone)

    def application(self) -> web.Application:
        application = web.Application(middlewares=[_answer_not_found])
        application.add_routes(
            [
                web.get("/", self.show_list),
                web.get("/mails.json", self.send_json),
                web.get("/mails.css", _send_style),
                web.get("/health/ready", _answer_ready),
                web.get("/mails/{mail_id}", self.show_mail),
                web.get("/mails/{mail_id}/html", self.show_html),
                web.get("/mails/{mail_id}/source", self.send_source),
                web.get(r"/mails/{mail_id}/attachments/{number:\d+}", self.send_attachment),
            ]
        )
        return application

    async def show_list(self, request: web.Request) -> web.Response:
        return self._page(request, "mails.html", mails=copies_below(self._folder.list_mails()))

    async def show_mail(self, request: web.Request) -> web.Response:
        return self._page(request, "mail.html", mail=self._mail(request))

    async def show_html(self, request: web.Request) -> web.Response:
        # Its links open beside the page, not in the frame.
        html = f'<base target="_blank">{self._mail(request).html}'
        return web.Response(text=html, content_type="text/html", headers=_headers(MAIL_POLICY))

    async def send_attachment(self, request: web.Request) -> web.Response:
        attachments = self._mail(request).attachments
        number = int(request.match_info["number"])
        if number >= len(attachments):
            raise web.HTTPNotFound
        attachment = attachments[number]
        return _download(attachment.content, attachment.name, attachment.media_type)

    async def send_source(self, request: web.Request) -> web.Response:
        file = self._folder.file(request.match_info["mail_id"])
        return _download(file.read_bytes(), file.name, "message/rfc822")

    async def send_json(self, _request: web.Request) -> web.Response:
        return web.json_response([mail.as_json() for mail in self._folder.list_mails()])

    def _mail(self, request: web.Request) -> CaughtMail:
        return self._folder.get(request.match_info["mail_id"])

    def _page(self, request: web.Request, template: str, **values: object) -> web.Response:
        language = "de" if request.headers.get("Accept-Language", "").lower().startswith("de") else "en"
        html = self._templates.get_template(template).render(
            language=language, words=WORDS[language], **values
        )
        return web.Response(text=html, content_type="text/html", headers=_headers(PAGE_POLICY))


def copies_below(mails: Sequence[CaughtMail]) -> list[CaughtMail]:
    """A clerk's copy, "Kopie: …", that came just after the mail it is a copy of stands below it."""
    ordered = list(mails)
    for upper in range(len(ordered) - 1):
        copy, original = ordered[upper : upper + 2]
        if original.subject and copy.subject.endswith(f": {original.subject}"):
            ordered[upper : upper + 2] = [original, copy]
    return ordered


def _local_time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%d.%m.%Y %H:%M:%S}"


@web.middleware
async def _answer_not_found(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except MailNotFoundError as error:
        raise web.HTTPNotFound from error


async def _send_style(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(TEMPLATES / "mails.css")


async def _answer_ready(_request: web.Request) -> web.Response:
    return web.Response(text="ready")


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def _download(content: bytes, name: str, media_type: str) -> web.Response:
    headers = _headers("default-src 'none'; sandbox") | {
        "Content-Type": media_type,
        "Content-Disposition": content_disposition_header("attachment", filename=name),
    }
    return web.Response(body=content, headers=headers)
