"""Made-up content for the page that shows developers all pieces; nothing of it reaches a customer."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from services.gateway.lists import Paging, Wish
from services.gateway.viewing import View
from shared.api.approvals import PositionSummary, VersionRow, VersionRows, VersionState
from shared.api.auth import AccountRow, Invitation, InvitationState
from shared.api.documents import (
    ClerkCard,
    Document,
    DocumentRow,
    PositionRow,
    RelatedDocument,
    StatusBar,
    StatusStep,
)
from shared.events.sync import DocumentKind

NOBODY = UUID(int=0)
MOMENT = datetime(2026, 11, 21, 13, 2, tzinfo=UTC)

CLERK = ClerkCard(clerk_code="SB", name="Sabine Berger", email="s.berger@example.com", phone="0521 123-45")


def _step(name: str, state: str, *, partial: bool = False) -> StatusStep:
    return StatusStep(
        name=name,
        reached=state != "ahead",
        current=state in ("current", "negative"),
        partial=partial,
        negative=state == "negative",
        reached_at=None if state == "ahead" else MOMENT,
    )


STATUS_BAR = StatusBar(
    label="Geliefert",
    partial=True,
    negative=False,
    steps=(
        _step("Angelegt", "reached"),
        _step("Bestätigt", "reached"),
        _step("Freigegeben", "reached"),
        _step("Geliefert", "current", partial=True),
        _step("Fakturiert", "ahead"),
    ),
)
DECLINED_BAR = StatusBar(
    label="Abgelehnt",
    partial=False,
    negative=True,
    steps=(
        _step("Angelegt", "reached"),
        _step("Verschickt", "reached"),
        _step("Abgelehnt", "negative"),
    ),
)


def _position(number: str, text: str, quantity: str, price: str, *, status: str) -> PositionRow:
    return PositionRow(
        position_id=UUID(int=int(number)),
        number=number,
        article_number=f"T-10{number}",
        text=text,
        description="",
        quantity=Decimal(quantity),
        unit="Stück",
        unit_price=Decimal(price),
        net_total=Decimal(quantity) * Decimal(price),
        colour="navy",
        size="M-XXL",
        finishing="Siebdruck 2-farbig",
        status=status,
    )


DOCUMENT = Document(
    document_id=NOBODY,
    kind=DocumentKind.ORDER,
    number="2026-1042",
    customer_number="10042",
    customer_name="Hartmann Maschinenbau GmbH",
    subject="Messebekleidung Hannover",
    customer_reference="Bestellung 4711",
    document_date=date(2026, 11, 12),
    due_date=None,
    delivery_date=date(2026, 12, 4),
    currency="EUR",
    net_total=Decimal("2470.50"),
    tax_total=Decimal("469.40"),
    gross_total=Decimal("2939.90"),
    open_amount=None,
    status_bar=STATUS_BAR,
    positions=(
        _position("1", "Poloshirt Herren, Bio-Baumwolle", "120", "14.90", status="Geliefert"),
        _position("2", "Roll-up Banner 85 x 200 cm", "3", "89", status="Bestätigt"),
    ),
    related=(RelatedDocument(document_id=NOBODY, kind=DocumentKind.QUOTE, number="2026-0871"),),
    clerk=CLERK,
)


def _row(kind: DocumentKind, label: str) -> DocumentRow:
    return DocumentRow(
        document_id=str(NOBODY),
        kind=kind,
        number=DOCUMENT.number,
        subject=DOCUMENT.subject,
        customer_reference=DOCUMENT.customer_reference,
        document_date=DOCUMENT.document_date,
        due_date=None,
        gross_total=DOCUMENT.gross_total,
        currency=DOCUMENT.currency,
        status_label=label,
        status_partial=False,
        status_negative=False,
    )


ROWS = (
    _row(DocumentKind.ORDER, "Geliefert"),
    _row(DocumentKind.INVOICE, "overdue"),
    _row(DocumentKind.CREDIT_NOTE, "open"),
)


def _version(number: int, state: VersionState) -> VersionRow:
    return VersionRow(
        version_id=UUID(int=number),
        sample_id=UUID(int=number),
        version=number,
        title="Logo Brust links",
        state=state,
        document_id=NOBODY,
        order_number="2026-1042",
        customer_number="10042",
        customer_name="Hartmann Maschinenbau GmbH",
        position_numbers=("1",),
        file_name="logo-brust.pdf",
        page_count=0,
        assigned_at=MOMENT,
        requested_at=MOMENT,
        seen_at=None,
        decision=None,
    )


VERSIONS = (
    _version(1, "pending"),
    _version(2, "approved"),
    _version(3, "approved_with_changes"),
    _version(4, "changes_requested"),
    _version(5, "superseded"),
    _version(6, "outdated"),
    _version(7, "preparing"),
    _version(8, "waiting_for_order"),
)

WISH = Wish(path="#", fields={"q": "Polo"}, sort="-date", default_sort="-date", page=2)
PAGING = Paging(WISH, total=200)

WAITING = VersionRows(versions=VERSIONS[:1], total=12)
POSITIONS = (
    PositionSummary(number="1", text="Poloshirt Herren", quantity="120 Stück", details=("T-101", "navy")),
    PositionSummary(number="2", text="Roll-up Banner", quantity="3 Stück"),
)
VIEW = View(customer_number="10042", customer_name="Hartmann Maschinenbau GmbH")
ROLE_NAMES = {"customer": "Customer"}
STATE_NAMES = {
    "open": "Invited",
    "awaiting_confirmation": "Address not confirmed",
    "accepted": "Registered",
    "cancelled": "Withdrawn",
    "expired": "Expired",
}


def _account(*, disabled_at: datetime | None) -> AccountRow:
    return AccountRow(
        account_id=NOBODY,
        role="customer",
        name="Thomas Keller",
        email="keller@example.com",
        locale="de",
        customer_number="10042",
        clerk_code="",
        may_approve=True,
        customer_name="Hartmann Maschinenbau GmbH",
        created_at=MOMENT,
        last_login_at=None,
        disabled_at=disabled_at,
    )


ACCOUNTS = (_account(disabled_at=None), _account(disabled_at=MOMENT))


def _invitation(state: InvitationState) -> Invitation:
    return Invitation(
        invitation_id=NOBODY,
        role="customer",
        customer_number="10042",
        customer_name="Hartmann Maschinenbau GmbH",
        contact_id="1",
        clerk_code="",
        name="Petra Vogel",
        email="vogel@example.com",
        may_approve=True,
        state=state,
        invited_by="Sabine Berger",
        invited_at=MOMENT,
        told_at=MOMENT,
        expires_at=MOMENT,
    )


INVITATIONS = (
    _invitation("open"),
    _invitation("awaiting_confirmation"),
    _invitation("accepted"),
    _invitation("cancelled"),
    _invitation("expired"),
)
