"""The company: name, colour and imprint lines, the logo, Impressum and Datenschutz."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web

from services.gateway import use_cases
from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form
from services.gateway.model.branding import Logo, colour_facts, read_colour
from services.gateway.uploads import UPLOAD, UploadTooLargeError
from services.gateway.words.notices import Notice
from services.gateway.words.texts import (
    LEGAL_TEXTS,
    N_,
    Faults,
    LegalText,
    Told,
    default_legal_text,
    parse_legal_text,
)
from shared.errors import InvalidError, NotFoundError
from shared.i18n import LOCALES
from shared.sandbox import SandboxError, run_sandboxed
from shared.web import transaction

LOGO_MB = 5
LOGO_SECONDS = 20.0
LONGEST_NAME = 80
LONGEST_IMPRINT = 1000
LONGEST_TEXT = 40_000
_TITLES = {"imprint": N_("Imprint"), "privacy": N_("Privacy")}
_LOGO_FAULTS = {
    "": N_("Please choose a file."),
    "drawing": N_("An SVG file cannot be taken. Please save the logo as PNG, JPEG or WebP."),
    "too_many_pixels": N_("The picture has too many pixels. Please save it about 1,000 pixels wide."),
    "unreadable": N_(
        "This file is not a picture that can be read. Please save the logo as PNG, JPEG or WebP."
    ),
    "empty": N_("The picture is empty: everything in it is transparent."),
}


async def show_company(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    return _company_page(request)


def _company_page(
    request: web.Request,
    *,
    entered: dict[str, str] | None = None,
    errors: Faults | None = None,
    is_preview: bool = False,
) -> web.Response:
    """With what was entered, or with what holds."""
    gateway = gateway_of(request)
    look = gateway.looks.now
    shown = entered or {
        "company_name": look.company_name,
        "colour": look.brand.surface,
        "mail_imprint": look.branding.mail_imprint,
    }
    is_good = not errors or "colour" not in errors
    return gateway.pages.respond(
        request,
        "admin/company.html",
        status=422 if errors else 200,
        entered=shown,
        errors=errors or {},
        facts_of_colour=colour_facts(shown["colour"] if is_good else look.brand.surface),
        is_preview=is_preview,
        samples=[name for name in LEGAL_TEXTS if _is_sample(request, name)],
        longest_name=LONGEST_NAME,
        longest_imprint=LONGEST_IMPRINT,
        logo_mb=LOGO_MB,
    )


def _is_sample(request: web.Request, name: str) -> bool:
    """Whether some language still shows the sample."""
    gateway = gateway_of(request)
    own = gateway.looks.now.branding.legal_texts
    return gateway.settings.legal_file(name) is None and any((name, locale) not in own for locale in LOCALES)


async def preview_company(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    entered, errors = await _read_company(request)
    return _company_page(request, entered=entered, errors=errors, is_preview=not errors)


async def change_company(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    gateway = gateway_of(request)
    entered, errors = await _read_company(request)
    if errors:
        return _company_page(request, entered=entered, errors=errors)
    settings = gateway.settings
    async with transaction(request) as opened:
        await use_cases.change_company(
            opened,
            # What is the same as in the settings goes on to follow them.
            company_name=_unless(entered["company_name"], settings.company_name),
            colour=_unless(entered["colour"], settings.brand_colour.lower()),
            mail_imprint=entered["mail_imprint"],
            now=datetime.now(UTC),
        )
    request[AUDIT_NOTE] = f"{entered['company_name']}, {entered['colour']}"
    await gateway.looks.refresh()
    return gateway.pages.go_on(gateway.pages.links("show_company"), notice=Notice.COMPANY_SAVED)


async def _read_company(request: web.Request) -> tuple[dict[str, str], Faults]:
    form = await read_form(request)
    colour = form.get("colour", "")
    entered = {
        "company_name": " ".join(form.get("company_name", "").split()),
        "colour": read_colour(colour) or colour,
        "mail_imprint": form.get("mail_imprint", "").replace("\r\n", "\n"),
    }
    errors: dict[str, str | Told] = {}
    if not 1 <= len(entered["company_name"]) <= LONGEST_NAME:
        errors["company_name"] = Told(
            N_("Please enter the company's name, at most %(most)s characters."), {"most": LONGEST_NAME}
        )
    if not read_colour(colour):
        errors["colour"] = N_(
            "Please enter a colour as # followed by six digits or letters, such as #0f5c8c."
        )
    if len(entered["mail_imprint"]) > LONGEST_IMPRINT:
        errors["mail_imprint"] = Told(
            N_("Please shorten the text to at most %(most)s characters."), {"most": LONGEST_IMPRINT}
        )
    return entered, errors


def _unless(entered: str, default: str) -> str:
    return "" if entered == default else entered


async def upload_logo(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    gateway = gateway_of(request)
    try:
        logo, is_pale = await _take_logo(request)
    except InvalidError as error:
        return _company_page(request, errors={"logo": Told(error.message, {"most": LOGO_MB})})
    async with transaction(request) as opened:
        await use_cases.change_logo(opened, logo, now=datetime.now(UTC))
    await gateway.looks.refresh()
    notice = Notice.LOGO_PALE if is_pale else Notice.LOGO_SAVED
    return gateway.pages.go_on(gateway.pages.links("show_company"), notice=notice)


async def _take_logo(request: web.Request) -> tuple[Logo, bool]:
    """Into the storage, as a small PNG of our own making. Raises InvalidError, told in the catalogue."""
    content = b""
    try:
        async for file in request[UPLOAD].files(limit=LOGO_MB * 1_000_000):
            if file.field == "logo":
                content = await file.read()
    except UploadTooLargeError as error:
        raise InvalidError(N_("The file is larger than %(most)s MB.")) from error
    if not content:
        raise InvalidError(_LOGO_FAULTS[""])
    try:
        made = await run_sandboxed(
            "services.gateway.logo",
            {"content": base64.b64encode(content).decode()},
            seconds=LOGO_SECONDS,
        )
    except SandboxError as error:
        raise InvalidError(_LOGO_FAULTS["unreadable"]) from error
    if made["refusal"]:
        raise InvalidError(_LOGO_FAULTS[made["refusal"]])
    png = base64.b64decode(made["content"])
    sha256 = await gateway_of(request).storage.add(png)
    return Logo(sha256, len(png), made["width"], made["height"]), made["is_pale"]


async def remove_logo(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    gateway = gateway_of(request)
    async with transaction(request) as opened:
        await use_cases.change_logo(opened, None, now=datetime.now(UTC))
    await gateway.looks.refresh()
    return gateway.pages.go_on(gateway.pages.links("show_company"), notice=Notice.LOGO_REMOVED)


async def edit_legal_texts(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    name = _legal_name(request)
    own = gateway_of(request).looks.now.branding.legal_texts
    entered = {locale: own.get((name, locale)) or _default(request, name, locale) for locale in LOCALES}
    return _legal_page(request, name, entered)


async def preview_legal_texts(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    name = _legal_name(request)
    return _legal_page(request, name, await _read_legal_texts(request))


async def change_legal_texts(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    gateway, name = gateway_of(request), _legal_name(request)
    entered = await _read_legal_texts(request)
    if any(len(text) > LONGEST_TEXT for text in entered.values()):
        return _legal_page(request, name, entered)
    own = {locale: _unless(text, _default(request, name, locale)) for locale, text in entered.items()}
    async with transaction(request) as opened:
        await use_cases.change_legal_texts(opened, name, own, now=datetime.now(UTC))
    request[AUDIT_NOTE] = gateway.pages.translate(visitor_of(request).locale, _TITLES[name])
    await gateway.looks.refresh()
    address = gateway.pages.links("edit_legal_texts", name=name)
    return gateway.pages.go_on(address, notice=_saved_notice(request, name, own))


def _saved_notice(request: web.Request, name: str, own: Mapping[str, str]) -> Notice:
    """Where no text of the operator's own stands any more, the page shows the sample again, or the file."""
    if all(own.values()):
        return Notice.LEGAL_TEXTS_SAVED
    if gateway_of(request).settings.legal_file(name):
        return Notice.LEGAL_TEXTS_FROM_FILE
    return Notice.LEGAL_TEXTS_SAMPLE if not any(own.values()) else Notice.LEGAL_TEXTS_PARTLY_SAMPLE


def _legal_page(request: web.Request, name: str, entered: dict[str, str]) -> web.Response:
    """The form, and below it each text as the page will show it."""
    errors: Faults = {
        locale: Told(N_("Please shorten the text to at most %(most)s characters."), {"most": LONGEST_TEXT})
        for locale, text in entered.items()
        if len(text) > LONGEST_TEXT
    }
    return gateway_of(request).pages.respond(
        request,
        "admin/legal_texts.html",
        status=422 if errors else 200,
        name=name,
        entered=entered,
        errors=errors,
        shown={locale: _shown(request, name, locale, text) for locale, text in entered.items()},
        longest=LONGEST_TEXT,
    )


def _shown(request: web.Request, name: str, locale: str, text: str) -> LegalText:
    default = _default(request, name, locale)
    has_file = gateway_of(request).settings.legal_file(name) is not None
    return parse_legal_text(text or default, is_sample=text in ("", default) and not has_file)


def _legal_name(request: web.Request) -> str:
    if request.match_info["name"] not in LEGAL_TEXTS:
        raise NotFoundError("There is nothing at this address.")
    return request.match_info["name"]


async def _read_legal_texts(request: web.Request) -> dict[str, str]:
    form = await read_form(request)
    return {locale: form.get(locale, "").replace("\r\n", "\n") for locale in LOCALES}


def _default(request: web.Request, name: str, locale: str) -> str:
    return default_legal_text(name, locale, gateway_of(request).settings.legal_file(name))


ROUTES = [
    web.get("/admin/company", show_company, name="show_company"),
    web.post("/admin/company", change_company, name="change_company"),
    web.post("/admin/company/preview", preview_company, name="preview_company"),
    web.post("/admin/company/logo", upload_logo, name="upload_logo"),
    web.post("/admin/company/logo/remove", remove_logo, name="remove_logo"),
    web.get("/admin/company/texts/{name}", edit_legal_texts, name="edit_legal_texts"),
    web.post("/admin/company/texts/{name}", change_legal_texts, name="change_legal_texts"),
    web.post("/admin/company/texts/{name}/preview", preview_legal_texts, name="preview_legal_texts"),
]
