"""What the dealer's people find: customers by any of their words, documents by number, all clerks."""

from typing import Any

import pytest

from shared.api import documents as api
from shared.errors import ForbiddenError, InvalidError, NotFoundError
from shared.events.sync import (
    Clerk,
    ClerksChanged,
    Contact,
    Customer,
    CustomersChanged,
    DocumentKind,
    DocumentsChanged,
    File,
    document_id,
)
from shared.web import Identity
from tests.integration.documents.conftest import CLERK, CUSTOMER, Documents, a_document

OPERATOR = Identity(role="operator", name="Otto")
VIEWER = Identity(role="customer", customer_number="10001", viewed_by="Berta Berger")


def a_customer(number: str, name: str, **changes: Any) -> Customer:
    return Customer(customer_number=number, name=name, revision=1, **changes)


async def _find(documents: Documents, query: str = "", **more: str) -> list[str]:
    asked = {"q": query, **more}
    found = await documents.client.get("/customers", api.CustomerRows, who=CLERK, query=asked)
    return [row.name for row in found.rows]


async def _some(documents: Documents) -> None:
    await documents.tell(
        CustomersChanged(
            customers=(
                a_customer(
                    "10001", "Stadtwerke 100 %", record_number="2207", address="Am Wall 1\nMusterstadt"
                ),
                a_customer(
                    "10002",
                    "Öko_Druck",
                    contacts=(Contact(contact_id="1", name="Jana Reuter", email="jana@oeko.example"),),
                ),
                a_customer("10003", "Zimmerei Wall"),
                a_customer("10004", "Optik"),
            )
        )
    )


async def test_a_customer_is_found_by_each_of_his_words(documents: Documents) -> None:
    await _some(documents)

    assert await _find(documents) == ["Öko_Druck", "Optik", "Stadtwerke 100 %", "Zimmerei Wall"]
    assert await _find(documents, "wall") == ["Stadtwerke 100 %", "Zimmerei Wall"]
    assert await _find(documents, "wall  musterSTADT") == ["Stadtwerke 100 %"]
    assert await _find(documents, "2207") == ["Stadtwerke 100 %"]
    assert await _find(documents, "jana@") == ["Öko_Druck"]
    assert await _find(documents, "%") == ["Stadtwerke 100 %"]
    assert await _find(documents, "o%d") == []
    assert await _find(documents, "contact_id") == []
    assert await _find(documents, "ko_d") == ["Öko_Druck"]
    assert await _find(documents, "Oeko") == await _find(documents, "OKO") == ["Öko_Druck"]
    assert await _find(documents, "\\\0") == []


async def test_customers_come_in_pages_with_one_count(documents: Documents) -> None:
    await _some(documents)

    assert await _find(documents, size="3", page="2") == ["Zimmerei Wall"]
    for page in ("1", "9"):
        asked = {"size": "3", "page": page}
        found = await documents.client.get("/customers", api.CustomerRows, who=OPERATOR, query=asked)
        assert found.total == 4
    nothing = await documents.client.get("/customers", api.CustomerRows, who=CLERK, query={"q": "nobody"})
    assert (nothing.rows, nothing.total) == ((), 0)
    for wrong in ({"size": "0"}, {"page": "0"}, {"page": "x"}):
        with pytest.raises(InvalidError):
            await documents.client.get("/customers", api.CustomerRows, who=CLERK, query=wrong)


async def test_a_customers_page_has_his_people_his_clerk_and_counts(documents: Documents) -> None:
    await _some(documents)
    await documents.tell(
        ClerksChanged(clerks=(Clerk(clerk_code="BER", name="Berta Berger", revision=1),)),
        DocumentsChanged(
            documents=(
                a_document("A-1", customer_number="10002"),
                a_document("A-2", customer_number="10002"),
                a_document("R-1", customer_number="10002", kind="invoice"),
                a_document("R-2", kind="invoice"),
            )
        ),
    )

    customer = await documents.client.get("/customers/10002", api.Customer, who=CLERK)
    assert customer.contacts[0].name == "Jana Reuter"
    assert customer.counts == {DocumentKind.ORDER: 2, DocumentKind.INVOICE: 1}
    assert customer.clerk is not None
    assert customer.clerk.name == "Berta Berger"
    alone = await documents.client.get("/customers/10004", api.Customer, who=CLERK)
    assert (alone.counts, alone.clerk) == ({}, None)
    with pytest.raises(NotFoundError):
        await documents.client.get("/customers/4711", api.Customer, who=CLERK)


async def test_a_number_alone_is_not_unique(documents: Documents) -> None:
    await _some(documents)
    twin = a_document("A-1", customer_number="10002", external_id="2")
    twin = twin.model_copy(update={"document_id": document_id(twin.kind, "A-1", "2"), "positions": ()})
    await documents.tell(
        DocumentsChanged(
            documents=(a_document("A-1", contact_id="7"), twin, a_document("A-1", kind="credit_note"))
        )
    )

    found = await documents.client.get("/numbers/order/A-1", api.NumberedDocuments, who=CLERK)
    assert {one.customer_number for one in found.documents} == {"10001", "10002"}
    assert {one.kind for one in found.documents} == {DocumentKind.ORDER}
    assert {one.contact_id for one in found.documents} == {"7", ""}
    [first] = [one for one in found.documents if one.contact_id]
    page = await documents.client.get(f"/documents/{first.document_id}", api.Document, who=CLERK)
    assert page.contact_id == "7"
    none = await documents.client.get("/numbers/quote/A-1", api.NumberedDocuments, who=CLERK)
    assert none.documents == ()
    with pytest.raises(InvalidError):
        await documents.client.get("/numbers/letter/A-1", api.NumberedDocuments, who=CLERK)


async def test_all_clerks_are_listed_with_what_they_lack(documents: Documents) -> None:
    picture = File(sha256="ab" * 32, name="b.png", media_type="image/png", size=1)
    await documents.tell(
        ClerksChanged(
            clerks=(
                Clerk(clerk_code="TK", name="Tobias Kern", revision=1),
                Clerk(clerk_code="BER", name="Berta", email="b@example.de", picture=picture, revision=2),
            )
        )
    )

    clerks = (await documents.client.get("/clerks", api.ClerkCards, who=CLERK)).clerks
    assert [(one.clerk_code, bool(one.email), bool(one.picture_sha256)) for one in clerks] == [
        ("BER", True, True),
        ("TK", False, False),
    ]


@pytest.mark.parametrize("path", ["/customers", "/customers/10001", "/numbers/order/A-1", "/clerks"])
@pytest.mark.parametrize("who", [CUSTOMER, VIEWER])
async def test_no_customer_and_no_viewer_asks_such_things(
    documents: Documents, path: str, who: Identity
) -> None:
    await _some(documents)
    with pytest.raises(ForbiddenError):
        await documents.client.call("GET", path, who=who)
