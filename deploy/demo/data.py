"""All the demo's data, built from a date and a seed. Pure: the same input gives the same data."""

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from deploy.demo.company import CLERKS, CUSTOMERS
from deploy.demo.drafts import Draft, PositionDraft
from deploy.demo.stories import HERO_NUMBER, ProofPlan, Stories
from deploy.demo.trade import Trade
from shared.events import sync
from shared.events.sync import DocumentKind

SEED = 1871
_PER_DAY = 3.2
# Each kind counts in a range of its own, and leaves gaps: the portal does not show all customers.
_OFFSETS = {
    DocumentKind.ORDER: 0,
    DocumentKind.QUOTE: 2000,
    DocumentKind.INVOICE: 4000,
    DocumentKind.DELIVERY_NOTE: 6000,
}

GROUPS = (
    ("quote.created", DocumentKind.QUOTE, "Angelegt", 1, False),
    ("quote.sent", DocumentKind.QUOTE, "Verschickt", 2, False),
    ("quote.deciding", DocumentKind.QUOTE, "Entscheidungsphase", 3, False),
    ("quote.converted", DocumentKind.QUOTE, "Gewandelt", 4, False),
    ("quote.declined", DocumentKind.QUOTE, "Abgelehnt", 5, True),
    ("order.created", DocumentKind.ORDER, "Angelegt", 1, False),
    ("order.confirmed", DocumentKind.ORDER, "Bestätigt", 2, False),
    ("order.released", DocumentKind.ORDER, "Freigegeben", 3, False),
    ("order.delivered", DocumentKind.ORDER, "Geliefert", 4, False),
    ("order.invoiced", DocumentKind.ORDER, "Fakturiert", 5, False),
)
# Beside the one status that each group has by default: id, group, name, workflow.
MORE_STATUSES = (
    ("quote.reminded", "quote.deciding", "Nachgefasst", False),
    ("order.proof_sent", "order.confirmed", "Freigabemuster verschickt", False),
    ("order.in_production", "order.released", "In Produktion", False),
    ("order.picked_up", "order.delivered", "Abgeholt", False),
    ("order.complaint", "order.delivered", "Reklamation in Klärung", True),
)


@dataclass(frozen=True)
class DemoData:
    """Everything that CDH would tell. `documents` are sorted by date; all revisions are 1.

    `proofs` are first versions, `second_version` follows a correction, `early_proof` waits for its order,
    and `assign` is left to the visitor.
    """

    today: dt.date
    clerks: tuple[sync.Clerk, ...]
    groups: tuple[sync.StatusGroup, ...]
    statuses: tuple[sync.Status, ...]
    customers: tuple[sync.Customer, ...]
    documents: tuple[sync.Document, ...]
    proofs: tuple[ProofPlan, ...]
    second_version: ProofPlan
    early_proof: ProofPlan
    assign: ProofPlan


def build(today: dt.date, seed: int = SEED) -> DemoData:
    """Two years of trade that end on the day before `today`."""
    rng = random.Random(seed)  # noqa: S311 - chance for a demo, no secret
    stories = Stories(rng, today)
    trade = Trade(rng, today)
    trade.make_deals()
    drafts = sorted([*trade.drafts, *stories.drafts], key=lambda draft: draft.date)
    _number(drafts, stories.hero)
    return DemoData(
        today=today,
        clerks=_clerks(),
        groups=tuple(
            sync.StatusGroup(
                group_id=group_id, kind=kind, name=name, step=step, negative=negative, revision=1
            )
            for group_id, kind, name, step, negative in GROUPS
        ),
        statuses=_statuses(),
        customers=_customers(),
        documents=tuple(_document(draft) for draft in drafts),
        proofs=stories.proofs(),
        second_version=stories.second_version(),
        early_proof=stories.early_proof(_next_order_number(drafts, today)),
        assign=stories.hero_proof(),
    )


def _clerks() -> tuple[sync.Clerk, ...]:
    return tuple(
        sync.Clerk(clerk_code=one.clerk_code, name=one.name, email=one.email, phone=one.phone, revision=1)
        for one in CLERKS
    )


def _statuses() -> tuple[sync.Status, ...]:
    defaults = ((group_id, group_id, name, False) for group_id, _, name, _, _ in GROUPS)
    return tuple(
        sync.Status(status_id=status_id, group_id=group_id, name=name, workflow=workflow, revision=1)
        for status_id, group_id, name, workflow in (*defaults, *MORE_STATUSES)
    )


def _customers() -> tuple[sync.Customer, ...]:
    return tuple(
        sync.Customer(
            customer_number=one.customer_number,
            record_number=one.record_number,
            name=one.name,
            address=one.address,
            email=one.email,
            invoice_email=one.invoice_email,
            contacts=tuple(
                sync.Contact(contact_id=who.contact_id, name=who.name, email=who.email, phone=who.phone)
                for who in one.contacts
            ),
            revision=1,
        )
        for one in CUSTOMERS
    )


def _number(drafts: list[Draft], hero: Draft) -> None:
    """Numbers rise with the dates within a year and kind; the told order has its fixed one."""
    groups: defaultdict[tuple[DocumentKind, int], list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.kind is not DocumentKind.CREDIT_NOTE and draft is not hero:
            groups[draft.kind, draft.date.year].append(draft)
    hero_year, hero_counter = (int(part) for part in HERO_NUMBER.split("-"))
    hero.number = HERO_NUMBER
    for (kind, year), members in groups.items():
        with_hero = kind is DocumentKind.ORDER and year == hero_year
        in_order = with_hero and hero.date.year == hero_year
        per_day = hero_counter / hero.date.timetuple().tm_yday if in_order else _PER_DAY
        before = [draft for draft in members if in_order and draft.date <= hero.date]
        counter = 0
        for place, draft in enumerate(members):
            counter = max(counter + 1, round(per_day * draft.date.timetuple().tm_yday) - 2)
            if place < len(before):
                counter = min(counter, hero_counter - (len(before) - place))
            elif in_order:
                counter = max(counter, hero_counter + 1)
            if with_hero and counter == hero_counter:
                counter += 1
            draft.number = f"{year}-{_OFFSETS[kind] + counter:04d}"
    credit_notes = (draft for draft in drafts if draft.kind is DocumentKind.CREDIT_NOTE)
    for count, draft in enumerate(credit_notes, start=1):
        draft.number = draft.related[0].number  # its order's: only kind and external id tell them apart
        draft.external_id = f"GS{count:05d}"


def _next_order_number(drafts: list[Draft], today: dt.date) -> str:
    """A number that no order has yet."""
    numbers = [draft.number for draft in drafts if draft.kind is DocumentKind.ORDER]
    counters = [int(number[5:]) for number in numbers if number.startswith(f"{today.year}-")]
    return f"{today.year}-{max(counters, default=0) + 9:04d}"


def _id(draft: Draft) -> UUID:
    return sync.document_id(draft.kind, draft.number, draft.external_id)


def _key(draft: Draft, place: int) -> str:
    """CDH's key of a position: like the numbers of its records, not the position's number."""
    return f"{draft.kind.value[:2].upper()}{draft.number}{draft.external_id}/{place * 10:03d}"


def _document(draft: Draft) -> sync.Document:
    document_id, priced = _id(draft), draft.kind is not DocumentKind.DELIVERY_NOTE
    return sync.Document(
        document_id=document_id,
        kind=draft.kind,
        number=draft.number,
        external_id=draft.external_id,
        customer_number=draft.customer.customer_number,
        contact_id=draft.contact.contact_id,
        clerk_code=draft.clerk_code,
        subject=draft.subject,
        customer_reference=draft.reference,
        document_date=draft.date,
        due_date=draft.due_date,
        delivery_date=draft.delivery_date,
        net_total=draft.net_total if priced else None,
        tax_total=draft.tax_total if priced else None,
        gross_total=draft.gross_total if priced else None,
        open_amount=draft.open_amount,
        related=tuple(_id(other) for other in draft.related),
        positions=tuple(_position(draft, place, one) for place, one in enumerate(draft.positions, start=1)),
        status_entries=tuple(
            sync.StatusEntry(
                entry_id=f"{count:02d}",
                status_id=entry.status_id,
                position_keys=tuple(_key(draft, place) for place in entry.places),
                entered_at=entry.entered_at,
                author=entry.author,
            )
            for count, entry in enumerate(draft.entries, start=1)
        ),
        revision=1,
    )


def _position(draft: Draft, place: int, position: PositionDraft) -> sync.Position:
    key = _key(draft, place)
    priced = draft.kind is not DocumentKind.DELIVERY_NOTE
    return sync.Position(
        position_id=sync.position_id(_id(draft), key),
        position_key=key,
        number=str(place),
        article_number=position.article_number,
        text=position.text,
        description=position.description,
        quantity=Decimal(position.quantity),
        unit=position.unit,
        unit_price=position.unit_price if priced else None,
        discount_percent=position.discount_percent if priced else Decimal(0),
        net_total=position.net_total if priced else None,
        colour=position.colour,
        size=position.size,
        finishing=position.finishing,
    )
