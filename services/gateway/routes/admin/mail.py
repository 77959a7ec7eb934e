"""How mails leave: the mail server, sender and fallback address, and a test mail that says what is wrong."""

from typing import get_args

from aiohttp import web

from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form, read_password
from services.gateway.words.mails import TEST_OUTCOMES, tell_setting_faults
from services.gateway.words.notices import Notice
from services.gateway.words.texts import Faults, Told
from shared.api.mailer import ChangeMailSettings, MailSettings, Security, TestMailSettings, TestOutcome, Way
from shared.errors import InvalidError
from shared.sealing import Seal, UnsealableError

_TYPED = "typed smtp password"  # the purpose of a seal
Entered = dict[str, str]


async def show_mail_settings(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    settings = await gateway_of(request).clients.mailer.get_settings(who)
    return _page(request, settings, entered=_as_form(settings) | {"recipient": who.email})


async def change_mail_settings(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    gateway = gateway_of(request)
    entered, change, faults = await _read(request)
    if change is not None:
        try:
            await gateway.clients.mailer.change_settings(who, change)
        except InvalidError as error:
            faults = tell_setting_faults(error.fields)
        else:
            return gateway.pages.go_on(
                gateway.pages.links("show_mail_settings"), notice=Notice.MAIL_SETTINGS_SAVED
            )
    return _page(request, await gateway.clients.mailer.get_settings(who), entered=entered, errors=faults)


async def test_mail_settings(request: web.Request) -> web.Response:
    """With what was typed, before it is saved. A typed password stays in the page, sealed."""
    who = visitor_of(request).require_operator()
    mailer = gateway_of(request).clients.mailer
    entered, change, faults = await _read(request)
    outcome: TestOutcome | None = None
    if change is not None:
        try:
            outcome = await mailer.test_settings(
                who, TestMailSettings(settings=change, recipient=entered["recipient"])
            )
        except InvalidError as error:
            faults = tell_setting_faults(error.fields)
        else:
            if change.password:
                entered["sealed_password"] = _seal(request).close(change.password)
    settings = await mailer.get_settings(who)
    return _page(request, settings, entered=entered, errors=faults, outcome=outcome)


async def reset_mail_settings(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    gateway = gateway_of(request)
    await gateway.clients.mailer.reset_settings(who)
    return gateway.pages.go_on(gateway.pages.links("show_mail_settings"), notice=Notice.MAIL_SETTINGS_RESET)


def _page(
    request: web.Request,
    settings: MailSettings,
    *,
    entered: Entered,
    errors: Faults | None = None,
    outcome: TestOutcome | None = None,
) -> web.Response:
    told = None
    if outcome:
        values: dict[str, int | str] = {**entered, "username": entered["username"] or entered["host"]}
        told = [Told(text, values) for text in TEST_OUTCOMES[outcome.code]]
    return gateway_of(request).pages.respond(
        request,
        "admin/mail.html",
        status=422 if errors else 200,
        settings=settings,
        entered=entered,
        errors=errors or {},
        outcome=outcome,
        told_outcome=told,
    )


async def _read(request: web.Request) -> tuple[Entered, ChangeMailSettings | None, Faults]:
    """What was typed; as settings, unless a field cannot be one."""
    form = await read_form(request)
    names = ("host", "port", "username", "sender", "fallback", "request_delay_seconds", "recipient")
    entered = {name: form.get(name, "") for name in names}
    entered["copy_to_clerk"] = form.get("copy_to_clerk", "")
    entered["security"] = next((one for one in get_args(Security) if one == form.get("security")), "starttls")
    entered["way"] = next((one for one in get_args(Way) if one == form.get("way")), "smtp")
    entered["sealed_password"] = form.get("sealed_password", "")
    numbers = {name: _number(entered[name]) for name in ("port", "request_delay_seconds")}
    if malformed := {name: "malformed" for name, number in numbers.items() if number is None}:
        return entered, None, tell_setting_faults(malformed)
    change = ChangeMailSettings.model_validate(
        {name: entered[name] for name in ("host", "security", "username", "sender", "fallback", "way")}
        | numbers
        | {
            "copy_to_clerk": bool(entered["copy_to_clerk"]),
            "password": await read_password(request) or _open(request, entered["sealed_password"]),
        }
    )
    return entered, change, {}


def _as_form(settings: MailSettings) -> Entered:
    texts = {name: str(value) for name, value in settings.model_dump().items()}
    return texts | {"copy_to_clerk": "yes" if settings.copy_to_clerk else "", "sealed_password": ""}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def _seal(request: web.Request) -> Seal:
    return Seal(gateway_of(request).settings.internal_secret.get_secret_value().encode(), _TYPED)


def _open(request: web.Request, sealed: str) -> str | None:
    try:
        return _seal(request).open(sealed) if sealed else None
    except UnsealableError:
        return None


ROUTES = [
    web.get("/admin/mail", show_mail_settings, name="show_mail_settings"),
    web.post("/admin/mail", change_mail_settings, name="change_mail_settings"),
    web.post("/admin/mail/test", test_mail_settings, name="test_mail_settings"),
    web.post("/admin/mail/reset", reset_mail_settings, name="reset_mail_settings"),
]
