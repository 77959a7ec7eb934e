"""The demo's data hold what a dealer's data would: sums to the cent, numbers once, histories that rise."""

import datetime as dt
import json
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest

from deploy.demo.company import CLERKS, CUSTOMERS, DEMO_CUSTOMER
from deploy.demo.data import DemoData, build
from deploy.demo.events import batches, master_events
from services.sync.cloud_events import BATCH, read_events
from shared.events.sync import Document, DocumentKind

# A Monday, a Sunday, the first days of a year, a leap day, a year after the told order's number.
DAYS = (
    dt.date(2026, 11, 23),
    dt.date(2026, 11, 29),
    dt.date(2026, 1, 4),
    dt.date(2027, 1, 2),
    dt.date(2028, 2, 29),
)

TRADED = (DocumentKind.QUOTE, DocumentKind.ORDER, DocumentKind.INVOICE)


@pytest.fixture(scope="module", params=DAYS, ids=str)
def data(request: pytest.FixtureRequest) -> DemoData:
    return build(request.param)


def documents(data: DemoData, kind: DocumentKind) -> list[Document]:
    return [document for document in data.documents if document.kind is kind]


def hero(data: DemoData) -> Document:
    [found] = [one for one in documents(data, DocumentKind.ORDER) if one.number == "2026-1042"]
    return found


def test_the_same_day_and_seed_give_the_same_data() -> None:
    assert build(DAYS[0]) == build(DAYS[0])
    assert build(DAYS[0]) != build(DAYS[0], seed=2)


def test_there_is_enough_to_look_at(data: DemoData) -> None:
    kinds = Counter(document.kind for document in data.documents)
    assert 950 <= sum(kinds[kind] for kind in TRADED) <= 1100
    assert len(data.customers) == 40
    assert all(1 <= len(customer.contacts) <= 3 for customer in data.customers)
    assert kinds[DocumentKind.CREDIT_NOTE] >= 3
    dates = [document.document_date for document in data.documents]
    assert data.today - dt.timedelta(days=735) < min(dates) < data.today - dt.timedelta(days=700)
    assert data.today - dt.timedelta(days=7) < max(dates) < data.today


def test_totals_add_up_to_the_cent(data: DemoData) -> None:
    for document in data.documents:
        for position in document.positions:
            if position.unit_price is not None:
                amount = position.quantity * position.unit_price * (100 - position.discount_percent) / 100
                assert position.net_total == amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
        if document.kind is DocumentKind.DELIVERY_NOTE:
            continue
        assert document.net_total is not None
        assert document.tax_total is not None
        assert document.net_total == sum(position.net_total or 0 for position in document.positions)
        assert document.tax_total == (document.net_total * 19 / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert document.gross_total == document.net_total + document.tax_total


def test_delivery_notes_name_no_prices(data: DemoData) -> None:
    for note in documents(data, DocumentKind.DELIVERY_NOTE):
        assert note.positions
        assert note.gross_total is None
        assert all(position.net_total is None for position in note.positions)


def test_keys_are_unique_and_references_resolve(data: DemoData) -> None:
    known = {document.document_id: document for document in data.documents}
    assert len(known) == len(data.documents)
    statuses = {one.status_id for one in data.statuses}
    people: defaultdict[str, set[str]] = defaultdict(set)
    for customer in data.customers:
        people[customer.customer_number] |= {contact.contact_id for contact in customer.contacts}
    for document in data.documents:
        assert document.contact_id in people[document.customer_number]
        assert document.clerk_code in {clerk.clerk_code for clerk in data.clerks}
        keys = {position.position_key for position in document.positions}
        for entry in document.status_entries:
            assert entry.status_id in statuses
            assert set(entry.position_keys) <= keys
        for other in document.related:
            assert document.document_id in known[other].related
            assert known[other].customer_number == document.customer_number


def test_numbers_of_a_year_rise_with_their_dates(data: DemoData) -> None:
    for kind in (DocumentKind.QUOTE, DocumentKind.ORDER, DocumentKind.INVOICE, DocumentKind.DELIVERY_NOTE):
        by_year = defaultdict(list)
        for document in documents(data, kind):
            if document.number != "2026-1042" or document.document_date.year == 2026:
                by_year[document.document_date.year].append(document)
        for year, members in by_year.items():
            assert all(document.number.startswith(f"{year}-") for document in members)
            ordered = sorted(members, key=lambda document: int(document.number[5:]))
            dates = [document.document_date for document in ordered]
            assert dates == sorted(dates)


def test_histories_rise_and_end_before_today(data: DemoData) -> None:
    for document in data.documents:
        times = [entry.entered_at for entry in document.status_entries]
        assert times == sorted(set(times))
        assert all(document.document_date <= moment.date() < data.today for moment in times)


def test_steps_of_a_history_never_go_back(data: DemoData) -> None:
    group_of = {status.status_id: status.group_id for status in data.statuses}
    step_of = {group.group_id: group.step for group in data.groups}
    for document in documents(data, DocumentKind.ORDER):
        reached: dict[str, int] = {}
        for entry in document.status_entries:
            step = step_of[group_of[entry.status_id]]
            for key in entry.position_keys or tuple(one.position_key for one in document.positions):
                # a complaint stands beside the steps
                assert step >= reached.get(key, 0) or entry.status_id == "order.complaint"
                reached[key] = step


def test_every_state_of_the_trade_occurs(data: DemoData) -> None:
    entries = [entry for document in data.documents for entry in document.status_entries]
    assert {entry.status_id for entry in entries} >= {status.status_id for status in data.statuses} - {
        "order.complaint"
    }
    assert any(entry.position_keys for entry in entries if entry.status_id == "order.delivered")
    assert any(  # so that a part that is there can be looked at
        [entry.status_id for entry in order.status_entries if entry.position_keys] == ["order.delivered"]
        and order.customer_number == DEMO_CUSTOMER.customer_number
        for order in documents(data, DocumentKind.ORDER)
    )
    invoices = documents(data, DocumentKind.INVOICE)
    assert any(not invoice.open_amount for invoice in invoices)
    assert any(invoice.open_amount == invoice.gross_total for invoice in invoices)
    unpaid = [
        invoice.due_date
        for invoice in invoices
        if invoice.open_amount
        and invoice.due_date
        and invoice.customer_number == DEMO_CUSTOMER.customer_number
    ]
    assert min(unpaid) < data.today <= max(unpaid)
    assert all(0 <= (one.open_amount or 0) <= (one.gross_total or 0) for one in invoices)


def test_a_mix_of_sizes_adds_up_to_the_quantity(data: DemoData) -> None:
    for document in data.documents:
        if document.kind is not DocumentKind.CREDIT_NOTE:
            for position in document.positions:
                counts = [int(part.split()[1]) for part in position.size.split(" · ") if part]
                assert not counts or sum(counts) == position.quantity


def test_the_order_of_the_main_job_is_as_the_readme_tells(data: DemoData) -> None:
    order = hero(data)
    assert order.customer_number == DEMO_CUSTOMER.customer_number
    assert len(order.positions) == 5
    assert order.positions[1].number == "2"
    assert order.positions[1].text.startswith("T-Shirt")
    assert order.positions[1].finishing.startswith("Siebdruck")
    assert order.status_entries[-1].status_id == "order.confirmed"
    assert data.assign.order_number == order.number
    assert all(plan.order_number != order.number for plan in data.proofs)


def test_proofs_hang_on_positions_that_fit(data: DemoData) -> None:
    orders = {document.number: document for document in documents(data, DocumentKind.ORDER)}
    for plan in (*data.proofs, data.second_version, data.assign):
        order = orders[plan.order_number]
        position = next(one for one in order.positions if one.number == plan.position_number)
        assert order.customer_number == plan.customer.customer_number
        assert position.article_number == plan.line.article.number
        assert position.quantity == plan.line.quantity
        assert order.document_date <= plan.assigned_at.date() <= data.today
    assert data.early_proof.order_number not in orders
    keys = [(plan.order_number, plan.position_number, plan.title) for plan in data.proofs]
    assert len(set(keys)) == len(keys) == 27
    outcomes = Counter(plan.outcome for plan in data.proofs)
    assert min(outcomes.values()) >= 2
    assert len(outcomes) == 4
    assert any(
        plan.outcome == "waiting" and plan.customer is DEMO_CUSTOMER for plan in data.proofs
    )  # so that the start page shows something
    assert all(plan.comment for plan in data.proofs if plan.outcome not in {"waiting", "approved"})


def test_cdhs_door_takes_every_event(data: DemoData) -> None:
    pictures = dict.fromkeys((clerk.clerk_code for clerk in CLERKS), "a" * 64)
    papers = {document.document_id: ("b" * 64, "Beleg.pdf") for document in data.documents}
    events = list(master_events(data, pictures, papers))
    assert len({event["id"] for event in events}) == len(events)
    for batch in batches(events):
        for event in read_events(BATCH, json.dumps(batch).encode()):
            assert event.problems == ()


def test_nobody_real_can_be_called_or_written_to() -> None:
    reserved = ("030 23125 ", "040 66969 ", "069 90009 ", "0221 4710 ", "089 99998 ")
    reached = [(clerk.phone, clerk.email) for clerk in CLERKS]
    reached += [(one.phone, one.email) for customer in CUSTOMERS for one in customer.contacts]
    for phone, email in reached:
        assert phone.startswith(reserved)
        assert len(phone.rpartition(" ")[2]) == 3
        assert email.endswith(".example")
        assert email.isascii()
