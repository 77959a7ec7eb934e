"""The operator's lists: accounts of customers and staff, invitations and what became of them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.api import auth as api
from shared.database import Pool
from shared.errors import ForbiddenError, InvalidError, NotFoundError
from shared.events.auth import CustomerInvited
from shared.events.sync import CustomersChanged
from shared.web import SYSTEM, Identity, ServiceClient
from tests.integration.auth.people import (
    CLERK,
    CUSTOMER,
    MUSTER,
    OPERATOR,
    accept,
    hear,
    invite_customer,
    invite_staff,
    know_customer,
    opened,
    told,
)
from tests.integration.auth.test_accounts import ERIKA, SABINE, create
from tests.integration.auth.test_invitations import cancel, expire
from tests.integration.auth.test_sessions import log_in

JUERGEN = ERIKA.model_copy(update={"name": "Jürgen Groß", "email": "jg@uebersee.example"})
OTHER = MUSTER.model_copy(update={"customer_number": "10099", "name": "Überseehandel Ångström KG"})


async def list_accounts(auth: ServiceClient, *, who: Identity = OPERATOR, **query: Any) -> api.AccountRows:
    return await auth.get("/accounts", api.AccountRows, who=who, query=query)


async def names(auth: ServiceClient, **query: Any) -> list[str]:
    found = await list_accounts(auth, **query)
    assert found.total == len(found.rows)
    return [row.name for row in found.rows]


async def list_invitations(
    auth: ServiceClient, *, who: Identity = OPERATOR, **query: Any
) -> api.InvitationRows:
    return await auth.get("/invitations", api.InvitationRows, who=who, query=query)


@pytest.fixture
async def people(auth: ServiceClient, pool: Pool) -> None:
    """Erika at Muster, Jürgen at Übersee, Sabine in the house."""
    await hear(pool, CustomersChanged(customers=(MUSTER, OTHER)))
    await create(auth, ERIKA)
    await create(auth, JUERGEN.model_copy(update={"customer_number": "10099"}))
    await create(auth, SABINE)


# Accounts


@pytest.mark.usefixtures("people")
async def test_customers_are_listed_by_company_with_what_an_operator_asks(auth: ServiceClient) -> None:
    await log_in(auth)
    found = await list_accounts(auth, role="customer")
    assert [(row.customer_name, row.name) for row in found.rows] == [
        ("Muster Getriebe AG", "Erika Muster"),
        ("Überseehandel Ångström KG", "Jürgen Groß"),
    ]
    erika, juergen = found.rows
    assert erika.last_login_at
    assert erika.last_login_at >= erika.created_at
    assert (juergen.last_login_at, juergen.disabled_at) == (None, None)
    [staff] = (await list_accounts(auth, role="staff")).rows
    assert (staff.name, staff.customer_name, staff.clerk_code) == ("Sabine Berger", "", "SB")
    everybody = await list_accounts(auth)
    assert everybody.rows == (staff, *found.rows)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "q",
    [
        "jürgen",
        "JUERGEN",
        "jurgen",
        "Ju\u0308rgen",
        "groß",
        "GROSS",
        "übersee",
        "uebersee ang",
        "ANGSTRÖM",
        "10099",
        "jg@",
        "gross jürgen 10099",
    ],
)
async def test_people_are_found_by_name_address_company_and_number_however_they_are_written(
    auth: ServiceClient, q: str
) -> None:
    assert await names(auth, q=q) == ["Jürgen Groß"]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("q", ["jürgen muster", "%", "_", "\\", "'", "10023 10099"])
async def test_every_word_must_be_found_as_it_is(auth: ServiceClient, q: str) -> None:
    assert await names(auth, q=q) == []


@pytest.mark.usefixtures("people")
async def test_an_empty_search_finds_all(auth: ServiceClient) -> None:
    assert len(await names(auth, q="  ")) == 3
    assert await names(auth, role="staff", q="sb") == ["Sabine Berger"]
    assert await names(auth, role="staff", q="s\0b") == ["Sabine Berger"], (
        "PostgreSQL stores no such character"
    )


async def test_pages_hold_what_they_should_and_the_count_is_of_all(auth: ServiceClient) -> None:
    for number in range(5):
        await create(auth, ERIKA.model_copy(update={"name": f"P{number}", "email": f"p{number}@muster.de"}))
    pages = [await list_accounts(auth, page=str(page), size="2") for page in (1, 2, 3, 4)]
    assert [[row.name for row in page.rows] for page in pages] == [["P0", "P1"], ["P2", "P3"], ["P4"], []]
    assert {page.total for page in pages} == {5}
    assert len((await list_accounts(auth, size="1000")).rows) == 5


@pytest.mark.parametrize(
    "query",
    [
        {"role": "system"},
        {"page": "0"},
        {"page": "x"},
        {"page": "9" * 30},
        {"size": "1001"},
        {"size": "0"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/accounts", "/invitations"])
async def test_a_list_that_makes_no_sense_is_refused(
    auth: ServiceClient, query: Mapping[str, str], path: str
) -> None:
    with pytest.raises(InvalidError):
        await auth.call("GET", path, who=OPERATOR, query=query)


@pytest.mark.usefixtures("people")
async def test_a_clerk_sees_the_people_of_one_customer_only(auth: ServiceClient) -> None:
    found = await list_accounts(auth, who=CLERK, customer_number="10099")
    assert [row.name for row in found.rows] == ["Jürgen Groß"]
    for query in ({}, {"role": "staff"}, {"role": "staff", "customer_number": "10099"}):
        with pytest.raises(ForbiddenError):
            await auth.call("GET", "/accounts", who=CLERK, query=query)


async def test_a_clerk_sees_the_invitations_of_customers_only(auth: ServiceClient) -> None:
    await auth.call("GET", "/invitations", who=CLERK, query={"role": "customer"})
    for query in ({"role": "staff"}, {"role": "staff", "customer_number": "10099"}):
        with pytest.raises(ForbiddenError):
            await auth.call("GET", "/invitations", who=CLERK, query=query)


@pytest.mark.parametrize("who", [CUSTOMER, SYSTEM], ids=["customer", "system"])
@pytest.mark.parametrize("path", ["/accounts", "/invitations"])
async def test_nobody_else_sees_a_list(auth: ServiceClient, who: Identity, path: str) -> None:
    with pytest.raises(ForbiddenError):
        await auth.call("GET", path, who=who, query={"customer_number": "10023"})


@pytest.mark.usefixtures("people")
async def test_one_account_by_its_id(auth: ServiceClient) -> None:
    [listed] = (await list_accounts(auth, customer_number="10099")).rows
    assert await auth.get(f"/accounts/{listed.account_id}", api.AccountRow, who=OPERATOR) == listed
    for path in (f"/accounts/{uuid4()}", "/accounts/me"):
        with pytest.raises(NotFoundError):
            await auth.call("GET", path, who=OPERATOR)
    for who in (CLERK, CUSTOMER, SYSTEM):
        with pytest.raises(ForbiddenError):
            await auth.call("GET", f"/accounts/{listed.account_id}", who=who)


async def test_the_list_never_tells_a_password_or_its_hash(auth: ServiceClient) -> None:
    await create(auth, ERIKA)
    body = (await auth.call("GET", "/accounts", who=OPERATOR)).decode()
    assert "argon2" not in body
    assert "password" not in body


# Invitations


@pytest.fixture
async def states(auth: ServiceClient, pool: Pool) -> dict[str, UUID]:
    """One invitation of each state."""
    await know_customer(pool)
    ids: dict[str, UUID] = {}
    for state in ("expired", "accepted", "cancelled", "awaiting_confirmation", "open"):
        email = f"{state}@muster.de"
        invitation = await invite_customer(auth, email=email, name=state)
        ids[state] = invitation.invitation_id
        token = opened((await told(pool, CustomerInvited))[-1].sealed_token)
        if state == "expired":
            await expire(pool)
        elif state == "accepted":
            await accept(auth, token, email=email)
        elif state == "cancelled":
            await cancel(auth, invitation.invitation_id)
        elif state == "awaiting_confirmation":
            await accept(auth, token, email="other@muster.de")
    return ids


async def test_invitations_are_listed_with_what_became_of_them_newest_first(
    auth: ServiceClient, states: dict[str, UUID]
) -> None:
    found = await list_invitations(auth)
    assert [row.state for row in found.rows] == list(reversed(states))
    assert [row.invitation_id for row in found.rows] == list(reversed(states.values()))
    assert {(row.customer_name, row.invited_by) for row in found.rows} == {
        ("Muster Getriebe AG", "Sabine Berger")
    }


async def test_a_state_can_be_asked_for_and_open_means_not_answered(
    auth: ServiceClient, states: dict[str, UUID]
) -> None:
    for state in states:
        found = [row.state for row in (await list_invitations(auth, state=state)).rows]
        assert found == (["open", "awaiting_confirmation"] if state == "open" else [state])
    with pytest.raises(InvalidError):
        await list_invitations(auth, state="lost")


async def test_invitations_are_searched_and_paged_like_accounts(
    auth: ServiceClient, states: dict[str, UUID]
) -> None:
    found = await list_invitations(auth, q="CANCELLED getriebe 10023")
    assert [row.state for row in found.rows] == ["cancelled"]
    page = await list_invitations(auth, page="2", size="2")
    assert (len(page.rows), page.total) == (2, 5)
    beyond = await list_invitations(auth, page="9", size="2")
    assert (beyond.rows, beyond.total) == ((), 5)


async def test_invitations_of_staff_are_a_list_of_their_own(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    await invite_customer(auth)
    made: Any = await invite_staff(auth)
    assert (await list_invitations(auth, role="staff")).rows == (made.invitation,)
    assert (await list_invitations(auth)).total == 2
    [of_customer] = (await list_invitations(auth, who=CLERK, customer_number="10023")).rows
    assert of_customer.role == "customer"


async def test_a_list_of_invitations_never_tells_a_token(auth: ServiceClient) -> None:
    made = await invite_staff(auth)
    body = (await auth.call("GET", "/invitations", who=OPERATOR, query={"role": "staff"})).decode()
    assert made.token not in body
    assert "token" not in body
