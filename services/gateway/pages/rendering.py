"""From a template to an answer: one environment per language, links by route name, the security headers."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache, partial
from gettext import NullTranslations
from pathlib import Path
from urllib.parse import quote, urlencode

from aiohttp import web
from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from services.gateway.forms import TOKEN_FIELD, FormTokens
from services.gateway.looks import Looks
from services.gateway.pages.admin_areas import AREAS
from services.gateway.pages.assets import Assets
from services.gateway.pages.folding import FoldingEnvironment
from services.gateway.pages.icons import icon
from services.gateway.pages.navigation import menus_in
from services.gateway.sessions import Sessions, Visitor
from services.gateway.settings import GatewaySettings
from services.gateway.words.notices import Notice
from services.gateway.words.reasons import NO_ADDRESS, tell_reason
from services.gateway.words.statuses import tell_status
from services.gateway.words.texts import tell, tell_number, tell_told
from shared.i18n import LOCALES, Formats, load_translations
from shared.names import initials

FOLDER = Path(__file__).parents[1]
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
REMEMBERED = ("document_state", "kind_name", "version_state")
"""Macros that say the same for the same values: a list has few different states in its many rows."""
VISITOR: web.RequestKey[Visitor] = web.RequestKey("visitor", Visitor)


class Links:
    """The address of a route by its name: `url("show_order", document_id=…)`."""

    def __init__(self, routes: list[web.RouteDef]) -> None:
        self._patterns = {route.kwargs["name"]: route.path for route in routes}

    def __call__(self, route_name: str, query: Mapping[str, str] | None = None, /, **parts: object) -> str:
        filled = {key: quote(str(part), safe="") for key, part in parts.items()}
        path = self._patterns[route_name].format_map(filled)
        return f"{path}?{urlencode(query)}" if query else path


class Pages:
    """Renders and answers. Everything a template may call is set here."""

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        links: Links,
        assets: Assets,
        looks: Looks,
        tokens: FormTokens,
        sessions: Sessions,
    ) -> None:
        self.links = links
        self._looks = looks
        self._tokens = tokens
        self._sessions = sessions
        self._headers = _headers(settings)
        self._translations = load_translations(FOLDER / "locale")
        self._environments = {
            locale: _create_environment(
                locale, settings, links=links, assets=assets, translations=self._translations[locale]
            )
            for locale in LOCALES
        }
        self._find_template = cache(self._load_template)

    def respond(
        self, request: web.Request, template: str, /, *, status: int = 200, **context: object
    ) -> web.Response:
        """A page. It is never kept by a cache: it belongs to one person."""
        visitor, look = request[VISITOR], self._looks.now
        notice = self._sessions.find_notice(request)
        text = self._find_template(visitor.locale, template).render(
            visitor=visitor,
            look=look,
            company_name=look.company_name,
            form_token=self._tokens.create(visitor.token),
            path=request.raw_path,
            here=request.match_info.route.name or "",
            notice=notice,
            **context,
        )
        response = web.Response(
            body=text.encode(),
            status=status,
            headers=self._headers,
            content_type="text/html",
            charset="utf-8",
        )
        if "token" in request.match_info:  # a secret: it goes into no log as where somebody came from
            response.headers["Referrer-Policy"] = "strict-origin"
        if visitor.is_new:
            self._sessions.remember_visitor(response, visitor)
        if notice:
            self._sessions.forget_notice(response)
        return response

    def _load_template(self, locale: str, name: str) -> Template:
        """When it is first asked for: some ten milliseconds, and all of them would be a second of each start.

        With its globals as one dict: every page copies them, and of a ChainMap that takes long.
        """
        template = self._environments[locale].get_template(name)
        template.globals = dict(template.globals)
        return template

    def translate(self, locale: str, text: str) -> str:
        """A text that goes to a program and not onto a page."""
        return self._translations[locale].gettext(text)

    def go_on(self, path: str, *, notice: Notice | None = None) -> web.Response:
        """To another page after a form (303), or from an address that only points elsewhere.

        `notice` is what that page says of the step that is done.
        """
        response = web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})
        if notice:
            self._sessions.remember_notice(response, notice)
        return response


def _headers(settings: GatewaySettings) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": _POLICY,
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _create_environment(
    locale: str,
    settings: GatewaySettings,
    *,
    links: Callable[..., str],
    assets: Assets,
    translations: NullTranslations,
) -> FoldingEnvironment:
    environment = FoldingEnvironment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    formats = Formats(locale, settings.time_zone)
    environment.globals.update(
        _=partial(tell, translations),
        ngettext=partial(tell_number, translations),
        url=links,
        icon=icon,
        static=assets.url,
        locale=locale,
        locales={"de": "Deutsch", "en": "English"},
        token_field=TOKEN_FIELD,
        menus=menus_in(translations.gettext, links),
        admin_areas=AREAS,
        no_address=NO_ADDRESS,
    )
    environment.filters.update(
        date=formats.date,
        moment=formats.moment,
        clock=formats.time,
        money=formats.money,
        number=formats.number,
        initials=initials,
        told=partial(tell_told, translations),
        mail_reason=partial(tell_reason, translate=translations.gettext),
        status_name=partial(tell_status, translate=translations.gettext),
        dotted=_dotted,
        lines=_lines,
        email=_email,
    )
    _make_pieces_known(environment)
    return environment


def _dotted(parts: Iterable[str]) -> str:
    """ "T-101 · navy", without what is empty."""
    return " · ".join(part for part in parts if part)


def _lines(text: str) -> Markup:
    """A text of several lines as it was written."""
    return Markup("<br>").join(text.splitlines())


def _email(address: str) -> Markup:
    """Where it is too long for its line, it goes on after the @."""
    return Markup("@<wbr>").join(escape(part) for part in address.split("@"))


def _make_pieces_known(environment: FoldingEnvironment) -> None:
    """Every page may use every macro of _components without importing it, which would cost each page anew."""
    for name in environment.list_templates(filter_func=lambda name: name.startswith("_components/")):
        module = environment.get_template(name).module
        environment.globals.update(
            {name: value for name, value in vars(module).items() if isinstance(value, Macro)}
        )
    for name in REMEMBERED:
        macro = environment.globals[name]
        assert isinstance(macro, Macro)
        environment.globals[name] = lru_cache(maxsize=1024)(macro)
