"""Each route of auth and the roles that it lets in; a route that is not in the table fails the test."""

from uuid import UUID

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from services.auth.routes import ROUTES
from shared.process import Service
from shared.web import IDENTITY_HEADER, SYSTEM, Identity, sign
from tests.integration.auth.conftest import SECRET
from tests.integration.auth.people import CLERK, CUSTOMER, OPERATOR

EVERYBODY = {"customer", "clerk", "operator", "system"}
PERSONS = {"customer", "clerk", "operator"}
STAFF = {"clerk", "operator"}
ADMITTED: dict[str, set[str]] = {
    "log_in": {"system"},
    "find_session": {"system"},
    "end_session": {"system"},
    "create_account": {"system"},
    "list_accounts": STAFF,  # clerks for one customer: test_account_lists.py
    "get_account": {"operator"},
    "change_account": {"operator"},
    "delete_account": {"operator"},
    "list_invitations": STAFF,  # clerks for customers: test_account_lists.py
    "invite_customer": STAFF,
    "invite_staff": {"operator"},
    "resend_invitation": STAFF,
    "cancel_invitation": STAFF,
    "find_invitation": {"system"},
    "accept_invitation": {"system"},
    "find_confirmation": {"system"},
    "confirm_email": {"system"},
    "request_password_reset": {"system"},
    "find_password_reset": {"system"},
    "reset_password": {"system"},
    "get_password_rule": EVERYBODY,
    "change_password_rule": {"operator"},
    "change_password": PERSONS,
    "request_email_change": PERSONS,
    "change_profile": PERSONS,
    "end_all_sessions": PERSONS,
    "create_first_operator": {"system"},
    "find_setup": {"system"},
}


def test_every_route_stands_in_the_table() -> None:
    assert {route.kwargs["name"] for route in ROUTES} == ADMITTED.keys()


@pytest.mark.parametrize("who", [CUSTOMER, CLERK, OPERATOR, SYSTEM], ids=lambda who: who.role)
async def test_each_role_gets_through_its_own_doors_and_403_at_all_others(
    service: Service, who: Identity
) -> None:
    headers = {IDENTITY_HEADER: sign(who, SECRET.encode())}
    server = TestServer(service.application)
    async with server, aiohttp.ClientSession(str(server.make_url(""))) as session:
        for route in ROUTES:
            name = route.kwargs["name"]
            path = route.path.format_map(dict.fromkeys(("account_id", "invitation_id"), UUID(int=1)))
            query = {"customer_number": "10023"} if name.startswith("list_") else {}
            body: dict[str, str] | None = {} if route.method == "POST" else None
            async with session.request(
                route.method, path, json=body, params=query, headers=headers
            ) as response:
                is_refused = response.status == 403
            assert (name, is_refused) == (name, who.role not in ADMITTED[name])
