"""A clerk looks at what a customer sees: reading only, under a banner, recorded, and until he logs out."""

import json
import re
from uuid import UUID

import asyncpg
import pytest

from services.gateway.edge import VIEWER_POSTS
from services.gateway.routes import ROUTES
from services.gateway.viewing import VIEW_SECONDS, View, Views
from tests.integration.gateway.conftest import Browser, Visit
from tests.integration.gateway.neighbours import ORDER_ID, SECRET, Neighbours

NOT_THE_CUSTOMERS = re.compile(r"^/(desk|admin|account)(/|$)")
PLACEHOLDERS = re.compile(r"\{(\w+)\}")
PAGES = ("show_start", "show_order", "show_proof", "show_decision", "imprint", "privacy")


async def _view(clerk: Browser, number: str = "10042", **form: str) -> Visit:
    token = (await clerk.get("/desk")).form_token
    return await clerk.post(f"/desk/customers/{number}/view", {"form_token": token, **form})


def _fill(path: str, version_id: UUID) -> str:
    values = {"version_id": version_id, "document_id": ORDER_ID, "customer_number": "10042"}
    return PLACEHOLDERS.sub(lambda match: str(values.get(match[1], "1")), path)


@pytest.fixture
async def viewer(clerk: Browser) -> Browser:
    assert (await _view(clerk)).status == 303
    return clerk


async def test_the_clerk_sees_the_customers_start_page_and_its_banner(
    clerk: Browser, neighbours: Neighbours
) -> None:
    started = await _view(clerk)

    assert (started.status, started.headers["Location"]) == (303, "/")
    page = await clerk.get("/")
    assert page.status == 200
    assert "Sie sehen, was Hartmann Maschinenbau GmbH sieht." in page.text
    asked = neighbours.identities[-1]
    assert (asked.role, asked.customer_number, asked.viewed_by) == ("customer", "10042", "Sabine Berger")
    assert (asked.account_id, asked.may_approve, asked.clerk_code) == (None, False, "")


async def test_a_view_may_begin_at_a_certain_page(clerk: Browser) -> None:
    started = await _view(clerk, next=f"/orders/{ORDER_ID}")
    assert started.headers["Location"] == f"/orders/{ORDER_ID}"
    assert (await _view(clerk, next="//elsewhere.example")).status == 403, "a view does not begin another"


async def test_every_get_of_a_customer_shows_the_banner(viewer: Browser, neighbours: Neighbours) -> None:
    version = neighbours.add_version("changes_requested")
    shown = []
    for route in ROUTES:
        name = route.kwargs["name"]
        if route.method != "GET" or NOT_THE_CUSTOMERS.match(route.path) or name in ("live", "ready"):
            continue
        page = await viewer.get(_fill(route.path, version.version_id))
        if page.headers.get("Content-Type", "").startswith("text/html"):
            assert "view-banner" in page.text, name
            assert "Ansicht beenden" in page.text, name
            shown.append((name, page.status))
    assert {name for name, status in shown if status == 200} >= set(PAGES)


async def test_no_post_works_but_ending_it_and_the_language(viewer: Browser, neighbours: Neighbours) -> None:
    version = neighbours.add_version()
    token = (await viewer.get("/")).form_token
    walked = 0
    for route in ROUTES:
        if route.method != "POST" or route.kwargs["name"] in {*VIEWER_POSTS, "pass_events_on"}:
            continue
        form = {
            "form_token": token,
            "sha256": version.file.sha256,
            "comment": "Größer",
            "approval_text_version": "1",
        }
        answer = await viewer.post(_fill(route.path, version.version_id), form)
        assert (route.kwargs["name"], answer.status) == (route.kwargs["name"], 403)
        assert "Ansicht beenden" in answer.text
        walked += 1
    assert walked > 5
    assert neighbours.versions[version.version_id].state == "pending"
    assert [call for call in neighbours.calls if call.startswith("POST") and "sessions" not in call] == []
    language = await viewer.post("/language", {"form_token": token, "locale": "en", "next": "/"})
    assert language.status == 303
    assert "You see what Hartmann Maschinenbau GmbH sees." in (await viewer.get("/")).text


async def test_a_proof_that_a_viewer_opens_is_not_seen_and_cannot_be_decided(
    viewer: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version()
    version = neighbours.change(version.version_id, may_decide=False, may_approve_with_changes=False)

    page = await viewer.get(f"/proofs/{version.version_id}")
    assert "Hier hat der Kunde die Knöpfe" in page.text
    assert "decision-bar" not in page.text
    assert neighbours.versions[version.version_id].seen_at is None
    assert neighbours.calls["POST /approvals/versions/{version_id}/seen"] == 0
    check = await viewer.get(f"/proofs/{version.version_id}/approve")
    assert check.headers["Location"] == f"/proofs/{version.version_id}"


async def test_the_clerks_own_pages_ask_him_to_end_the_view_first(viewer: Browser) -> None:
    for path in ("/desk", "/desk/customers/10042", "/admin", "/account", "/account/password"):
        page = await viewer.get(path)
        assert page.status == 403
        assert "Nur in Ihrer eigenen Ansicht" in page.text
    token = (await viewer.get("/desk/customers")).form_token
    ended = await viewer.post("/desk/view/end", {"form_token": token, "next": "/desk/customers"})
    assert ended.headers["Location"] == "/desk/customers"
    assert (await viewer.get("/desk/customers")).status == 200


async def test_ending_the_view_leads_back_to_the_customer(viewer: Browser) -> None:
    token = (await viewer.get("/")).form_token
    ended = await viewer.post("/desk/view/end", {"form_token": token})
    assert ended.headers["Location"] == "/desk/customers/10042"
    assert "view" not in viewer.cookies
    assert (await viewer.get("/")).headers["Location"] == "/desk"


async def test_the_start_is_written_to_the_audit_log(clerk: Browser, database_url: str) -> None:
    await _view(clerk)

    log = await asyncpg.connect(database_url, timeout=10)
    try:
        [line] = await log.fetch("SELECT person_name, role, route_name, path_values FROM audit_entry")
    finally:
        await log.close()
    assert (line["person_name"], line["role"], line["route_name"]) == (
        "Sabine Berger",
        "clerk",
        "view_as_customer",
    )
    assert json.loads(line["path_values"]) == {"customer_number": "10042"}


async def test_a_customer_nobody_knows_cannot_be_viewed(clerk: Browser) -> None:
    assert (await _view(clerk, "4711")).status == 404
    assert "view" not in clerk.cookies


async def test_only_the_dealers_people_view(customer: Browser) -> None:
    token = (await customer.get("/")).form_token
    assert (await customer.post("/desk/customers/10043/view", {"form_token": token})).status == 403
    assert (await customer.get("/desk/customers")).status == 403


async def test_a_view_is_gone_after_the_log_out(viewer: Browser, neighbours: Neighbours) -> None:
    kept = viewer.cookies["view"]
    token = (await viewer.get("/")).form_token
    await viewer.post("/logout", {"form_token": token})
    assert "view" not in viewer.cookies

    viewer.cookies |= {"session": neighbours.log_in("berger@dealer.example"), "view": kept}
    assert (await viewer.get("/")).headers["Location"] == "/desk", "it is bound to the session that began it"


async def test_a_view_in_the_hands_of_a_customer_is_worth_nothing(
    customer: Browser, neighbours: Neighbours
) -> None:
    session = customer.cookies["session"]
    own = Views(SECRET.encode()).close(View(customer_number="10043", customer_name="Zweite"), session)
    customer.cookies["view"] = own
    page = await customer.get("/")
    assert "view-banner" not in page.text
    assert neighbours.identities[-1].customer_number == "10042"


def test_a_view_cannot_be_forged_changed_or_kept() -> None:
    views, view = Views(b"secret"), View(customer_number="10042", customer_name="Hartmann")
    cookie = views.close(view, "session", now=1000)

    assert views.open(cookie, "session", now=1001) == view
    assert views.open(cookie, "another", now=1001) is None
    assert views.open(cookie, "session", now=1000 + VIEW_SECONDS) is None
    assert Views(b"other").open(cookie, "session", now=1001) is None
    middle = len(cookie) // 2
    changed = cookie[:middle] + ("A" if cookie[middle] != "A" else "B") + cookie[middle + 1 :]
    for wrong in (changed, "", ".", "x", cookie[:-1], "ä.ö"):
        assert views.open(wrong, "session", now=1001) is None
