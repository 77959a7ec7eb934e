"""What the page of one document shows beside its bar: files, history, people."""

import datetime as dt
from decimal import Decimal

import pytest

from shared.api.base import StoredFile
from shared.api.documents import Document, DocumentFile
from shared.errors import NotFoundError
from shared.events.sync import (
    Contact,
    Customer,
    CustomersChanged,
    DocumentKind,
    DocumentsChanged,
    File,
    document_id,
)
from shared.web import Identity
from tests.integration.documents.conftest import CLERK, CUSTOMER, STRANGER, Documents, a_document, an_entry

INVOICE_ID = document_id(DocumentKind.INVOICE, "RG-1")
PDF = File(sha256="a" * 64, name="Rechnung RG-1.pdf", media_type="application/pdf", size=1234)
XML = File(sha256="b" * 64, name="RG-1.xml", media_type="application/xml", size=55)


async def page(documents: Documents, who: Identity = CUSTOMER) -> Document:
    return await documents.client.get(f"/documents/{INVOICE_ID}", Document, who=who)


async def test_a_document_has_the_files_that_were_told_last(documents: Documents) -> None:
    await documents.tell(
        DocumentsChanged(documents=(a_document("RG-1", kind="invoice", files=(XML, PDF, XML)),))
    )
    assert (await page(documents)).files == tuple(DocumentFile(**one.model_dump()) for one in (XML, PDF))

    await documents.tell(DocumentsChanged(documents=(a_document("RG-1", kind="invoice", revision=2),)))
    assert len((await page(documents)).files) == 2, "nothing was said of files"

    await documents.tell(
        DocumentsChanged(documents=(a_document("RG-1", kind="invoice", files=(), revision=3),))
    )
    assert (await page(documents)).files == ()


async def test_a_file_is_for_the_documents_customer_and_the_staff(documents: Documents) -> None:
    await documents.tell(DocumentsChanged(documents=(a_document("RG-1", kind="invoice", files=(PDF,)),)))
    path = f"/documents/{INVOICE_ID}/files/"

    for who in (CUSTOMER, CLERK):
        stored = await documents.client.get(path + PDF.sha256, StoredFile, who=who)
        assert stored == StoredFile(sha256=PDF.sha256, name=PDF.name, media_type=PDF.media_type)
    for who, sha256 in ((STRANGER, PDF.sha256), (CUSTOMER, XML.sha256), (CLERK, "%00"), (CUSTOMER, "x")):
        with pytest.raises(NotFoundError):
            await documents.client.get(path + sha256, StoredFile, who=who)


async def test_files_do_not_follow_a_document_to_another_customer(documents: Documents) -> None:
    invoice = a_document("RG-1", kind="invoice", files=(PDF,))
    moved = invoice.model_copy(update={"customer_number": STRANGER.customer_number, "files": None})
    await documents.tell(DocumentsChanged(documents=(invoice,)))
    await documents.tell(DocumentsChanged(documents=(moved.model_copy(update={"revision": 1}),)))
    assert len((await page(documents)).files) == 1, "an older revision takes nothing away"

    await documents.tell(DocumentsChanged(documents=(moved.model_copy(update={"revision": 9}),)))

    shown = await documents.client.get(f"/documents/{INVOICE_ID}", Document, who=STRANGER)
    assert shown.files == ()
    with pytest.raises(NotFoundError):
        await documents.client.get(f"/documents/{INVOICE_ID}/files/{PDF.sha256}", StoredFile, who=STRANGER)


async def test_the_history_says_what_was_entered_for_which_positions(documents: Documents) -> None:
    delivered = an_entry("order.delivered", "2", "9", "1", day=3).model_copy(update={"author": "Lager"})
    told = a_document("A-1", an_entry("order.created"), delivered, an_entry("unknown", day=4))
    await documents.tell(DocumentsChanged(documents=(told,)))

    shown = await documents.client.get(f"/documents/{told.document_id}", Document, who=CLERK)
    to_customer = await documents.client.get(f"/documents/{told.document_id}", Document, who=CUSTOMER)

    assert [
        (note.status, note.entered_at.day, note.position_numbers, note.author) for note in shown.history
    ] == [
        ("Angelegt", 1, (), ""),
        ("Geliefert", 3, ("1", "2"), "Lager"),
    ]
    assert [note.status for note in to_customer.history] == ["Angelegt", "Geliefert"]
    assert {note.author for note in to_customer.history} == {""}


async def test_a_position_says_since_when_it_has_its_status_and_whether_it_is_an_end(
    documents: Documents,
) -> None:
    told = a_document(
        "AN-1", an_entry("quote.sent", day=2), an_entry("quote.declined", "2", day=5), kind="quote"
    )
    await documents.tell(DocumentsChanged(documents=(told,)))

    shown = await documents.client.get(f"/documents/{told.document_id}", Document, who=CUSTOMER)

    assert [
        (row.status, row.status_at and row.status_at.day, row.status_negative) for row in shown.positions
    ] == [("Verschickt", 2, False), ("Abgelehnt", 5, True), ("Verschickt", 2, False)]


async def test_a_document_names_its_customers_address_and_contact(documents: Documents) -> None:
    contacts = (Contact(contact_id="k1", name="Anna Ost"), Contact(contact_id="k2", name="Ben West"))
    await documents.tell(
        CustomersChanged(
            customers=(
                Customer(
                    customer_number="10001", name="Nord", address="Weg 1\nKiel", contacts=contacts, revision=1
                ),
            )
        ),
        DocumentsChanged(documents=(a_document("RG-1", kind="invoice", contact_id="k2"),)),
    )
    shown = await page(documents)
    assert (shown.address, shown.contact_name) == ("Weg 1\nKiel", "Ben West")

    for contact_id in ("", "k9", '" || true'):
        await documents.tell(
            DocumentsChanged(
                documents=(a_document("RG-1", kind="invoice", contact_id=contact_id, revision=5),)
            )
        )
        assert (await page(documents)).contact_name in ("", "Ben West")


async def test_what_cdh_says_of_sums_and_discounts_is_shown_as_it_is(documents: Documents) -> None:
    told = a_document("RG-1", kind="invoice", positions=1, net_total=Decimal("99.99"))
    position = told.positions[0].model_copy(
        update={"discount_percent": Decimal("2.5"), "net_total": Decimal("380.25")}
    )
    await documents.tell(DocumentsChanged(documents=(told.model_copy(update={"positions": (position,)}),)))

    shown = await page(documents)

    assert shown.net_total == Decimal("99.99")
    assert (shown.positions[0].discount_percent, shown.positions[0].net_total) == (
        Decimal("2.5"),
        Decimal("380.25"),
    )
    assert shown.document_date == dt.date(2026, 11, 2)
