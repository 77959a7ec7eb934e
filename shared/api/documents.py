"""Bodies of the internal HTTP of documents."""

import datetime as dt
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import AwareDatetime

from shared.api.base import Body
from shared.events.sync import DocumentKind


class ClerkCard(Body):
    """The person to ask. `picture_sha256` is empty where initials are shown.

    Part of documents; also GET /clerks/{clerk_code}, for the picture.
    """

    clerk_code: str
    name: str
    email: str
    phone: str
    picture_sha256: str = ""


class ClerkCards(Body):
    """GET /clerks, for the dealer's people: all of them, sorted by their short code."""

    clerks: tuple[ClerkCard, ...]


class Contact(Body):
    contact_id: str
    name: str
    email: str
    phone: str


class CustomerRow(Body):
    customer_number: str
    record_number: str
    name: str
    address: str


class CustomerRows(Body):
    """GET /customers?q=&page=&size=, for the dealer's people, sorted by name; `total` counts all pages.

    Each word of `q` is looked for in number, record number, name, address and contacts.
    """

    rows: tuple[CustomerRow, ...]
    total: int


class Customer(CustomerRow):
    """GET /customers/{customer_number}, for the dealer's people. `clerk` has his newest document."""

    email: str
    invoice_email: str
    contacts: tuple[Contact, ...]
    counts: dict[DocumentKind, int]
    clerk: ClerkCard | None


class NumberedDocument(Body):
    document_id: UUID
    kind: DocumentKind
    number: str
    customer_number: str
    customer_name: str
    contact_id: str = ""
    subject: str
    document_date: dt.date


class NumberedDocuments(Body):
    """GET /numbers/{kind}/{number}, for the dealer's people: several documents may bear one number."""

    documents: tuple[NumberedDocument, ...]


class StatusStep(Body):
    """One step of the status bar. `reached_at` is None for steps ahead or skipped."""

    name: str
    reached: bool
    current: bool
    partial: bool
    negative: bool
    reached_at: AwareDatetime | None = None


class StatusBar(Body):
    """`label` is the current step's name; `partial` says "(teilweise)".

    `state` is what lists are filtered by: the id of the current status group, or open, paid, overdue,
    which are labels as well.
    """

    state: str = ""
    label: str
    partial: bool
    negative: bool
    steps: tuple[StatusStep, ...]


class StatusRow(Body):
    """`document_count` is how many documents have it in their history, where it was asked for."""

    status_id: str
    name: str
    workflow: bool
    is_default: bool
    document_count: int | None


class StatusGroupRow(Body):
    group_id: str
    kind: DocumentKind
    name: str
    step: int
    negative: bool
    is_default: bool
    statuses: tuple[StatusRow, ...]


class StatusGroups(Body):
    """GET /status-groups, for operators: each kind's in the order of their steps."""

    groups: tuple[StatusGroupRow, ...]


class PositionRow(Body):
    """`status_at` is when the status was entered; None where nothing was, or nobody knows any more."""

    position_id: UUID
    number: str
    article_number: str
    text: str
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    discount_percent: Decimal = Decimal(0)
    net_total: Decimal | None
    colour: str
    size: str
    finishing: str
    status: str
    status_at: AwareDatetime | None = None
    status_negative: bool = False


class RelatedDocument(Body):
    document_id: UUID
    kind: DocumentKind
    number: str


class StatusNote(Body):
    """An entry of the history. Empty `position_numbers`: for the whole document.

    `author` is told to the staff only.
    """

    entered_at: AwareDatetime
    status: str
    negative: bool
    position_numbers: tuple[str, ...]
    author: str


class DocumentFile(Body):
    """A file to download: the document as it was printed, an e-invoice, or whatever belongs to it.

    GET /documents/{document_id}/files/{sha256} says where its bytes lie (StoredFile).
    """

    sha256: str
    name: str
    media_type: str
    size: int


class Document(Body):
    """GET /documents/{document_id}: one document of the asking customer, or of any for a clerk.

    `address` is the customer's, `contact_id` and `contact_name` the person of his whom CDH names. `history`
    is the latest part of what was entered, oldest first.
    """

    document_id: UUID
    kind: DocumentKind
    number: str
    customer_number: str
    customer_name: str
    address: str = ""
    contact_id: str = ""
    contact_name: str = ""
    subject: str
    customer_reference: str
    document_date: dt.date
    due_date: dt.date | None
    delivery_date: dt.date | None
    currency: str
    net_total: Decimal | None
    tax_total: Decimal | None
    gross_total: Decimal | None
    open_amount: Decimal | None
    status_bar: StatusBar | None
    positions: tuple[PositionRow, ...]
    related: tuple[RelatedDocument, ...]
    files: tuple[DocumentFile, ...] = ()
    history: tuple[StatusNote, ...] = ()
    clerk: ClerkCard | None


class DocumentRow(NamedTuple):
    """`document_id` stays a text: a list only makes links of it. The staff is told whose it is.

    An array of texts in the JSON, in this order: with their names, the many rows took twice as long to write
    and to read.
    """

    document_id: str
    kind: DocumentKind
    number: str
    subject: str
    customer_reference: str
    document_date: dt.date
    due_date: dt.date | None
    gross_total: Decimal | None
    currency: str
    status_label: str
    status_partial: bool
    status_negative: bool
    customer_number: str = ""
    customer_name: str = ""


class StateCount(Body):
    """So many documents are in this state (see StatusBar); `name` is empty for open, paid, overdue."""

    state: str
    name: str
    count: int


DocumentSort = Literal["-date", "date", "-number", "number", "-amount", "amount"]


class DocumentRows(Body):
    """GET /documents, the newest first; on the first page with the clerk of the first row.

    `?kind=` (several times for several kinds), `q=` (words that all stand in its number, the customer's own
    number, the subject or the positions), `state=`, `since=` and `until=` (dates, both included), `sort=`
    (DocumentSort), `page=` and `size=` (1 to 1000), and for the staff `customer_number=`, who may search for
    the customer's name as well. `total` counts what `rows` is a page of, `states` the same without `state`,
    with all status groups of these kinds.
    """

    rows: tuple[DocumentRow, ...]
    total: int
    states: tuple[StateCount, ...] = ()
    clerk: ClerkCard | None
