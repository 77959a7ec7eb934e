"""Who is visiting: the cookies, and a look-up of sessions that is kept for at most one second."""

import ipaddress
import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass

from aiohttp import web

from services.gateway.clients import AuthClient
from services.gateway.settings import GatewaySettings, Network
from services.gateway.viewing import View, Views, identity_of
from services.gateway.words.notices import Notice, find_notice
from shared.api.auth import Account, Session
from shared.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from shared.i18n import LOCALES, choose_locale
from shared.web import Identity

KEPT_SECONDS = 1.0
KEPT_SESSIONS = 4096
SESSION_COOKIE_SECONDS = 90 * 24 * 3600
LOCALE_SECONDS = 365 * 24 * 3600
NOTICE_SECONDS = 60
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")


@dataclass(frozen=True)
class Visitor:
    """Somebody at the door, logged in or not. `token` ties forms to the visitor's cookie.

    With a `view` it is a person of the dealer, the `viewer`, who looks at what a customer sees; `identity` is
    then a reader's, of that customer.
    """

    locale: str
    token: str
    is_new: bool = False
    identity: Identity | None = None
    view: View | None = None
    viewer: Identity | None = None

    @property
    def who(self) -> Identity:
        """The person; raises UnauthenticatedError where nobody is logged in."""
        if self.identity is None:
            raise UnauthenticatedError("Please log in.")
        return self.identity

    @property
    def staff(self) -> Identity | None:
        """The person of the dealer, also while he looks at what a customer sees."""
        return self.identity if self.is_staff else self.viewer

    @property
    def is_staff(self) -> bool:
        return self.identity is not None and self.identity.role in ("clerk", "operator")

    @property
    def is_operator(self) -> bool:
        return self.identity is not None and self.identity.role == "operator"

    @property
    def is_customer(self) -> bool:
        return self.identity is not None and self.identity.role == "customer"

    @property
    def may_approve(self) -> bool:
        """Do pages speak of his own approval? Who looks as a customer sees what an approving one sees."""
        return self.view is not None or (self.identity is not None and self.identity.may_approve)

    def require_staff(self) -> Identity:
        if not self.is_staff:
            raise ForbiddenError("This page is for the staff.")
        return self.who

    def require_operator(self) -> Identity:
        if not self.is_operator:
            raise ForbiddenError("This page is for the operator.")
        return self.who

    def require_person(self) -> Identity:
        """Somebody with an account of his own."""
        if self.who.account_id is None:
            raise ForbiddenError("Only the person himself can do this.")
        return self.who

    def require_customer(self) -> Identity:
        if not self.is_customer:
            raise ForbiddenError("Only a person of the customer can do this.")
        return self.who


class Sessions:
    """Cookies in, visitors out. A revoked session is dead here one second later."""

    def __init__(self, auth: AuthClient, settings: GatewaySettings) -> None:
        prefix = "__Host-" if settings.is_https else ""
        self._auth = auth
        self._is_secure = settings.is_https
        self._session_cookie = f"{prefix}session"
        self._visitor_cookie = f"{prefix}visitor"
        self._locale_cookie = f"{prefix}locale"
        self._notice_cookie = f"{prefix}notice"
        self._view_cookie = f"{prefix}view"
        self._views = Views(settings.internal_secret.get_secret_value().encode())
        self._kept: OrderedDict[tuple[str, str], tuple[float, Identity]] = OrderedDict()

    async def find_visitor(self, request: web.Request) -> Visitor:
        cookies = request.cookies
        wish = cookies.get(self._locale_cookie, "")
        wish = wish if wish in LOCALES else ""
        token = cookies.get(self._session_cookie, "")
        if _TOKEN.fullmatch(token) and (identity := await self._find_identity(token, wish)):
            view = self._find_view(cookies.get(self._view_cookie, ""), token, identity)
            if view:
                viewing = identity_of(view, identity)
                return Visitor(
                    locale=identity.locale, token=token, identity=viewing, view=view, viewer=identity
                )
            return Visitor(locale=identity.locale, token=token, identity=identity)
        return self.find_stranger(request)

    def _find_view(self, cookie: str, token: str, identity: Identity) -> View | None:
        is_staff = identity.role in ("clerk", "operator")
        return self._views.open(cookie, token) if cookie and is_staff else None

    def find_stranger(self, request: web.Request) -> Visitor:
        """The visitor as long as nobody asks who it is."""
        locale = choose_locale(
            request.cookies.get(self._locale_cookie), request.headers.get("Accept-Language")
        )
        visitor_token = request.cookies.get(self._visitor_cookie, "")
        if _TOKEN.fullmatch(visitor_token):
            return Visitor(locale=locale, token=visitor_token)
        return Visitor(locale=locale, token=secrets.token_urlsafe(24), is_new=True)

    async def _find_identity(self, token: str, wish: str) -> Identity | None:
        key, now = (token, wish), time.monotonic()
        kept = self._kept.get(key)
        if kept and now - kept[0] < KEPT_SECONDS:
            return kept[1]
        try:
            account = await self._auth.find_session(token)
        except NotFoundError:
            self._kept.pop(key, None)
            return None
        identity = _identity_of(account, wish)
        self._kept[key] = (now, identity)
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT_SESSIONS:
            self._kept.popitem(last=False)
        return identity

    def remember_session(self, response: web.StreamResponse, session: Session) -> None:
        # auth decides when a session is over and prolongs it with use; the cookie must only not end before.
        self._set(response, self._session_cookie, session.token, seconds=SESSION_COOKIE_SECONDS)
        self._forget(response, self._visitor_cookie)

    def remember_visitor(self, response: web.StreamResponse, visitor: Visitor) -> None:
        self._set(response, self._visitor_cookie, visitor.token, seconds=None)

    def remember_locale(self, response: web.StreamResponse, locale: str) -> None:
        if locale in LOCALES:
            self._set(response, self._locale_cookie, locale, seconds=LOCALE_SECONDS)

    def remember_notice(self, response: web.StreamResponse, notice: Notice) -> None:
        """For the next page that is shown."""
        self._set(response, self._notice_cookie, notice.name, seconds=NOTICE_SECONDS)

    def find_notice(self, request: web.Request) -> Notice | None:
        return find_notice(request.cookies.get(self._notice_cookie, ""))

    def forget_notice(self, response: web.StreamResponse) -> None:
        self._forget(response, self._notice_cookie)

    def start_view(self, response: web.StreamResponse, visitor: Visitor, view: View) -> None:
        self._set(response, self._view_cookie, self._views.close(view, visitor.token), seconds=None)

    def end_view(self, response: web.StreamResponse) -> None:
        self._forget(response, self._view_cookie)

    def look_again(self, visitor: Visitor) -> None:
        """What is kept of this visitor has changed."""
        for wish in ("", *LOCALES):
            self._kept.pop((visitor.token, wish), None)

    async def end(self, response: web.StreamResponse, visitor: Visitor) -> None:
        """Of somebody who is not logged in there is none, and that is no error.

        The browser forgets the pictures of proofs too, which it may otherwise keep for days.
        """
        response.headers["Clear-Site-Data"] = '"cache"'
        self._forget(response, self._session_cookie)
        self.end_view(response)
        self.look_again(visitor)
        await self._auth.end_session(visitor.token)

    def _set(self, response: web.StreamResponse, name: str, value: str, *, seconds: int | None) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=self._is_secure
        )

    def _forget(self, response: web.StreamResponse, name: str) -> None:
        response.del_cookie(name, path="/", httponly=True, samesite="Lax", secure=self._is_secure)


def _identity_of(account: Account, wish: str) -> Identity:
    return Identity(
        role=account.role,
        account_id=account.account_id,
        name=account.name,
        email=account.email,
        locale=choose_locale(wish, account.locale),
        customer_number=account.customer_number,
        clerk_code=account.clerk_code,
        may_approve=account.may_approve,
    )


def client_address(request: web.Request, trusted: tuple[Network, ...]) -> str:
    """The address of the browser: the last hop that is not one of our own proxies."""
    address = request.remote or ""
    # Some proxies add a header line of their own: the last one is theirs, the first may be the visitor's.
    hops = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
    for hop in reversed(hops):
        if not _is_in(address, trusted):
            break
        try:
            address = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            break
    return address


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
