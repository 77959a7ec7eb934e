"""What the staff does is written before it happens, and never what was typed."""

import json
from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.gateway.routes import proofs
from shared.database import Connection
from tests.integration.gateway.conftest import Browser, StartGateway
from tests.integration.gateway.neighbours import Neighbours
from tests.support.proxy import Proxy


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database_url, timeout=10)
    yield connection
    await connection.close()


async def entries(log: Connection) -> list[tuple[str, str, str, dict[str, str], int | None]]:
    rows = await log.fetch(
        "SELECT person_name, role, route_name, path_values, status FROM audit_entry"
        " LEFT JOIN audit_outcome USING (audit_entry_id) ORDER BY audit_entry_id"
    )
    return [(row[0], row[1], row[2], json.loads(row[3]), row[4]) for row in rows]


async def try_to_approve(browser: Browser, neighbours: Neighbours) -> tuple[str, int]:
    """What every staff member is refused, and what leaves its trace all the same."""
    version = neighbours.add_version()
    token = (await browser.get(f"/proofs/{version.version_id}")).form_token
    form = {"form_token": token, "sha256": version.file.sha256, "comment": "a secret comment"}
    answer = await browser.post(f"/proofs/{version.version_id}/approve-with-changes", form)
    return str(version.version_id), answer.status


async def test_an_action_of_the_staff_is_written_with_its_outcome(
    clerk: Browser, neighbours: Neighbours, log: Connection
) -> None:
    version_id, status = await try_to_approve(clerk, neighbours)
    assert status == 403
    assert await entries(log) == [
        ("Sabine Berger", "clerk", "grant_approval_with_changes", {"version_id": version_id}, 403)
    ]
    whole = await log.fetch("SELECT audit_entry::text, audit_outcome::text FROM audit_entry, audit_outcome")
    assert "a secret comment" not in str(whole)
    clerk_id = neighbours.accounts["berger@dealer.example"].account_id
    assert await log.fetchval("SELECT account_id FROM audit_entry") == clerk_id


async def test_a_confirmation_is_noted_with_its_order(
    clerk: Browser, neighbours: Neighbours, log: Connection
) -> None:
    version = neighbours.add_version("approved_with_changes")
    token = (await clerk.get(f"/proofs/{version.version_id}")).form_token
    await clerk.post(f"/desk/proofs/{version.version_id}/confirm-changes", {"form_token": token})
    assert await log.fetchval("SELECT note FROM audit_outcome") == "2026-1042"


@pytest.mark.parametrize("command", ["resend", "cancel"])
async def test_an_invitation_is_noted_with_its_address(
    clerk: Browser, neighbours: Neighbours, log: Connection, command: str
) -> None:
    neighbours.people.invite("vogel@hartmann.example")
    [invitation_id] = neighbours.people.invitations
    token = (await clerk.get("/desk/customers/10042")).form_token
    path = f"/desk/customers/10042/invitations/{invitation_id}/{command}"
    await clerk.post(path, {"form_token": token})
    assert await log.fetchval("SELECT note FROM audit_outcome") == "vogel@hartmann.example"


async def test_a_crash_is_an_outcome_too(
    clerk: Browser, neighbours: Neighbours, log: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of the code")

    monkeypatch.setattr(proofs, "_decide", crash)
    _, status = await try_to_approve(clerk, neighbours)
    assert status == 500
    assert [entry[4] for entry in await entries(log)] == [500]


async def test_what_customers_and_strangers_do_is_not_the_staffs_log(
    customer: Browser, neighbours: Neighbours, log: Connection
) -> None:
    _, status = await try_to_approve(customer, neighbours)
    assert status == 303
    token = (await customer.get("/login", Cookie="")).form_token
    await customer.post("/login", {"form_token": token, "email": "x", "password": "y"})
    assert await entries(log) == []


async def test_a_new_address_of_the_staff_is_written_when_it_is_confirmed(
    clerk: Browser, neighbours: Neighbours, log: Connection
) -> None:
    path = f"/confirm/{neighbours.people.add_confirmation('change', 'berger@dealer.example')}"
    await clerk.post(path, {"form_token": (await clerk.get(path)).form_token})
    assert await entries(log) == [("Sabine Berger", "clerk", "confirm_email", {}, 303)]


async def test_a_form_that_is_not_ours_is_no_action(
    clerk: Browser, neighbours: Neighbours, log: Connection
) -> None:
    version = neighbours.add_version()
    answer = await clerk.post(f"/proofs/{version.version_id}/approve", {"form_token": "wrong"})
    assert answer.status == 403
    assert await entries(log) == []


async def test_nothing_happens_while_it_cannot_be_written(
    start_gateway: StartGateway, clerk: Browser, neighbours: Neighbours, database_url: str, log: Connection
) -> None:
    async with Proxy(database_url) as proxy:
        clerk.address = await start_gateway(through=proxy.url)
        proxy.cut()
        _, status = await try_to_approve(clerk, neighbours)
        assert status == 503
        assert not any("approve" in call or "grant" in call for call in neighbours.calls)
        assert (await clerk.get("/desk")).status == 200
    assert await entries(log) == []


@pytest.mark.parametrize("statement", [
    "UPDATE audit_entry SET person_name = 'nobody'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry CASCADE",
    "UPDATE audit_outcome SET status = 200",
    "DELETE FROM audit_outcome",
])  # fmt: skip
async def test_the_database_itself_keeps_the_log(
    clerk: Browser, neighbours: Neighbours, log: Connection, statement: str
) -> None:
    await try_to_approve(clerk, neighbours)
    with pytest.raises(asyncpg.RestrictViolationError):
        await log.execute(statement)


async def test_what_is_old_goes_with_the_next_action(
    clerk: Browser, neighbours: Neighbours, log: Connection
) -> None:
    await log.execute(
        "INSERT INTO audit_entry (entered_at, person_name, role, route_name, path_values, correlation_id)"
        " VALUES (now() - interval '731 days', 'Old', 'clerk', 'x', '{}', ''),"
        "        (now() - interval '729 days', 'Younger', 'clerk', 'x', '{}', '')"
    )
    await log.execute("INSERT INTO audit_outcome SELECT audit_entry_id, entered_at, 303, '' FROM audit_entry")
    await try_to_approve(clerk, neighbours)
    assert [entry[0] for entry in await entries(log)] == ["Younger", "Sabine Berger"]


async def test_looking_at_what_a_customer_sees_is_written_with_its_begin_and_end(
    clerk: Browser, log: Connection
) -> None:
    token = (await clerk.get("/desk")).form_token
    begun = await clerk.post("/desk/customers/10042/view", {"form_token": token})
    ended = await clerk.post("/desk/view/end", {"form_token": token})
    assert (begun.status, ended.status) == (303, 303)
    assert await entries(log) == [
        ("Sabine Berger", "clerk", "view_as_customer", {"customer_number": "10042"}, 303),
        ("Sabine Berger", "clerk", "end_view", {}, 303),
    ]
    assert "10042 " in await log.fetchval("SELECT note FROM audit_outcome ORDER BY audit_entry_id LIMIT 1")


async def test_what_no_database_takes_hides_no_outcome(operator: Browser, log: Connection) -> None:
    token = (await operator.get("/admin/api-keys")).form_token
    created = await operator.post("/admin/api-keys", {"form_token": token, "name": "CDH\0"})
    nobody = await operator.post("/desk/customers/10%0042/view", {"form_token": token})
    assert (created.status, nobody.status) == (200, 404)
    assert await entries(log) == [
        ("Jan Admin", "operator", "create_api_key", {}, 200),
        ("Jan Admin", "operator", "view_as_customer", {"customer_number": "1042"}, 404),
    ]
    assert await log.fetchval("SELECT note FROM audit_outcome ORDER BY audit_entry_id LIMIT 1") == "CDH"


async def test_who_takes_another_name_or_address_is_known_by_the_former_one(
    clerk: Browser, log: Connection
) -> None:
    token = (await clerk.get("/account/profile")).form_token
    await clerk.post("/account/profile", {"form_token": token, "name": "Jan Admin", "locale": "de"})
    form = {"form_token": token, "email": "elsewhere@dealer.example", "password": "a secret password"}
    await clerk.post("/account/email", form)
    notes = await log.fetch("SELECT note FROM audit_outcome ORDER BY audit_entry_id")
    assert [row["note"] for row in notes] == ["Sabine Berger → Jan Admin", "elsewhere@dealer.example"]
