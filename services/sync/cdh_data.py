"""What CDH may say: one model per type of event, field by field, nothing else. Prices of purchase,
margins, suppliers and memos have no field here and are refused."""

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared.emails import is_email_address
from shared.events import sync as told
from shared.events.sync import DocumentKind

CDH_CODES = {"AN": "quote", "AB": "order", "LS": "delivery_note", "RG": "invoice", "GS": "credit_note"}

_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]{8,16}([Zz]|[+-][0-9]{2}:[0-9]{2})")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_BREAKS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _fault(code: str, **values: str) -> PydanticCustomError:
    """`code` names a sentence of messages.py."""
    return PydanticCustomError(code, code, values or None)


def _visible(text: str) -> str:
    if _CONTROL.search(text):
        raise _fault("control_character")
    return text


def _visible_or_break(text: str) -> str:
    if _CONTROL_BUT_BREAKS.search(text):
        raise _fault("control_character")
    return text


def _email(text: str) -> str:
    if text and not is_email_address(text):
        raise _fault("email")
    return text


def _number(value: object) -> Decimal:
    """A JSON number, or a text with a decimal point; at most 12 digits before and 6 after it."""
    if isinstance(value, Decimal) and abs(value.adjusted()) < 20:
        value = f"{round(value, 6):f}"  # a program that counts in floats writes 0.30000000000000004
    elif isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        raise _fault("number")
    return Decimal(value.strip())


def _date(value: object) -> dt.date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise _fault("date")
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise _fault("date") from error


def moment(value: object) -> dt.datetime:
    """A time with its zone, RFC 3339, in a year that databases and people know."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise _fault("moment")
    try:
        parsed = dt.datetime.fromisoformat(value.upper())
    except ValueError as error:
        raise _fault("moment") from error
    if not 1900 <= parsed.year <= 2200:
        raise _fault("moment")
    return parsed


def _kind(value: object) -> DocumentKind:
    name = CDH_CODES.get(value, value) if isinstance(value, str) else ""
    try:
        return DocumentKind(name)
    except ValueError as error:
        raise _fault("choice", expected=", ".join([*DocumentKind, *CDH_CODES])) from error


def _list_of(most: int) -> BeforeValidator:
    """A list, whose length is known to be right before its first element is looked at."""

    def check(value: object) -> object:
        if not isinstance(value, list):
            raise _fault("list")
        if len(value) > most:
            raise _fault("too_long", max_length=str(most))
        return value

    return BeforeValidator(check)


def _sha256(text: str) -> str:
    if not _SHA256.fullmatch(text):
        raise _fault("sha256")
    return text


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise _fault("currency")
    return text


def _differ_by(key: str) -> AfterValidator:
    def check(parts: tuple[BaseModel, ...]) -> tuple[BaseModel, ...]:
        keys = Counter(getattr(part, key) for part in parts)
        if twice := next((one for one, times in keys.items() if times > 1), None):
            raise _fault("twice", key=twice)
        return parts

    return AfterValidator(check)


Line = Annotated[str, StringConstraints(max_length=300), AfterValidator(_visible)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_visible)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_visible)]
Paragraph = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_visible_or_break)]
Email = Annotated[Line, AfterValidator(_email)]
Currency = Annotated[str, AfterValidator(_currency)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Date = Annotated[dt.date, BeforeValidator(_date)]
Moment = Annotated[dt.datetime, BeforeValidator(moment)]
Kind = Annotated[DocumentKind, BeforeValidator(_kind)]
Sha256 = Annotated[str, AfterValidator(_sha256)]


class CdhData(BaseModel):
    """The data of one event or a part of it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )


class FileReference(CdhData):
    """A file that was uploaded (`sha256` and `name`), or lies below the configured folder (`path`)."""

    sha256: Sha256 | None = None
    path: Name | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.sha256 is None) == (self.path is None) or (self.sha256 is not None and self.name is None):
            raise _fault("one_of_sha256_and_path")
        return self


class Picture(CdhData):
    sha256: Sha256
    name: Name


class Contact(CdhData):
    contact_id: Key
    name: Name
    email: Email = ""
    phone: Line = ""


class CustomerChanged(CdhData):
    customer_number: Key
    record_number: Line = ""
    name: Name
    address: Paragraph = ""
    email: Email = ""
    invoice_email: Email = ""
    contacts: Annotated[tuple[Contact, ...], _list_of(500), _differ_by("contact_id")] = ()

    def told(self, revision: int) -> told.Customer:
        return told.Customer(**self.model_dump(), revision=revision)


class ClerkChanged(CdhData):
    clerk_code: Key
    name: Name
    email: Email = ""
    phone: Line = ""
    picture: Picture | None = None

    def told(self, revision: int, picture: told.File | None) -> told.Clerk:
        return told.Clerk(**self.model_dump(exclude={"picture"}), picture=picture, revision=revision)


class StatusGroupChanged(CdhData):
    group_id: Key
    kind: Kind
    name: Name
    step: Annotated[StrictInt, Field(ge=0, le=999)]
    negative: StrictBool = False

    @model_validator(mode="after")
    def _kind_has_groups(self) -> Self:
        if self.kind in {DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE}:
            raise _fault("no_groups_for_kind")
        return self

    def told(self, revision: int) -> told.StatusGroup:
        return told.StatusGroup(**self.model_dump(), revision=revision)


class StatusChanged(CdhData):
    status_id: Key
    group_id: Key
    name: Name
    workflow: StrictBool = False

    def told(self, revision: int) -> told.Status:
        return told.Status(**self.model_dump(), revision=revision)


class StatusGroupRemoved(CdhData):
    group_id: Key


class StatusRemoved(CdhData):
    status_id: Key


class StatusEntry(CdhData):
    entry_id: Key
    status_id: Key
    position_keys: Annotated[tuple[Key, ...], _list_of(1000)] = ()
    entered_at: Moment
    author: Line = ""


class Position(CdhData):
    position_key: Key
    number: Key
    article_number: Line = ""
    text: Paragraph
    description: Paragraph = ""
    quantity: Number
    unit: Line = ""
    unit_price: Number | None = None
    discount_percent: Number = Decimal(0)
    net_total: Number | None = None
    colour: Line = ""
    size: Line = ""
    finishing: Line = ""


class RelatedDocument(CdhData):
    kind: Kind
    number: Key
    external_id: Line = ""


class DocumentChanged(CdhData):
    kind: Kind
    number: Key
    external_id: Line = ""
    customer_number: Key
    contact_id: Line = ""
    clerk_code: Line = ""
    subject: Line = ""
    customer_reference: Line = ""
    document_date: Date
    due_date: Date | None = None
    delivery_date: Date | None = None
    currency: Currency = "EUR"
    net_total: Number | None = None
    tax_total: Number | None = None
    gross_total: Number | None = None
    open_amount: Number | None = None
    related: Annotated[tuple[RelatedDocument, ...], _list_of(200)] = ()
    positions: Annotated[tuple[Position, ...], _list_of(1000), _differ_by("position_key")] = ()
    files: Annotated[tuple[FileReference, ...], _list_of(50)] | None = None
    status_entries: Annotated[tuple[StatusEntry, ...], _list_of(5000), _differ_by("entry_id")] = ()

    def told(self, revision: int, files: tuple[told.File, ...] | None) -> told.Document:
        document_id = told.document_id(self.kind, self.number, self.external_id)
        positions = [
            told.Position(
                position_id=told.position_id(document_id, position.position_key), **position.model_dump()
            )
            for position in self.positions
        ]
        return told.Document(
            document_id=document_id,
            **self.model_dump(exclude={"related", "positions", "files"}),
            related=tuple(
                told.document_id(other.kind, other.number, other.external_id) for other in self.related
            ),
            positions=tuple(positions),
            files=files,
            revision=revision,
        )


class PrintDetails(CdhData):
    method: Line = ""
    place: Line = ""
    size_mm: Line = ""
    colours: Line = ""
    quantity: Line = ""


class SampleAssigned(CdhData):
    order_number: Key
    external_id: Line | None = None
    position_numbers: Annotated[tuple[Key, ...], _list_of(1000)] = ()
    title: Line = ""
    file: FileReference
    print_details: PrintDetails = PrintDetails()
    clerk_code: Key
    assigned_at: Moment | None = None

    @property
    def order_id(self) -> UUID | None:
        """The order, where it was named by more than its number."""
        if self.external_id is None:
            return None
        return told.document_id(DocumentKind.ORDER, self.order_number, self.external_id)


class AccessRequested(CdhData):
    customer_number: Key
    contact_id: Line = ""
    email: Email = ""
    name: Line = ""
    clerk_code: Line = ""


DATA_OF: dict[str, type[CdhData]] = {
    "cdh.customer.changed": CustomerChanged,
    "cdh.clerk.changed": ClerkChanged,
    "cdh.status_group.changed": StatusGroupChanged,
    "cdh.status.changed": StatusChanged,
    "cdh.status_group.removed": StatusGroupRemoved,
    "cdh.status.removed": StatusRemoved,
    "cdh.document.changed": DocumentChanged,
    "cdh.sample.assigned": SampleAssigned,
    "cdh.access.requested": AccessRequested,
}
