"""Who is to have an access: what CDH's button asks for is told, or refused while the clerk still looks."""

from typing import Any

import pytest

from shared.events.sync import AccessRequested
from tests.integration.sync.conftest import Sync, a_clerk, a_customer, an_event

pytestmark = pytest.mark.usefixtures("_quick_inspection")

CONTACTS = [
    {"contact_id": "1", "name": "Kim", "email": "kim@stadtwerke.example"},
    {"contact_id": "2", "name": "Alex"},
]


def an_access(event_id: str, number: str = "10001", **changes: object) -> dict[str, Any]:
    return an_event(event_id, "access.requested", {"customer_number": number} | changes)


async def _told(sync: Sync) -> list[AccessRequested]:
    return [event for event in await sync.told() if isinstance(event, AccessRequested)]


async def test_an_access_is_asked_for_in_the_same_batch_as_its_customer(sync: Sync) -> None:
    answer = await sync.send(
        a_clerk(),
        a_customer("1", contacts=CONTACTS),
        an_access("2", contact_id="1", clerk_code="BER"),
        an_access("3", email="neu@stadtwerke.example", name="Nele Neu"),
    )

    assert answer.said == ["accepted"] * 4
    first, second = await _told(sync)
    assert (first.customer_number, first.contact_id, first.clerk_code) == ("10001", "1", "BER")
    assert (second.email, second.name) == ("neu@stadtwerke.example", "Nele Neu")


async def test_the_same_click_again_asks_once(sync: Sync) -> None:
    await sync.send(a_customer("1", email="info@stadtwerke.example"))

    for _ in range(2):
        assert (await sync.send(an_access("2"))).said == ["accepted"]
    assert len(await _told(sync)) == 1


@pytest.mark.parametrize(
    ("wish", "place", "reason"),
    [
        ({"number": "99999"}, "/data/customer_number", "This customer number is not known."),
        ({}, "/data/email", "No e-mail address is known for this."),
        ({"contact_id": "2"}, "/data/email", "No e-mail address is known for this."),
        ({"contact_id": "7"}, "/data/contact_id", "The customer has no such contact."),
        ({"contact_id": "1", "clerk_code": "XX"}, "/data/clerk_code", "This clerk code is not known."),
        ({"email": "kein Postfach"}, "/data/email", "This is no e-mail address."),
    ],
    ids=["customer", "address", "contacts-address", "contact", "clerk", "no-address"],
)
async def test_what_leads_to_no_invitation_is_refused_with_its_place(
    sync: Sync, wish: dict[str, str], place: str, reason: str
) -> None:
    await sync.send(a_customer("1", contacts=CONTACTS))

    [refused] = (await sync.send(an_access("2", **wish), locale="en")).results
    assert [fault.place for fault in refused.errors] == [place]
    assert refused.errors[0].reason.startswith(reason)
    assert await _told(sync) == []


async def test_what_is_known_of_a_customer_follows_him(sync: Sync) -> None:
    await sync.send(a_customer("1", contacts=CONTACTS))
    assert (await sync.send(an_access("2"))).said != ["accepted"]

    await sync.send(a_customer("3", email="info@stadtwerke.example", contacts=CONTACTS[1:]))

    assert (await sync.send(an_access("2"))).said == ["accepted"], "corrected, it comes under its id"
    assert (await sync.send(an_access("4", contact_id="2"))).said == ["accepted"], "the customer's address"
    assert (await sync.send(an_access("5", contact_id="1"))).said != ["accepted"]


async def test_no_address_lies_in_syncs_database(sync: Sync) -> None:
    await sync.send(a_customer("1", email="info@stadtwerke.example", contacts=CONTACTS))

    [row] = await sync.pool.fetch("SELECT known_customer::text AS text FROM known_customer")
    assert "@" not in row["text"]
