"""Lists: searched, filtered, sorted, counted, in pages."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from shared.api import documents as api
from shared.errors import InvalidError
from shared.events.sync import (
    Clerk,
    ClerksChanged,
    Customer,
    CustomersChanged,
    Document,
    DocumentsChanged,
)
from shared.web import Identity
from tests.integration.documents.conftest import (
    CLERK,
    CUSTOMER,
    STRANGER,
    TODAY,
    Documents,
    a_document,
    an_entry,
)


async def listed(
    documents: Documents, who: Identity = CUSTOMER, **query: str | list[str]
) -> api.DocumentRows:
    pairs = [(key, one) for key, many in query.items() for one in ([many] if isinstance(many, str) else many)]
    return await documents.client.get("/documents", api.DocumentRows, who=who, query=pairs)


async def numbers(documents: Documents, who: Identity = CUSTOMER, **query: str | list[str]) -> list[str]:
    answer = await listed(documents, who, **query)
    assert answer.total == len(answer.rows)
    return [row.number for row in answer.rows]


async def bar_of(documents: Documents, document: Document) -> api.StatusBar | None:
    path = f"/documents/{document.document_id}"
    return (await documents.client.get(path, api.Document, who=CUSTOMER)).status_bar


def with_text(number: str, text: str, **changes: Any) -> Document:
    document = a_document(number, positions=1, **changes)
    position = document.positions[0].model_copy(update={"text": text})
    return document.model_copy(update={"positions": (position,)})


async def test_a_search_finds_the_numbers_the_subject_and_the_positions(documents: Documents) -> None:
    polo = with_text("2026-1042", "Poloshirt Damen", subject="Messe", customer_reference="BE-4711")
    described = {"article_number": "PH-200", "description": "Bio-Baumwolle, Siebdruck"}
    position = polo.positions[0].model_copy(update=described)
    told = (
        polo.model_copy(update={"positions": (position,)}),
        with_text("2026-1043", "Tasse weiß", subject="Jubiläum", customer_reference="Kostenstelle 12"),
    )
    await documents.tell(DocumentsChanged(documents=told))

    for words, expected in {
        "1042": ["2026-1042"],
        "be-4711": ["2026-1042"],
        "MESSE": ["2026-1042"],
        "polo": ["2026-1042"],
        "ph-200": ["2026-1042"],
        "siebdruck": ["2026-1042"],
        "2026": ["2026-1043", "2026-1042"],
        "2026 polo": ["2026-1042"],
        "polo tasse": [],
        "": ["2026-1043", "2026-1042"],
        "  ": ["2026-1043", "2026-1042"],
        "%": [],
        "_": [],
        "\\": [],
        "\0": ["2026-1043", "2026-1042"],
    }.items():
        assert await numbers(documents, q=words) == expected, words


@pytest.mark.parametrize("written", ["Müller", "müller", "MÜLLER", "Mueller", "muller", "üller"])
async def test_a_search_takes_umlauts_in_every_writing(documents: Documents, written: str) -> None:
    told = (a_document("1", subject="Hemden für Müller"), a_document("2", subject="Hemden für Mahler"))
    await documents.tell(DocumentsChanged(documents=told))

    assert await numbers(documents, q=written) == ["1"]
    assert await numbers(documents, q="fur hemden") == ["2", "1"]


async def test_a_search_finds_what_stands_there_now(documents: Documents) -> None:
    await documents.tell(DocumentsChanged(documents=(with_text("1", "Tasse"),)))
    await documents.tell(DocumentsChanged(documents=(with_text("1", "Becher", revision=2),)))

    assert await numbers(documents, q="tasse") == []
    assert await numbers(documents, q="becher") == ["1"]


async def test_the_staff_also_finds_by_the_customers_name(documents: Documents) -> None:
    await documents.tell(
        CustomersChanged(customers=(Customer(customer_number="10001", name="Stadtwerke Süd", revision=1),)),
        DocumentsChanged(documents=(a_document("1"), a_document("2", customer_number="10002"))),
    )

    assert await numbers(documents, CLERK, q="stadtwerke sued") == ["1"]
    assert await numbers(documents, CLERK, q="stadtwerke shirts") == ["1"]
    assert await numbers(documents, CUSTOMER, q="stadtwerke") == []


async def test_the_staff_sees_all_customers_or_one_and_a_customer_only_himself(documents: Documents) -> None:
    await documents.tell(
        DocumentsChanged(documents=(a_document("1"), a_document("2", customer_number="10002")))
    )

    assert await numbers(documents, CLERK) == ["2", "1"]
    assert await numbers(documents, CLERK, customer_number="10002") == ["2"]
    assert await numbers(documents, CUSTOMER, customer_number="10002") == ["1"]
    assert (await listed(documents, CLERK)).rows[0].customer_number == "10002"
    assert await numbers(documents, STRANGER) == ["2"]


async def test_a_list_is_filtered_by_the_steps_of_the_status_bar(documents: Documents) -> None:
    await documents.tell(
        DocumentsChanged(
            documents=(
                a_document("1", an_entry("order.delivered", "1")),
                a_document("2", an_entry("order.delivered")),
                a_document("3"),
            )
        )
    )

    everything = await listed(documents, kind="order")
    delivered = await listed(documents, kind="order", state="order.delivered")

    assert [(one.state, one.name, one.count) for one in everything.states] == [
        ("order.created", "Angelegt", 1),
        ("order.confirmed", "Bestätigt", 0),
        ("order.released", "Freigegeben", 0),
        ("order.delivered", "Geliefert", 2),
        ("order.invoiced", "Fakturiert", 0),
    ]
    assert [row.number for row in delivered.rows] == ["2", "1"]
    assert delivered.total == 2
    assert delivered.states == everything.states, "so that one may choose another"
    assert await numbers(documents, kind="order", state="order.invoiced") == []


YESTERDAY = TODAY - dt.timedelta(days=1)
BILLS = [
    ("invoice", None, YESTERDAY, ""),
    ("invoice", "119.00", None, "open"),
    ("invoice", "119.00", TODAY, "open"),
    ("invoice", "119.00", YESTERDAY, "overdue"),
    ("invoice", "0", YESTERDAY, "paid"),
    ("invoice", "-5.00", None, "paid"),
    ("credit_note", None, YESTERDAY, ""),
    ("credit_note", "119.00", YESTERDAY, "open"),
    ("credit_note", "-119.00", YESTERDAY, "open"),
    ("credit_note", "0", YESTERDAY, "paid"),
]
"""Kind, what is open of it, when it is due, and what that is called."""


async def test_an_invoice_is_open_paid_or_overdue_in_lists_and_on_its_page(documents: Documents) -> None:
    told = [
        a_document(str(number), kind=kind, open_amount=amount and Decimal(amount), due_date=due)
        for number, (kind, amount, due, _) in enumerate(BILLS)
    ]
    order = a_document("A-1", open_amount=Decimal(5), due_date=YESTERDAY)
    await documents.tell(DocumentsChanged(documents=(*told, order)))
    labels = {str(number): label for number, (*_, label) in enumerate(BILLS)}

    bills = await listed(documents, kind=["invoice", "credit_note"])

    assert {row.number: (row.status_label, row.status_negative) for row in bills.rows} == {
        number: (label, label == "overdue") for number, label in labels.items()
    }
    for state in ("open", "paid", "overdue"):
        expected = {number for number, label in labels.items() if label == state}
        assert set(await numbers(documents, kind=["invoice", "credit_note"], state=state)) == expected
        assert {one.state: one.count for one in bills.states}[state] == len(expected)
    for document in told:
        bar, label = await bar_of(documents, document), labels[document.number]
        made = api.StatusBar(state=label, label=label, partial=False, negative=label == "overdue", steps=())
        assert bar == (made if label else None)
    of_order = await bar_of(documents, order)
    assert of_order
    assert of_order.label == "Angelegt", "an order has steps, whatever is open of it"


async def test_a_period_includes_both_its_days(documents: Documents) -> None:
    told = [a_document(str(day), document_date=dt.date(2026, 3, day)) for day in range(1, 6)]
    await documents.tell(DocumentsChanged(documents=tuple(told)))

    assert await numbers(documents, since="2026-03-02", until="2026-03-04") == ["4", "3", "2"]
    assert await numbers(documents, since="2026-03-05") == ["5"]
    assert await numbers(documents, until="2026-03-01") == ["1"]
    assert await numbers(documents, since="2026-03-04", until="2026-03-02") == []


async def test_a_list_is_sorted_by_date_number_and_amount(documents: Documents) -> None:
    told = (
        a_document("A-10", document_date=dt.date(2026, 1, 1), gross_total=Decimal(5)),
        a_document("A-9", document_date=dt.date(2026, 1, 2), gross_total=None),
        a_document("A-0100", document_date=dt.date(2026, 1, 1), gross_total=Decimal("-7.50")),
    )
    await documents.tell(DocumentsChanged(documents=told))

    for sort, expected in {
        "number": ["A-9", "A-10", "A-0100"],
        "-number": ["A-0100", "A-10", "A-9"],
        "date": ["A-10", "A-0100", "A-9"],
        "-date": ["A-9", "A-0100", "A-10"],
        "amount": ["A-0100", "A-10", "A-9"],
        "-amount": ["A-10", "A-0100", "A-9"],
    }.items():
        assert await numbers(documents, sort=sort) == expected, sort


async def test_the_pages_of_a_list_hold_every_row_once(documents: Documents) -> None:
    told = [a_document(f"A-{count}", gross_total=Decimal(count % 3)) for count in range(25)]
    customers = [Customer(customer_number=str(10000 + count), name="x", revision=1) for count in range(500)]
    await documents.tell(
        CustomersChanged(customers=tuple(customers)), DocumentsChanged(documents=tuple(told))
    )
    await documents.pool.execute("ANALYZE")  # so that the statement is planned as for many rows
    by_number = await listed(documents, sort="number")
    assert [row.number for row in by_number.rows] == [f"A-{count}" for count in range(25)]

    for sort in ("-date", "date", "-number", "number", "-amount", "amount"):
        pages = [await listed(documents, sort=sort, page=str(page), size="10") for page in (1, 2, 3, 4)]
        found = [row.number for page in pages for row in page.rows]
        assert sorted(found) == sorted(one.number for one in told), sort
        assert [page.total for page in pages] == [25, 25, 25, 25]
        assert [len(page.rows) for page in pages] == [10, 10, 5, 0]


async def test_a_list_names_the_clerk_of_its_first_row(documents: Documents) -> None:
    await documents.tell(
        ClerksChanged(clerks=(Clerk(clerk_code="BER", name="Berta Berger", revision=1),)),
        DocumentsChanged(documents=(a_document("1"), a_document("2", clerk_code="ZZ", kind="quote"))),
    )

    clerk = (await listed(documents, kind="order")).clerk
    assert clerk is not None
    assert clerk.name == "Berta Berger"
    assert (await listed(documents, kind="quote")).clerk is None


@pytest.mark.parametrize("query", ["sort=margin", "kind=letter", "since=yesterday", "page=0", "size=1001"])
async def test_a_question_that_makes_no_sense_is_refused(documents: Documents, query: str) -> None:
    with pytest.raises(InvalidError):
        await documents.client.get(f"/documents?{query}", api.DocumentRows, who=CUSTOMER)
