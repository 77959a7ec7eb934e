"""A customer never sees another customer's document, proof, picture or file, whatever route he tries.

Each route of the gateway and of the services stands in a table here; one that is not in it fails the test.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

import aiohttp
import pytest

from deploy.demo.company import DEMO_CUSTOMER
from services.gateway.edge import UPLOAD_ROUTES
from shared.api.approvals import VersionRows
from shared.api.auth import CreateAccount
from shared.api.documents import Document
from shared.web import IDENTITY_HEADER, SYSTEM, Identity, ServiceClient, sign
from tests.support.cockpit import Cockpit

# Whom a page of the gateway is for. `theirs` has an id in its address that belongs to one customer.
For = Literal["everybody", "oneself", "theirs", "staff", "operator", "machine", "anybody_logged_in", "unused"]
GATEWAY: dict[str, For] = {
    "show_start": "oneself",
    "list_quotes": "oneself",
    "list_orders": "oneself",
    "list_invoices": "oneself",
    "list_proofs": "oneself",
    "show_order": "theirs",
    "show_document": "theirs",
    "download_document_file": "theirs",
    "show_proof": "theirs",
    "confirm_approval": "theirs",
    "grant_approval": "theirs",
    "confirm_approval_with_changes": "theirs",
    "grant_approval_with_changes": "theirs",
    "describe_changes": "theirs",
    "request_changes": "theirs",
    "show_decision": "theirs",
    "show_page_picture": "theirs",
    "download_file": "theirs",
    "download_record": "theirs",
    "show_clerk_picture": "anybody_logged_in",
    "show_desk": "staff",
    "list_desk_customers": "staff",
    "show_desk_customer": "staff",
    "choose_person": "staff",
    "invite_customer": "staff",
    "resend_customer_invitation": "staff",
    "cancel_customer_invitation": "staff",
    "view_as_customer": "staff",
    "end_view": "anybody_logged_in",
    "show_assignment": "staff",
    "assign_samples": "staff",
    "show_queue": "staff",
    "go_to_customer": "staff",
    "go_to_order": "staff",
    "go_to_quote": "staff",
    "confirm_changes": "staff",
    "list_drafts": "staff",
    "download_draft": "staff",
    "mark_draft_sent": "staff",
    "send_draft": "staff",
    "check_discarding": "staff",
    "discard_draft": "staff",
    "show_admin": "operator",
    "show_users": "operator",
    "download_users": "operator",
    "show_user": "operator",
    "allow_approvals": "operator",
    "forbid_approvals": "operator",
    "disable_account": "operator",
    "enable_account": "operator",
    "confirm_account_deletion": "operator",
    "delete_account": "operator",
    "show_invitations": "operator",
    "download_invitations": "operator",
    "resend_invitation": "operator",
    "cancel_invitation": "operator",
    "show_staff": "operator",
    "edit_staff_invitation": "operator",
    "invite_staff": "operator",
    "edit_password_rule": "operator",
    "change_password_rule": "operator",
    "show_api_keys": "operator",
    "create_api_key": "operator",
    "check_revocation": "operator",
    "revoke_api_key": "operator",
    "show_company": "operator",
    "change_company": "operator",
    "preview_company": "operator",
    "upload_logo": "operator",
    "remove_logo": "operator",
    "edit_legal_texts": "operator",
    "change_legal_texts": "operator",
    "preview_legal_texts": "operator",
    "show_mail_settings": "operator",
    "change_mail_settings": "operator",
    "test_mail_settings": "operator",
    "reset_mail_settings": "operator",
    "list_mail_templates": "operator",
    "edit_mail_words": "operator",
    "save_mail_words": "operator",
    "reset_mail_words": "operator",
    "show_mail_preview": "operator",
    "preview_mail_words": "operator",
    "send_mail_sample": "operator",
    "show_mail_log": "operator",
    "send_mail_again": "operator",
    "show_order_folder": "operator",
    "change_order_folder": "operator",
    "preview_order_folder": "operator",
    "probe_order_folder": "operator",
    "retry_failing_files": "operator",
    "show_statuses": "operator",
    "add_status_group": "operator",
    "create_status_group": "operator",
    "edit_status_group": "operator",
    "change_status_group": "operator",
    "move_status_group": "operator",
    "remove_status_group": "operator",
    "create_status": "operator",
    "edit_status": "operator",
    "change_status": "operator",
    "remove_status": "operator",
    "show_audit_log": "operator",
    "download_audit_log": "operator",
    "show_login": "everybody",
    "log_in": "everybody",
    "log_out": "everybody",
    "choose_language": "everybody",
    "show_setup": "everybody",
    "create_first_operator": "everybody",
    "show_registration": "everybody",
    "register": "everybody",
    "show_confirmation": "everybody",
    "confirm_email": "everybody",
    "show_forgotten_password": "everybody",
    "request_password_reset": "everybody",
    "show_reset_requested": "everybody",
    "show_reset": "everybody",
    "reset_password": "everybody",
    "show_account": "oneself",
    "edit_profile": "oneself",
    "change_profile": "oneself",
    "edit_email": "oneself",
    "change_email": "oneself",
    "edit_password": "oneself",
    "change_password": "oneself",
    "end_all_sessions": "oneself",
    "imprint": "everybody",
    "privacy": "everybody",
    "show_components": "unused",  # only with DEVELOPER_PAGES
    "static": "everybody",
    "live": "everybody",
    "ready": "everybody",
    "pass_events_on": "machine",
    "pass_file_on": "machine",
}

OF_KIND = {"theirs": 404, "staff": 403, "operator": 403, "machine": 401, "unused": 404}
# What is for everybody or for oneself has a page, or refuses a form that lacks what it needs, or a bad link.
OF_ROUTE = {
    "show_start": 200,
    "list_quotes": 200,
    "list_orders": 200,
    "list_invoices": 200,
    "list_proofs": 200,
    "show_clerk_picture": 404,
    "end_view": 303,
    "show_login": 303,
    "log_in": 422,
    "choose_language": 303,
    "show_setup": 404,
    "create_first_operator": 404,
    "show_registration": 404,
    "register": 404,
    "show_confirmation": 404,
    "confirm_email": 404,
    "show_forgotten_password": 200,
    "request_password_reset": 303,
    "show_reset_requested": 200,
    "show_reset": 404,
    "show_account": 200,
    "edit_profile": 200,
    "change_profile": 422,
    "edit_email": 200,
    "change_email": 422,
    "edit_password": 200,
    "change_password": 422,
    "imprint": 200,
    "privacy": 200,
    "static": 404,
    "live": 200,
    "ready": 200,
}
# They would end the session of the stranger who tries all the others, and nothing else.
ENDS_A_SESSION = {"log_out", "reset_password", "end_all_sessions"}

# What a customer's identity gets from a service for a stranger's ids; sync's own door asks for an API key.
SERVICES: dict[str, dict[str, int]] = {
    "auth": {
        "log_in": 403,
        "find_session": 403,
        "end_session": 403,
        "create_account": 403,
        "list_accounts": 403,
        "get_account": 403,
        "change_account": 403,
        "delete_account": 403,
        "list_invitations": 403,
        "invite_customer": 403,
        "invite_staff": 403,
        "resend_invitation": 403,
        "cancel_invitation": 403,
        "find_invitation": 403,
        "accept_invitation": 403,
        "find_confirmation": 403,
        "confirm_email": 403,
        "request_password_reset": 403,
        "find_password_reset": 403,
        "reset_password": 403,
        "get_password_rule": 200,
        "change_password_rule": 403,
        "change_password": 422,
        "request_email_change": 422,
        "change_profile": 422,
        "end_all_sessions": 204,
        "create_first_operator": 403,
        "find_setup": 403,
    },
    "documents": {
        "list_documents": 200,
        "get_document": 404,
        "get_file": 404,
        "get_clerk": 404,
        "list_clerks": 403,
        "list_customers": 403,
        "get_customer": 403,
        "list_by_number": 403,
        "list_status_groups": 403,
    },
    "approvals": {
        "list_versions": 200,
        "get_version": 404,
        "mark_seen": 404,
        "grant_approval": 404,
        "request_changes": 404,
        "confirm_changes": 403,
        "get_file": 404,
        "get_record": 404,
        "get_page": 404,
    },
    "mailer": {
        "get_settings": 403,
        "change_settings": 403,
        "reset_settings": 403,
        "test_settings": 403,
        "list_templates": 403,
        "get_template": 403,
        "save_words": 403,
        "reset_words": 403,
        "preview_words": 403,
        "send_sample": 403,
        "list_drafts": 403,
        "count_drafts": 403,
        "get_draft_file": 403,
        "mark_draft_sent": 403,
        "send_draft": 403,
        "discard_draft": 403,
        "list_mails": 403,
        "send_again": 403,
    },
    "sync": {
        "receive_events": 401,
        "receive_file": 401,
        "create_api_key": 403,
        "list_api_keys": 403,
        "revoke_api_key": 403,
        "receive_upload": 403,
        "assign_samples": 403,
        "change_statuses": 403,
        "get_order_folder": 403,
        "change_order_folder": 403,
        "show_folder_example": 403,
        "probe_order_folder": 403,
        "retry_failing_files": 403,
        "list_failing_files": 403,
    },
}

# Answers that are the same for everybody.
ABOUT_NOBODY = {"get_password_rule"}

SERVICES_FOLDER = Path(__file__).parent.parent.parent / "services"
NOBODYS_ID = UUID(int=4711)
PLACEHOLDERS = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Ids:
    """What belongs to one customer, and words that only his pages hold."""

    document_id: UUID
    version_id: UUID
    order_number: str
    file_sha256: str

    def fill(self, path: str) -> str:
        values = {
            "document_id": str(self.document_id),
            "version_id": str(self.version_id),
            "number": "1",
            "kind": "order",
            "queue": "clerk",
            "api_key_id": "1",
            "customer_number": DEMO_CUSTOMER.customer_number,
            "clerk_code": "XX",
            "account_id": str(NOBODYS_ID),
            "invitation_id": str(NOBODYS_ID),
            "token": "x" * 43,
            "name": "nothing.css",
            "mail_id": str(NOBODYS_ID),
            "group_id": "order.confirmed",
            "status_id": "order.confirmed",
            "template": "approval_requested",
            "locale": "de",
            "sha256": self.file_sha256,
        }
        return PLACEHOLDERS.sub(lambda match: values[match[1]], path)


@pytest.fixture(scope="module")
async def theirs(cockpit: Cockpit) -> Ids:
    """Of the demo customer: an order with a decided proof, so that pictures, files and record exist."""
    async with aiohttp.ClientSession() as session:
        who = Identity(role="customer", customer_number=DEMO_CUSTOMER.customer_number)
        rows = (await cockpit.client(session, "approvals").get("/versions", VersionRows, who=who)).versions
        documents = cockpit.client(session, "documents")
        for row in rows:
            if row.document_id and row.decision and row.decision.has_record:
                document = await documents.get(f"/documents/{row.document_id}", Document, who=who)
                if document.files:
                    return Ids(row.document_id, row.version_id, row.order_number, document.files[0].sha256)
    raise AssertionError("The demo customer has no order with a file and a decided proof.")


@pytest.fixture(scope="module")
async def stranger(cockpit: Cockpit) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser in which a person of another customer is logged in."""
    password = "ganz-fremd-4711"
    async with aiohttp.ClientSession() as session:
        auth = ServiceClient(session, cockpit.stack.url_of("auth"), cockpit.stack.internal_secret)
        account = CreateAccount(
            role="customer",
            name="Fritz Fremd",
            email="fremd@fremd.example",
            password=password,
            customer_number="99999",
            may_approve=True,
        )
        await auth.call("POST", "/accounts", who=SYSTEM, body=account)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cockpit.url, cookie_jar=jar) as session:
        form = {
            "email": "fremd@fremd.example",
            "password": password,
            "form_token": await _token(session, "/login"),
        }
        async with session.post("/login", data=form) as response:
            assert response.status == 200
            assert response.url.path == "/"
        yield session


@pytest.fixture(scope="module")
async def owner(cockpit: Cockpit) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser in which the person to whom it all belongs is logged in."""
    async with _logged_in(cockpit, "customer") as session:
        yield session


@pytest.fixture(scope="module")
async def clerk(cockpit: Cockpit) -> AsyncIterator[aiohttp.ClientSession]:
    async with _logged_in(cockpit, "clerk") as session:
        yield session


@asynccontextmanager
async def _logged_in(cockpit: Cockpit, role: str) -> AsyncIterator[aiohttp.ClientSession]:
    login = cockpit.login(role)
    async with aiohttp.ClientSession(cockpit.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        form = {
            "email": login.email,
            "password": login.password,
            "form_token": await _token(session, "/login"),
        }
        async with session.post("/login", data=form) as response:
            assert response.url.path == ("/" if role == "customer" else "/desk")
        yield session


async def _token(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path) as response:
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', await response.text())
    assert found
    return found[1]


def _form(route: aiohttp.web.RouteDef, fields: dict[str, str]) -> aiohttp.FormData:
    """As the page of this route sends it."""
    return aiohttp.FormData(fields, default_to_multipart=route.kwargs["name"] in UPLOAD_ROUTES)


def _routes(service: str) -> list[aiohttp.web.RouteDef]:
    routes: list[aiohttp.web.RouteDef] = import_module(f"services.{service}.routes").ROUTES
    return routes


def test_every_route_is_known_here() -> None:
    with_routes = {path.parent.name for path in SERVICES_FOLDER.glob("*/routes*")}
    assert with_routes == {"gateway", *SERVICES}
    assert {route.kwargs["name"] for route in _routes("gateway")} == GATEWAY.keys()
    for service, expected in SERVICES.items():
        assert {route.kwargs["name"] for route in _routes(service)} == expected.keys(), service


@pytest.mark.parametrize(
    "route",
    [one for one in _routes("gateway") if one.kwargs["name"] not in ENDS_A_SESSION],
    ids=lambda route: route.kwargs["name"],
)
async def test_a_stranger_finds_nothing_of_others(
    route: aiohttp.web.RouteDef, cockpit: Cockpit, theirs: Ids, stranger: aiohttp.ClientSession
) -> None:
    name = route.kwargs["name"]
    whose = GATEWAY[name]
    form = {"form_token": await _token(stranger, "/"), "sha256": "0" * 64, "comment": "fremd"}
    data = _form(route, form) if route.method == "POST" and whose != "machine" else None
    async with stranger.request(
        route.method, theirs.fill(route.path), data=data, allow_redirects=False
    ) as response:
        body = await response.read()
    assert response.status == (OF_KIND[whose] if whose in OF_KIND else OF_ROUTE[name])
    assert theirs.order_number.encode() not in body


@pytest.mark.parametrize(
    "route",
    [
        one
        for one in _routes("gateway")
        if GATEWAY.get(one.kwargs["name"]) == "theirs" and one.method == "GET"
    ],
    ids=lambda route: route.kwargs["name"],
)
async def test_its_owner_finds_what_a_stranger_does_not(
    route: aiohttp.web.RouteDef, theirs: Ids, owner: aiohttp.ClientSession
) -> None:
    """Else a wrong address would make the tests above and below pass."""
    async with owner.get(theirs.fill(route.path), allow_redirects=False) as response:
        assert response.status in (200, 303)  # what is decided already leads from the form to the proof
        assert not response.headers.get("Location", "").startswith("/login")


@pytest.mark.parametrize(
    "route",
    [one for one in _routes("gateway") if GATEWAY.get(one.kwargs["name"]) == "operator"],
    ids=lambda route: route.kwargs["name"],
)
async def test_a_clerk_is_no_operator(
    route: aiohttp.web.RouteDef, theirs: Ids, clerk: aiohttp.ClientSession
) -> None:
    form = _form(route, {"form_token": await _token(clerk, "/desk")}) if route.method == "POST" else None
    async with clerk.request(
        route.method, theirs.fill(route.path), data=form, allow_redirects=False
    ) as response:
        assert response.status == 403


def test_the_administration_is_for_operators_alone() -> None:
    admin = {route.kwargs["name"] for route in _routes("gateway") if route.path.startswith("/admin")}
    assert {name for name, whose in GATEWAY.items() if whose == "operator"} >= admin


@pytest.mark.parametrize("route", _routes("gateway"), ids=lambda route: route.kwargs["name"])
async def test_nobody_sees_nothing(route: aiohttp.web.RouteDef, cockpit: Cockpit, theirs: Ids) -> None:
    name = route.kwargs["name"]
    whose = GATEWAY[name]
    async with (
        aiohttp.ClientSession(cockpit.url) as nobody,
        nobody.request(route.method, theirs.fill(route.path), allow_redirects=False) as response,
    ):
        body = await response.read()
        if whose in ("theirs", "oneself", "staff", "operator", "anybody_logged_in"):
            assert response.status == 303
            assert response.headers["Location"].startswith("/login?")
        elif whose in OF_KIND:
            assert response.status == OF_KIND[whose]
        elif route.method == "POST":
            assert response.status == 403  # the form has not come from a page of ours
        else:
            assert response.status == (200 if name == "show_login" else OF_ROUTE[name])
        assert theirs.order_number.encode() not in body


@pytest.mark.parametrize("service", SERVICES)
async def test_the_services_themselves_keep_strangers_out(
    cockpit: Cockpit, theirs: Ids, service: str
) -> None:
    who = Identity(
        role="customer", account_id=uuid4(), customer_number="99999", may_approve=True, name="Fremd"
    )
    headers = {IDENTITY_HEADER: sign(who, cockpit.stack.internal_secret.encode())}
    async with aiohttp.ClientSession(cockpit.stack.url_of(service)) as session:
        for route in _routes(service):
            expected = SERVICES[service][route.kwargs["name"]]
            body = {"sha256": "0" * 64, "comment": "fremd"} if route.method == "POST" else None
            path = theirs.fill(route.path)
            async with session.request(route.method, path, json=body, headers=headers) as response:
                assert (route.kwargs["name"], response.status) == (route.kwargs["name"], expected)
                content = await response.text()
                assert theirs.order_number not in content
                is_empty = '"total":0' in content.replace(" ", "") or route.kwargs["name"] in ABOUT_NOBODY
                assert is_empty or expected != 200
            async with session.request(route.method, path, json=body) as response:
                assert response.status == 401
