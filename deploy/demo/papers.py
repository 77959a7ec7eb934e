"""Sets what the dealer prints: order confirmations, invoices and credit notes as PDF, with typst."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import typst

from deploy.demo.company import CUSTOMERS, DEALER, DEMO_CUSTOMER, clerk_name
from deploy.demo.proofs import DRAWINGS, DrawnFile
from deploy.demo.trade import PRINTED_DAYS
from shared.events.sync import Document, DocumentKind, Position
from shared.i18n import Formats

_TITLES = {
    DocumentKind.ORDER: "Auftragsbestätigung",
    DocumentKind.INVOICE: "Rechnung",
    DocumentKind.CREDIT_NOTE: "Gutschrift",
}
_CLOSINGS = {
    DocumentKind.ORDER: "Wir danken für Ihren Auftrag. Bitte geben Sie die Muster im Partner-Cockpit frei.",
    DocumentKind.INVOICE: "Bitte überweisen Sie den Betrag bis zum genannten Tag. Vielen Dank.",
    DocumentKind.CREDIT_NOTE: "Der Betrag wird mit der nächsten Rechnung verrechnet.",
}
_FORMATS = Formats("de", "Europe/Berlin")
_ADDRESSES = {one.customer_number: one.address for one in CUSTOMERS}


def printed_documents(documents: tuple[Document, ...], today: dt.date) -> Iterator[Document]:
    """Those of the demo's customer that come with a printout."""
    oldest = today - dt.timedelta(days=PRINTED_DAYS)
    for document in documents:
        is_his = document.customer_number == DEMO_CUSTOMER.customer_number
        if is_his and document.kind in _TITLES and document.document_date >= oldest:
            yield document


class PaperPress:
    """Sets one document after the other; opening it is the slow part."""

    def __init__(self) -> None:
        fonts = typst.Fonts(include_system_fonts=False)
        self._compiler = typst.Compiler(root=DRAWINGS, font_paths=fonts, ignore_system_fonts=True)

    def draw(self, document: Document) -> DrawnFile:
        """The printout; the same document gives the same bytes."""
        written = dt.datetime.combine(document.document_date, dt.time(12), dt.UTC)
        content = self._compiler.compile(
            DRAWINGS / "paper.typ",
            sys_inputs={"paper": json.dumps(_shown(document))},
            format="pdf",
            timestamp=int(written.timestamp()),
        )
        assert isinstance(content, bytes)
        return DrawnFile(f"{_TITLES[document.kind]} {document.number}.pdf", "application/pdf", content)


def _shown(document: Document) -> dict[str, Any]:
    """What paper.typ wants."""
    facts = [
        ("Datum", _FORMATS.date(document.document_date)),
        ("Kundennummer", document.customer_number),
        ("Ihr Zeichen", document.customer_reference),
        ("Liefertermin", _FORMATS.date(document.delivery_date)),
        ("Zahlbar bis", _FORMATS.date(document.due_date)),
        ("Bearbeitet von", clerk_name(document.clerk_code)),
    ]
    return {
        "title": f"{_TITLES[document.kind]} {document.number}",
        "dealer": {"name": DEALER.name, "line": DEALER.line},
        "address": _ADDRESSES[document.customer_number],
        "facts": [fact for fact in facts if fact[1]],
        "subject": document.subject,
        "positions": [_position(one, document.currency) for one in document.positions],
        "totals": [
            ("Netto", _money(document.net_total, document.currency)),
            ("Umsatzsteuer 19 %", _money(document.tax_total, document.currency)),
            ("Gesamt", _money(document.gross_total, document.currency)),
        ],
        "closing": _CLOSINGS[document.kind],
    }


def _position(position: Position, currency: str) -> dict[str, str]:
    discount = f"{_FORMATS.number(position.discount_percent)} % Rabatt" if position.discount_percent else ""
    details = (position.article_number, position.colour, position.size, position.finishing, discount)
    return {
        "number": position.number,
        "text": position.text,
        "details": " · ".join(detail for detail in details if detail),
        "quantity": f"{_FORMATS.number(position.quantity)} {position.unit}".rstrip(),
        "price": _money(position.unit_price, currency),
        "amount": _money(position.net_total, currency),
    }


def _money(amount: Decimal | None, currency: str) -> str:
    return _FORMATS.money(amount, currency)
