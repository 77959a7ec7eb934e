"""Whatever customers, orders and proofs there are: what a customer is shown is his, and all of it.

The answers of the running service are compared with a model in plain Python that knows who owns what.
"""

import datetime as dt
import os
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.api import approvals as api
from shared.api.base import StoredFile
from shared.database import transaction
from shared.errors import NotFoundError
from shared.events.sync import (
    Customer,
    CustomersChanged,
    Document,
    DocumentKind,
    DocumentsChanged,
    SampleAssigned,
    document_id,
)
from tests.integration.approvals.harness import (
    CLERK,
    CUSTOMER,
    PETRA,
    STRANGER,
    Approvals,
    create_order,
    create_person,
    create_picture,
    create_position,
    orders_changed,
    sample_assigned,
)

CUSTOMER_NUMBERS = ("1", "10", "100", "01", "1%", "%", "_", "1_", "Ä1", "A1", "ä1", "\\", "'", "None")
ORDER_NUMBERS = ("1", "10", "100", "1%", "_", "Ü-7")
TITLES = ("vorn", "hinten 100%")
WORDS = (None, None, "vorn", "1", "%", "_", "HINTEN proof")
STATES = (
    None,
    None,
    "pending",
    "approved",
    "approved_with_changes",
    "changes_requested",
    "superseded",
    "outdated",
)
DECISIONS = ("approved", None, "approved_with_changes", "changes_requested")
PICTURES = (create_picture(20), create_picture(21))
"""So few that strangers are sent the same."""


@dataclass(frozen=True)
class Proof:
    """One version of a sample: for whose order, what became of it, and whose the order is in the end."""

    assigned: SampleAssigned
    content: bytes
    document_id: UUID
    asked: str
    decision: str | None
    state: str
    owner: str

    def has(self, words: str | None) -> bool:
        text = f"{self.assigned.order_number} {self.assigned.title} {self.assigned.file.name}".lower()
        return all(word in text for word in (words or "").lower().split())

    def shows_decision_to(self, customer_number: str) -> bool:
        """A decision is not for him to whom the order came afterwards."""
        return self.decision is not None and self.asked == self.owner == customer_number


@dataclass(frozen=True)
class World:
    """Orders as they were told first, proofs, what then became of an order, and proofs that nobody was asked
    about."""

    orders: tuple[Document, ...]
    proofs: tuple[Proof, ...]
    moved: tuple[Document, ...]
    unasked: tuple[SampleAssigned, ...]

    @property
    def customer_numbers(self) -> list[str]:
        return sorted({order.customer_number for order in (*self.orders, *self.moved)})


def an_order(number: str, external_id: str, customer_number: str, *, revision: int = 1) -> Document:
    """Two of one number are often of two customers; a sample names the one that is meant."""
    return Document(
        document_id=document_id(DocumentKind.ORDER, number, external_id),
        kind=DocumentKind.ORDER,
        number=number,
        external_id=external_id,
        customer_number=customer_number,
        document_date=dt.date(2026, 11, 1),
        positions=(create_position(f"{number}/{external_id}"),),
        revision=revision,
    )


def state_of(decision: str | None, *, is_newest: bool, has_moved: bool) -> str:
    if not is_newest:
        return "superseded"
    if decision and has_moved:
        return "outdated"
    return decision or "pending"


@st.composite
def worlds(draw: st.DrawFn) -> World:
    customers = st.sampled_from(
        draw(st.lists(st.sampled_from(CUSTOMER_NUMBERS), min_size=2, max_size=4, unique=True))
    )
    numbers = draw(st.lists(st.sampled_from(ORDER_NUMBERS), min_size=2, max_size=4))
    orders = tuple(an_order(number, str(place), draw(customers)) for place, number in enumerate(numbers))
    moved = tuple(
        an_order(orders[0].number, orders[0].external_id, customer, revision=2 + place)
        for place, customer in enumerate(draw(st.lists(customers, max_size=2)))
    )
    return World(
        orders=orders,
        proofs=tuple(
            proof
            for order in orders
            for title in draw(
                st.lists(st.sampled_from(TITLES), unique=True, min_size=order is orders[0], max_size=2)
            )
            for proof in draw(samples(order, title, moved if order is orders[0] else ()))
        ),
        moved=moved,
        unasked=tuple(
            sample_assigned(
                number=order.number,
                positions=(order.positions[0].number,),
                title="ungefragt",
                named_order_id=order.document_id,
            )
            for order in draw(st.lists(st.sampled_from(orders), max_size=1))
        ),
    )


@st.composite
def samples(draw: st.DrawFn, order: Document, title: str, moved: tuple[Document, ...]) -> list[Proof]:
    """The versions of one sample."""
    proofs = []
    decisions = draw(st.lists(st.sampled_from(DECISIONS), min_size=1, max_size=2))
    for version, decision in enumerate(decisions, start=1):
        content = draw(st.sampled_from(PICTURES))
        proofs.append(
            Proof(
                assigned=sample_assigned(
                    version,
                    content=content,
                    number=order.number,
                    positions=(order.positions[0].number,),
                    title=title,
                    named_order_id=order.document_id,
                ),
                content=content,
                document_id=order.document_id,
                asked=order.customer_number,
                decision=decision,
                state=state_of(
                    decision,
                    is_newest=version == len(decisions),
                    has_moved=any(one.customer_number != order.customer_number for one in moved),
                ),
                owner=moved[-1].customer_number if moved else order.customer_number,
            )
        )
    return proofs


few_examples = settings(
    max_examples=int(os.environ.get("EXAMPLES", "8")),
    deadline=None,
    # Hundreds of smaller examples would outlast the patience for one test.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    # Each example empties the database of the test before it fills it.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def load(approvals: Approvals, world: World) -> None:
    async with transaction(approvals.pool) as opened:
        # Without the triggers that keep decisions for ever.
        await opened.execute("SET LOCAL session_replication_role = replica")
        await opened.execute("TRUNCATE cdh_order, customer, version, outbox CASCADE")
    customers = tuple(
        Customer(customer_number=number, name=f"Firma {number}", revision=1)
        for number in world.customer_numbers
    )
    await approvals.hear(CustomersChanged(customers=customers), DocumentsChanged(documents=world.orders))
    for proof in world.proofs:
        await approvals.storage.add(proof.content)
        await approvals.hear(proof.assigned)
        await approvals.work()
        person = create_person(proof.asked)
        if proof.decision == "changes_requested":
            await approvals.request_changes(person, proof.assigned, "Bitte größer.")
        elif proof.decision:
            with_changes = proof.decision == "approved_with_changes"
            await approvals.grant(person, proof.assigned, with_changes=with_changes, comment="Danke")
    await approvals.make_records()
    for order in world.moved:
        await approvals.hear(DocumentsChanged(documents=(order,)))
    await approvals.hear(*world.unasked)


async def test_who_gets_an_order_is_not_told_what_another_approved(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)
    moved = create_order(create_position("2", quantity=120), customer_number=STRANGER, revision=2)
    await approvals.hear(orders_changed(moved))

    other = await approvals.get(create_person(STRANGER), assigned)
    assert (other.state, other.decision, other.changed) == ("outdated", None, ())

    await approvals.hear(orders_changed(create_order(revision=3)))

    own = await approvals.get(PETRA, assigned)
    assert [(one.field, one.before, one.after) for one in own.changed] == [
        ("customer", "", ""),
        ("quantity", "100", "120"),
    ]
    by_the_staff = await approvals.get(CLERK, assigned)
    assert (by_the_staff.changed[0].before, by_the_staff.changed[0].after) == (CUSTOMER, STRANGER)


@pytest.mark.timeout(240)  # records are typeset for every example
@few_examples
@given(world=worlds(), data=st.data())
async def test_a_customer_is_shown_all_of_his_proofs_and_no_strangers(
    approvals: Approvals, world: World, data: st.DataObject
) -> None:
    await load(approvals, world)
    owner = world.proofs[0].owner
    anybody = data.draw(st.sampled_from((*CUSTOMER_NUMBERS, "")))

    for number in {owner, anybody}:
        for _ in range(3):
            await assert_list(approvals, world, number, data)
        for proof in world.proofs:
            if proof.owner == number:
                await assert_his_proof(approvals, world, number, proof)
            else:
                await assert_not_found(approvals, number, proof.assigned)
        for assigned in world.unasked:
            await assert_not_found(approvals, number, assigned)
    everything = await approvals.list_versions(CLERK)
    owners = {proof.assigned.version_id: proof.owner for proof in world.proofs}
    assert everything.total == len(world.proofs) + len(world.unasked)
    for row in everything.versions:
        assert row.customer_number == owners.get(row.version_id, row.customer_number)


async def assert_list(approvals: Approvals, world: World, number: str, data: st.DataObject) -> None:
    """The list of one customer, by what it may be asked for, on all its pages."""
    state, words = data.draw(st.sampled_from(STATES)), data.draw(st.sampled_from(WORDS))
    document = data.draw(st.sampled_from((None, *(order.document_id for order in world.orders))))
    wishes = {
        "state": state,
        "q": words,
        "document_id": document,
        "size": data.draw(st.sampled_from((1, 2, 100))),
    }
    query = {name: str(value) for name, value in wishes.items() if value is not None}
    expected = {
        proof.assigned.version_id: proof
        for proof in world.proofs
        if proof.owner == number and proof.has(words)
        if state in {None, proof.state} and document in {None, proof.document_id}
    }
    stranger = data.draw(st.sampled_from(CUSTOMER_NUMBERS))
    who = create_person(number)

    found: list[api.VersionRow] = []
    page = 1
    while answer := await approvals.list_versions(who, **query, page=str(page)):
        assert answer == await approvals.list_versions(who, **query, page=str(page), customer_number=stranger)
        assert answer.total == len(expected)
        if not answer.versions:
            break
        found += answer.versions
        page += 1

    assert len(found) == len({row.version_id for row in found}), "no row stands on two pages"
    assert {row.version_id for row in found} == set(expected)
    for row in found:
        assert_his_row(row, number, expected[row.version_id])


def assert_his_row(row: api.VersionRow, number: str, proof: Proof) -> None:
    assert (row.state, row.document_id) == (proof.state, proof.document_id)
    assert (row.customer_number, row.customer_name) == (number, f"Firma {number}")
    assert (row.decision is not None) == proof.shows_decision_to(number)


async def assert_his_proof(approvals: Approvals, world: World, number: str, proof: Proof) -> None:
    who = create_person(number)
    version = await approvals.get(who, proof.assigned)
    assert_his_row(version, number, proof)
    siblings = {
        other.assigned.version_id: other
        for other in world.proofs
        if other.assigned.sample_id == proof.assigned.sample_id and other is not proof
    }
    assert {row.version_id for row in version.other_versions} == set(siblings)
    for row in version.other_versions:
        assert_his_row(row, number, siblings[row.version_id])
    for change in version.changed:
        assert proof.shows_decision_to(number), "what a stranger approved is not told"
        assert change.field != "customer" or {change.before, change.after} <= {number, ""}

    file = await approvals.stored(who, proof.assigned, "file")
    assert file.sha256 == proof.assigned.file.sha256
    assert (await approvals.stored(who, proof.assigned, "pages/1")).media_type == "image/webp"
    if proof.shows_decision_to(number):
        assert (await approvals.stored(who, proof.assigned, "record")).media_type == "application/pdf"
    else:
        with pytest.raises(NotFoundError):
            await approvals.stored(who, proof.assigned, "record")


async def assert_not_found(approvals: Approvals, number: str, assigned: SampleAssigned) -> None:
    who = create_person(number)
    with pytest.raises(NotFoundError):
        await approvals.get(who, assigned)
    for what in ("file", "record", "pages/1", "pages/1?width=thumb"):
        path = f"/versions/{assigned.version_id}/{what}"
        with pytest.raises(NotFoundError):
            await approvals.client.get(path, StoredFile, who=who)
