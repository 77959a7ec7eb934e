"""What happened in CDH, told by sync.

Masses travel in batches of at most BATCH entities. Each entity has its own `revision`,
a number that sync counts up: a hearer ignores an entity that is older than what it has.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import AwareDatetime

from shared.events.base import Event, Record

BATCH = 200
_DOCUMENTS = uuid5(NAMESPACE_OID, "partner-cockpit/documents")


class DocumentKind(StrEnum):
    """The kinds of documents, by their English names; CDH's codes stand beside them."""

    QUOTE = "quote"  # AN
    ORDER = "order"  # AB
    DELIVERY_NOTE = "delivery_note"  # LS
    INVOICE = "invoice"  # RG
    CREDIT_NOTE = "credit_note"  # GS


def document_id(kind: DocumentKind, number: str, external_id: str = "") -> UUID:
    """The document's id in all services; a number alone is not unique (domain rule)."""
    return uuid5(_DOCUMENTS, f"{kind.value}\n{number}\n{external_id}")


def position_id(document: UUID, key: str) -> UUID:
    """The position's id in all services; `key` is CDH's own key of the position."""
    return uuid5(document, key)


class File(Record):
    """A file in the storage. `size` in bytes."""

    sha256: str
    name: str
    media_type: str
    size: int


class Contact(Record):
    contact_id: str
    name: str
    email: str = ""
    phone: str = ""


class Customer(Record):
    customer_number: str
    record_number: str = ""
    name: str
    address: str = ""
    email: str = ""
    invoice_email: str = ""
    contacts: tuple[Contact, ...] = ()
    revision: int


class Clerk(Record):
    """`clerk_code` is the short code ("Kürzel"); `picture` is None where initials are shown."""

    clerk_code: str
    name: str
    email: str = ""
    phone: str = ""
    picture: File | None = None
    revision: int


class StatusGroup(Record):
    """One step of the status bar. `negative` marks an alternative end such as "Abgelehnt"."""

    group_id: str
    kind: DocumentKind
    name: str
    step: int
    negative: bool = False
    revision: int


class Status(Record):
    status_id: str
    group_id: str
    name: str
    workflow: bool = False
    revision: int


class StatusEntry(Record):
    """A status was added. Empty `position_keys`: it holds for the whole document."""

    entry_id: str
    status_id: str
    position_keys: tuple[str, ...] = ()
    entered_at: AwareDatetime
    author: str = ""


class Position(Record):
    """One line of a document. Money in the document's currency."""

    position_id: UUID
    position_key: str
    number: str
    article_number: str = ""
    text: str
    description: str = ""
    quantity: Decimal
    unit: str = ""
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)
    net_total: Decimal | None = None
    colour: str = ""
    size: str = ""
    finishing: str = ""


class Document(Record):
    """Positions, relations and files are all that there are; `files` of None are as they were told before."""

    document_id: UUID
    kind: DocumentKind
    number: str
    external_id: str = ""
    customer_number: str
    contact_id: str = ""
    clerk_code: str = ""
    subject: str = ""
    customer_reference: str = ""
    document_date: dt.date
    due_date: dt.date | None = None
    delivery_date: dt.date | None = None
    currency: str = "EUR"
    net_total: Decimal | None = None
    tax_total: Decimal | None = None
    gross_total: Decimal | None = None
    open_amount: Decimal | None = None
    related: tuple[UUID, ...] = ()
    positions: tuple[Position, ...] = ()
    files: tuple[File, ...] | None = None
    status_entries: tuple[StatusEntry, ...] = ()
    revision: int


class CustomersChanged(Event):
    customers: tuple[Customer, ...]


class ClerksChanged(Event):
    clerks: tuple[Clerk, ...]


class StatusesChanged(Event):
    """`removed_…` are ids that shall no longer exist; default ones are never among them.

    `removed_revision` counts as the revisions of the others do: what is told of an id in a later one stays.
    """

    groups: tuple[StatusGroup, ...] = ()
    statuses: tuple[Status, ...] = ()
    removed_group_ids: tuple[str, ...] = ()
    removed_status_ids: tuple[str, ...] = ()
    removed_revision: int = 0


class AccessRequested(Event):
    """A clerk wants a person of this customer to be invited ("Kundenzugang erstellen").

    Without `email` the contact's address is taken, without `contact_id` the customer's.
    """

    customer_number: str
    contact_id: str = ""
    email: str = ""
    name: str = ""
    clerk_code: str = ""


class DocumentsChanged(Event):
    documents: tuple[Document, ...]


class PrintDetails(Record):
    """What a sample may say about the print, all optional. `size_mm` as the clerk wrote it ("120 x 80")."""

    method: str = ""
    place: str = ""
    size_mm: str = ""
    colours: str = ""
    quantity: str = ""


class SampleAssigned(Event):
    """A clerk assigned a file to an order or to chosen positions of it.

    It may come before its order, hence the order is named by its number, and by `document_id` where
    more is known. One sample is an order, positions and a title; `version` counts its files up from 1.
    """

    sample_id: UUID
    version_id: UUID
    version: int
    order_number: str
    position_numbers: tuple[str, ...] = ()
    title: str = ""
    file: File
    print_details: PrintDetails = PrintDetails()
    clerk_code: str
    assigned_at: AwareDatetime
    document_id: UUID | None = None
