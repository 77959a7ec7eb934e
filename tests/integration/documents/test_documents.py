"""CDH's data in, pages out, on a real PostgreSQL."""

import asyncio
import datetime as dt
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest

from shared.api.documents import ClerkCard, Document, DocumentRows
from shared.errors import InvalidError, NotFoundError, UnauthenticatedError
from shared.events.sync import (
    Clerk,
    ClerksChanged,
    Customer,
    CustomersChanged,
    DocumentsChanged,
    File,
    Status,
    StatusesChanged,
    StatusGroup,
    document_id,
)
from shared.events.sync import DocumentKind as Kind
from shared.web import Identity, ServiceClient
from tests.integration.documents.conftest import (
    CLERK,
    CUSTOMER,
    STRANGER,
    TODAY,
    Documents,
    a_document,
    an_entry,
)

ORDER = "2026-1042"
ORDER_ID = document_id(Kind.ORDER, ORDER)


async def page(
    documents: Documents, *, number: str = ORDER, kind: Kind = Kind.ORDER, who: Identity = CUSTOMER
) -> Document:
    return await documents.client.get(f"/documents/{document_id(kind, number)}", Document, who=who)


async def rows(documents: Documents, query: str = "", *, who: Identity = CUSTOMER) -> DocumentRows:
    return await documents.client.get(f"/documents{query}", DocumentRows, who=who)


def label(document: Document) -> str:
    assert document.status_bar is not None
    return f"{document.status_bar.label}{' (teilweise)' if document.status_bar.partial else ''}"


async def test_an_order_is_shown_with_its_bar_its_positions_its_customer_and_its_clerk(
    documents: Documents,
) -> None:
    picture = File(sha256="a" * 64, name="berger.png", media_type="image/png", size=5)
    await documents.tell(
        CustomersChanged(customers=(Customer(customer_number="10001", name="Stadtwerke Nord", revision=1),)),
        ClerksChanged(
            clerks=(
                Clerk(clerk_code="BER", name="Berta Berger", phone="0431 1", picture=picture, revision=1),
            )
        ),
        DocumentsChanged(
            documents=(
                a_document(ORDER, an_entry("order.confirmed"), an_entry("order.delivered", "2", day=2)),
            )
        ),
    )

    shown = await page(documents)

    assert (shown.number, shown.customer_name, shown.net_total) == (
        ORDER,
        "Stadtwerke Nord",
        Decimal("1234.50"),
    )
    assert shown.clerk == ClerkCard(
        clerk_code="BER", name="Berta Berger", email="", phone="0431 1", picture_sha256="a" * 64
    )
    assert label(shown) == "Geliefert (teilweise)"
    assert shown.status_bar is not None
    assert [step.reached_at and step.reached_at.day for step in shown.status_bar.steps] == [
        None,
        1,
        None,
        2,
        None,
    ]
    assert [(row.number, row.status) for row in shown.positions] == [
        ("1", "Bestätigt"),
        ("2", "Geliefert"),
        ("3", "Bestätigt"),
    ]
    assert shown.positions[0].unit_price == Decimal("3.90")


async def test_a_customer_sees_nothing_of_another(documents: Documents) -> None:
    related = document_id(Kind.QUOTE, "A-1")
    await documents.tell(
        ClerksChanged(clerks=(Clerk(clerk_code="BER", name="Berta Berger", revision=1),)),
        DocumentsChanged(
            documents=(
                a_document(ORDER, related=[related]),
                a_document("A-1", kind="quote", customer_number="10002"),
            )
        ),
    )

    for path in (f"/documents/{ORDER_ID}", f"/documents/{uuid4()}", "/documents/what"):
        with pytest.raises(NotFoundError):
            await documents.client.get(path, Document, who=STRANGER)
    assert [row.number for row in (await rows(documents, who=STRANGER)).rows] == ["A-1"]
    assert (await rows(documents)).total == 1
    assert (await page(documents)).related == ()
    nobody = Identity(role="customer", customer_number="")
    assert (await rows(documents, who=nobody)).rows == ()
    with pytest.raises(NotFoundError):
        await page(documents, who=nobody)
    assert (await rows(documents, who=CLERK)).total == 2


async def test_nobody_is_answered_without_an_identity(documents: Documents) -> None:
    forger = ServiceClient(documents.client._session, documents.client._base_url, "another secret")

    for path in ("/documents", f"/documents/{ORDER_ID}", "/clerks/BER"):
        with pytest.raises(UnauthenticatedError):
            await forger.get(path, Document, who=CLERK)


async def test_a_clerk_is_shown_to_customers_whose_documents_he_has(documents: Documents) -> None:
    await documents.tell(
        ClerksChanged(clerks=(Clerk(clerk_code="BER", name="Berta Berger", revision=1),)),
        DocumentsChanged(documents=(a_document(ORDER),)),
    )

    assert (await documents.client.get("/clerks/BER", ClerkCard, who=CUSTOMER)).name == "Berta Berger"
    assert (await documents.client.get("/clerks/BER", ClerkCard, who=CLERK)).name == "Berta Berger"
    for path, who in (("/clerks/BER", STRANGER), ("/clerks/XY%00", CUSTOMER), ("/clerks/XY", CLERK)):
        with pytest.raises(NotFoundError):
            await documents.client.get(path, ClerkCard, who=who)


async def test_what_is_older_than_what_is_known_is_ignored(documents: Documents) -> None:
    new = a_document(ORDER, an_entry("order.confirmed"), revision=7, positions=2, subject="neu")
    old = a_document(ORDER, an_entry("order.invoiced", day=3), revision=6, positions=3, subject="alt")
    customer = Customer(customer_number="10001", name="neu", revision=7)
    clerk = Clerk(clerk_code="BER", name="neu", revision=7)
    for round_of in ((new, old), (old, new)):
        await documents.tell(
            DocumentsChanged(documents=round_of),
            CustomersChanged(
                customers=(customer, customer.model_copy(update={"name": "alt", "revision": 6}))
            ),
            ClerksChanged(clerks=(clerk, clerk.model_copy(update={"name": "alt", "revision": 6}))),
        )
        await documents.tell(
            DocumentsChanged(documents=(old,)),
            CustomersChanged(customers=(customer.model_copy(update={"name": "alt", "revision": 6}),)),
            ClerksChanged(clerks=(clerk.model_copy(update={"name": "alt", "revision": 6}),)),
        )

        shown = await page(documents)

        assert (shown.subject, len(shown.positions), label(shown)) == ("neu", 2, "Bestätigt")
        assert (shown.customer_name, shown.clerk and shown.clerk.name) == ("neu", "neu")


async def test_the_same_event_twice_changes_nothing(documents: Documents) -> None:
    told = DocumentsChanged(documents=(a_document(ORDER, an_entry("order.confirmed")),))

    await documents.tell(told)
    once = await page(documents)
    await documents.tell(told)

    assert await page(documents) == once


async def test_a_history_only_grows(documents: Documents) -> None:
    await documents.tell(
        DocumentsChanged(documents=(a_document(ORDER, an_entry("order.confirmed"), revision=1),)),
        DocumentsChanged(documents=(a_document(ORDER, an_entry("order.delivered", day=4), revision=2),)),
        DocumentsChanged(documents=(a_document(ORDER, revision=3),)),
    )

    shown = await page(documents)

    assert shown.status_bar is not None
    assert [step.reached_at and step.reached_at.day for step in shown.status_bar.steps] == [
        None,
        1,
        None,
        4,
        None,
    ]


async def test_a_status_that_arrives_after_its_document_counts_from_then_on(documents: Documents) -> None:
    await documents.tell(
        DocumentsChanged(
            documents=(a_document(ORDER, an_entry("order.created"), an_entry("4711", "1", day=2)),)
        )
    )
    assert label(await page(documents)) == "Angelegt"

    status = Status(status_id="4711", group_id="77", name="Im Druck", revision=5)
    await documents.tell(StatusesChanged(statuses=(status,)))
    assert label(await page(documents)) == "Angelegt"

    group = StatusGroup(group_id="77", kind=Kind.ORDER, name="Produktion", step=6, revision=4)
    await documents.tell(StatusesChanged(groups=(group,)))

    shown = await page(documents)
    assert label(shown) == "Produktion (teilweise)"
    assert [row.status for row in shown.positions] == ["Im Druck", "Angelegt", "Angelegt"]
    assert [(row.status_label, row.status_partial) for row in (await rows(documents)).rows] == [
        ("Produktion", True)
    ]


async def test_an_older_meaning_of_a_status_is_ignored(documents: Documents) -> None:
    await documents.tell(
        DocumentsChanged(documents=(a_document(ORDER, an_entry("order.confirmed")),)),
        StatusesChanged(
            groups=(
                StatusGroup(group_id="order.confirmed", kind=Kind.ORDER, name="Neu", step=2, revision=9),
            ),
            statuses=(
                Status(status_id="order.confirmed", group_id="order.confirmed", name="neu", revision=9),
            ),
        ),
        StatusesChanged(
            groups=(
                StatusGroup(group_id="order.confirmed", kind=Kind.ORDER, name="Alt", step=2, revision=8),
            ),
            statuses=(
                Status(status_id="order.confirmed", group_id="order.confirmed", name="alt", revision=8),
            ),
        ),
    )

    shown = await page(documents)

    assert (label(shown), shown.positions[0].status) == ("Neu", "neu")


async def test_the_default_groups_and_statuses_cannot_be_deleted(documents: Documents) -> None:
    for command in (
        "DELETE FROM status_group WHERE group_id = 'order.created'",
        "DELETE FROM status WHERE status_id = 'order.created'",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await documents.pool.execute(command)


async def test_related_documents_are_linked_both_ways_in_whatever_order_they_arrive(
    documents: Documents,
) -> None:
    await documents.tell(
        DocumentsChanged(documents=(a_document("RG-1", kind="invoice", related=[ORDER_ID]),)),
        DocumentsChanged(documents=(a_document(ORDER, related=[document_id(Kind.QUOTE, "AN-1")]),)),
        DocumentsChanged(documents=(a_document("AN-1", kind="quote"),)),
    )

    assert [(other.kind, other.number) for other in (await page(documents)).related] == [
        (Kind.QUOTE, "AN-1"),
        (Kind.INVOICE, "RG-1"),
    ]
    quote = await page(documents, number="AN-1", kind=Kind.QUOTE)
    assert [other.document_id for other in quote.related] == [ORDER_ID]


async def test_an_invoice_is_open_or_overdue_as_of_today(documents: Documents) -> None:
    paid, late = Decimal(0), Decimal("99.50")
    await documents.tell(
        DocumentsChanged(
            documents=(
                a_document("RG-1", kind="invoice", open_amount=late, due_date=TODAY - dt.timedelta(days=3)),
                a_document("RG-2", kind="invoice", open_amount=paid, due_date=TODAY - dt.timedelta(days=3)),
                a_document("RG-3", kind="invoice"),
            )
        )
    )

    assert label(await page(documents, number="RG-1", kind=Kind.INVOICE)) == "overdue"
    assert (await page(documents, number="RG-3", kind=Kind.INVOICE)).status_bar is None
    listed = (await rows(documents, "?kind=invoice")).rows
    assert [(row.number, row.status_label, row.status_negative) for row in listed] == [
        ("RG-3", "", False),
        ("RG-2", "paid", False),
        ("RG-1", "overdue", True),
    ]


async def test_a_list_has_the_newest_first_and_counts_all(documents: Documents) -> None:
    days = {f"A-{day:02}": dt.date(2026, 10, day) for day in range(1, 26)}
    told = [a_document(number, document_date=date) for number, date in days.items()]
    await documents.tell(DocumentsChanged(documents=tuple(told)))
    await documents.tell(DocumentsChanged(documents=(a_document("Q", kind="quote"),)))

    listed = await rows(documents, "?kind=order&size=2")

    assert [row.number for row in listed.rows] == ["A-25", "A-24"]
    assert listed.total == 25
    assert listed.clerk is None
    assert (await rows(documents)).rows[0].number == "Q"
    for bad in ("?kind=letter", "?size=0", "?size=1001", "?size=-1", "?size=x", "?size=%C2%B2", "?page=0"):
        with pytest.raises(InvalidError):
            await rows(documents, bad)


async def test_copies_that_hear_at_once_leave_the_newest_and_a_right_status(documents: Documents) -> None:
    numbers = [f"A-{count}" for count in range(20)]
    batches = [
        DocumentsChanged(
            documents=tuple(
                a_document(
                    number, *(an_entry("new", day=day) for day in range(1, revision + 1)), revision=revision
                )
                for number in (numbers if revision % 2 else reversed(numbers))
            )
        )
        for revision in range(1, 7)
    ]
    statuses = StatusesChanged(
        statuses=(Status(status_id="new", group_id="order.released", name="Neu", revision=1),)
    )

    await asyncio.gather(*(documents.tell(event) for event in (*batches, statuses)))

    listed = await rows(documents)
    assert {row.status_label for row in listed.rows} == {"Freigegeben"}
    assert await documents.pool.fetchval("SELECT min(revision) FROM document") == 6
    assert await documents.pool.fetchval("SELECT count(*) FROM position") == 60


async def test_what_the_portal_has_no_field_for_is_not_stored(documents: Documents) -> None:
    columns = {
        row["column_name"]
        for row in await documents.pool.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
        )
    }

    assert not [
        name for name in columns for word in ("purchase", "margin", "supplier", "memo") if word in name
    ]
