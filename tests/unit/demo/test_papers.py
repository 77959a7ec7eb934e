"""What the dealer prints says the same as the document, and is the same each time."""

import datetime as dt

import pypdfium2

from deploy.demo.company import DEMO_CUSTOMER
from deploy.demo.data import build
from deploy.demo.papers import PaperPress, printed_documents
from shared.events.sync import DocumentKind
from shared.i18n import Formats

TODAY = dt.date(2026, 11, 23)


def test_a_printout_says_what_the_document_says() -> None:
    documents = list(printed_documents(build(TODAY).documents, TODAY))
    invoice = next(one for one in documents if one.kind is DocumentKind.INVOICE and len(one.positions) > 2)
    press = PaperPress()

    file = press.draw(invoice)

    assert file == press.draw(invoice)
    assert (file.name, file.media_type) == (f"Rechnung {invoice.number}.pdf", "application/pdf")
    with pypdfium2.PdfDocument(file.content) as opened:
        page = opened[0]
        text_page = page.get_textpage()
        text = text_page.get_text_bounded()
        text_page.close()
        page.close()
    money = Formats("de", "Europe/Berlin").money
    for words in (
        f"Rechnung {invoice.number}",
        DEMO_CUSTOMER.name,
        invoice.subject,
        money(invoice.gross_total),
        *(position.text for position in invoice.positions),
    ):
        assert words.replace("\xa0", " ") in text.replace("\xa0", " "), words


def test_only_the_demos_customer_has_printouts_and_only_of_the_last_year() -> None:
    documents = list(printed_documents(build(TODAY).documents, TODAY))

    assert {one.kind for one in documents} == {
        DocumentKind.ORDER,
        DocumentKind.INVOICE,
        DocumentKind.CREDIT_NOTE,
    }
    assert {one.customer_number for one in documents} == {DEMO_CUSTOMER.customer_number}
    assert min(one.document_date for one in documents) >= TODAY - dt.timedelta(days=365)
