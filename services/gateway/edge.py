"""The door of the pages: who comes, whether the form is ours, and a calm page for whatever goes wrong."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import web

from services.gateway.audit import AuditLog
from services.gateway.clients import Clients
from services.gateway.forms import (
    TOKEN_FIELD,
    ForeignFormError,
    FormTokens,
    is_from_our_pages,
    local_path,
    read_form,
)
from services.gateway.looks import Looks
from services.gateway.pages.assets import Assets
from services.gateway.pages.rendering import VISITOR, Pages
from services.gateway.sessions import Sessions, Visitor
from services.gateway.settings import GatewaySettings
from services.gateway.uploads import UPLOAD, open_upload
from services.gateway.viewing import ViewOnlyError
from services.gateway.words.audit import SENTENCES
from shared.database import DATABASE_ERRORS
from shared.errors import CockpitError, ForbiddenError, reason_of
from shared.storage import FolderStorage
from shared.web import ServiceUnavailableError
from shared.web.application import correlation_id_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MACHINE_ROUTES = frozenset({"live", "ready", "static", "pass_events_on", "pass_file_on"})
"""Neither cookie nor page: for programs, and for files that are the same for all."""
OPEN_ROUTES = frozenset({
    "show_login", "log_in", "log_out", "choose_language", "imprint", "privacy",
    "show_setup", "create_first_operator", "show_components",
    "show_registration", "register", "show_confirmation", "confirm_email",
    "show_forgotten_password", "request_password_reset", "show_reset_requested",
    "show_reset", "reset_password",
})  # fmt: skip
"""Pages for people who are not logged in. Every other route needs a session."""
VIEWER_POSTS = frozenset({"end_view", "log_out", "choose_language"})
"""All that somebody who looks at what a customer sees may send."""
VIEWER_STAYS_OUT = ("/account", "/desk", "/admin")
"""Where it is about the person himself."""
UPLOAD_ROUTES = frozenset({"assign_samples", "upload_logo"})
"""Their forms bring files: the token is checked before them, and the route reads the rest (uploads.py)."""
ERROR_STATUSES = (400, 403, 404, 405, 408, 409, 413, 422, 500, 503)
_log = structlog.get_logger()


@dataclass(frozen=True)
class Gateway:
    """What the routes work with."""

    settings: GatewaySettings
    clients: Clients
    sessions: Sessions
    tokens: FormTokens
    assets: Assets
    looks: Looks
    audit_log: AuditLog
    pages: Pages
    storage: FolderStorage


GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One middleware, because each further one costs every page."""
    route_name = request.match_info.route.name
    # For the logs and the services that are asked. It ends with the request, which has a context of its own.
    structlog.contextvars.bind_contextvars(correlation_id=correlation_id_of(request))
    if route_name in MACHINE_ROUTES:
        return await _answer_machine(request, handler)
    try:
        return await _answer_person(request, handler, route_name)
    except web.HTTPException as error:
        return _error_page(request, error.status)
    except CockpitError as error:
        _log.info("page_refused", route=route_name, error=error.code, reason=error.message)
        # A service that does not believe our signature is a fault of the installation, not of the person.
        # A form that is too old is mended by another try; a page that is not for him is not.
        is_denied = isinstance(error, ForbiddenError) and not isinstance(error, ForeignFormError)
        return _error_page(request, 503 if error.status == 401 else error.status, is_denied=is_denied)
    except DATABASE_ERRORS as error:
        _log.warning("database_unreachable", route=route_name, reason=reason_of(error))
        return _error_page(request, 503)
    except Exception:  # noqa: BLE001  # the edge: whatever it was, a person gets a page
        _log.exception("page_crashed", method=request.method, route=route_name)
        return _error_page(request, 500)


async def _answer_person(
    request: web.Request, handler: Handler, route_name: str | None
) -> web.StreamResponse:
    gateway = request.app[GATEWAY]
    is_open = route_name is None or route_name in OPEN_ROUTES
    visitor = await _find_visitor(gateway, request, is_open=is_open)
    request[VISITOR] = visitor
    if visitor.view and not _may_view(request, route_name):
        raise ViewOnlyError("Who looks at what a customer sees reads the customer's pages, and no more.")
    if visitor.identity is None and not is_open:
        return gateway.pages.go_on(gateway.pages.links("show_login", {"next": local_path(request.raw_path)}))
    if request.method == "POST" and route_name is not None:
        await _check_form(gateway, request, visitor, brings_files=route_name in UPLOAD_ROUTES)
        if visitor.staff and route_name in SENTENCES:
            return await gateway.audit_log.perform(request, visitor.staff, handler)
    return await handler(request)


def _may_view(request: web.Request, route_name: str | None) -> bool:
    """Whoever looks at what a customer sees reads, and has no account there."""
    if request.method in ("GET", "HEAD"):
        return not request.path.startswith(VIEWER_STAYS_OUT)
    return route_name in VIEWER_POSTS


async def _find_visitor(gateway: Gateway, request: web.Request, *, is_open: bool) -> Visitor:
    """Open pages such as the Impressum are there even while nobody can be asked who is visiting."""
    try:
        return await gateway.sessions.find_visitor(request)
    except ServiceUnavailableError:
        if not is_open:
            raise
        return gateway.sessions.find_stranger(request)


async def _check_form(
    gateway: Gateway, request: web.Request, visitor: Visitor, *, brings_files: bool
) -> None:
    if not is_from_our_pages(request, gateway.settings.public_url):
        raise ForeignFormError("The form stood on a foreign page.")
    if brings_files:
        request[UPLOAD] = open_upload(request)
        form_token = await request[UPLOAD].read_token()
    else:
        form_token = (await read_form(request)).get(TOKEN_FIELD, "")
    if not gateway.tokens.is_good(form_token, visitor.token):
        raise ForeignFormError("The form is too old or not ours.")


def _error_page(request: web.Request, status: int, *, is_denied: bool = False) -> web.Response:
    gateway = request.app[GATEWAY]
    if VISITOR not in request:
        request[VISITOR] = gateway.sessions.find_stranger(request)
    if status == 403 and request[VISITOR].view:
        next_path = request.raw_path if request.method == "GET" else ""
        return gateway.pages.respond(request, "view_ends_here.html", status=403, next_path=next_path)
    shown = status if status in ERROR_STATUSES else (500 if status >= 500 else 400)
    return gateway.pages.respond(request, "error.html", status=shown, status_code=shown, is_denied=is_denied)


async def _answer_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ServiceUnavailableError as error:  # names an address of the inside
        _log.warning("service_away", route=request.match_info.route.name, reason=error.message)
        sentence = "The portal is not complete at the moment. Please try again."
        return web.json_response({"error": error.code, "message": sentence}, status=error.status)
    except CockpitError as error:
        body = {"error": error.code, "message": error.message, "fields": error.fields}
        return web.json_response(body, status=error.status)
    except web.HTTPException as error:
        return web.json_response(
            {"error": type(error).__name__, "message": error.reason}, status=error.status
        )
    except Exception:  # noqa: BLE001  # the edge: whatever it was, a program gets an answer
        _log.exception("request_crashed", method=request.method, path=request.path)
        return web.json_response({"error": "InternalError", "message": "Something went wrong."}, status=500)


def gateway_of(request: web.Request) -> Gateway:
    return request.app[GATEWAY]


def visitor_of(request: web.Request) -> Visitor:
    return request[VISITOR]
