"""Samples meet their orders in any order of arrival, and fall behind newer versions and changed orders."""

import asyncio
import itertools
from datetime import timedelta
from uuid import uuid4

import pytest

from shared.errors import ConflictError
from shared.events import Event
from shared.events.approvals import ApprovalOutdated, ApprovalRequested, SampleSuperseded
from shared.events.mailer import MailDrafted, MailFailed, MailSent
from shared.events.sync import Document, DocumentKind, document_id
from tests.integration.approvals.harness import (
    CLERK,
    CUSTOMER,
    NOON,
    PETRA,
    STRANGER,
    Approvals,
    create_order,
    create_person,
    create_picture,
    create_position,
    customer_changed,
    order_id,
    orders_changed,
    sample_assigned,
)


async def test_an_assigned_sample_is_prepared_and_the_customer_is_asked(approvals: Approvals) -> None:
    assigned = await approvals.request()

    (requested,) = await approvals.told(ApprovalRequested)
    assert requested.version_id == assigned.version_id
    assert requested.document_id == order_id()
    assert (requested.customer_number, requested.contact_id) == (CUSTOMER, "k1")
    assert requested.clerk_codes == ("SB", "OT")
    assert (requested.position_numbers, requested.file_name) == (("2",), "proof.png")
    assert requested.preview is not None
    assert len(await approvals.storage.read(requested.preview.sha256)) == requested.preview.size
    version = await approvals.get(PETRA, assigned)
    assert (version.state, version.mail_state, version.customer_name) == (
        "pending",
        "queued",
        "Stadtwerke GmbH",
    )
    assert [(position.number, position.quantity) for position in version.positions] == [("2", "100 Stk")]
    assert await approvals.history(assigned) == ["assigned", "order_found", "prepared", "requested"]


async def test_a_sample_that_comes_before_its_order_waits_for_it_and_is_shown(approvals: Approvals) -> None:
    assigned = await approvals.assign()

    (row,) = (await approvals.list_versions(CLERK, state="waiting_for_order")).versions
    assert (row.version_id, row.document_id, row.order_number) == (assigned.version_id, None, "2026-1042")
    assert await approvals.told(ApprovalRequested) == []

    await approvals.hear(orders_changed())

    assert await approvals.state(assigned) == "pending", "its pictures were there already"
    assert len(await approvals.told(ApprovalRequested)) == 1


@pytest.mark.parametrize("sample_comes_first", [True, False])
async def test_a_sample_of_two_customers_orders_of_one_number_is_shown_to_neither(
    approvals: Approvals, *, sample_comes_first: bool
) -> None:
    own, foreign = create_order(), _namesake(STRANGER)
    if sample_comes_first:
        assigned = await approvals.assign()
        await approvals.hear(orders_changed(own, foreign))
    else:
        await approvals.hear(orders_changed(own, foreign))
        assigned = await approvals.assign()

    assert await approvals.state(assigned) == "waiting_for_order"
    assert await approvals.told(ApprovalRequested) == []


async def test_no_change_of_positions_settles_whose_sample_it_is(
    approvals: Approvals,
) -> None:
    own, foreign = create_order(), _namesake(STRANGER)
    await approvals.hear(orders_changed(own, foreign))
    assigned = await approvals.assign()

    await approvals.hear(orders_changed(create_order(create_position("10"), revision=3)))

    assert await approvals.state(assigned) == "waiting_for_order"


@pytest.mark.parametrize("sample_comes_first", [True, False])
async def test_a_sample_that_names_its_order_goes_to_no_other_of_the_number(
    approvals: Approvals, *, sample_comes_first: bool
) -> None:
    own, foreign = create_order(), _namesake(STRANGER)
    await approvals.hear(orders_changed(foreign))
    if sample_comes_first:
        named = await approvals.assign(named_order_id=own.document_id)
        assert await approvals.state(named) == "waiting_for_order"
        await approvals.hear(orders_changed(own))
    else:
        await approvals.hear(orders_changed(own))
        named = await approvals.assign(named_order_id=own.document_id)

    assert (await approvals.get(CLERK, named)).customer_number == CUSTOMER
    assert await approvals.state(named) == "pending"


def _namesake(customer_number: str) -> Document:
    """Another customer's order of the same number."""
    order = create_order(customer_number=customer_number, revision=2)
    elsewhere = {
        "document_id": document_id(DocumentKind.ORDER, order.number, "elsewhere"),
        "external_id": "elsewhere",
    }
    return order.model_copy(update=elsewhere)


async def test_a_sample_waits_for_its_positions_too(approvals: Approvals) -> None:
    await approvals.hear(orders_changed(create_order(create_position("1"))))
    assigned = await approvals.assign()
    assert await approvals.state(assigned) == "waiting_for_order"

    await approvals.hear(orders_changed(create_order(revision=2)))

    assert await approvals.state(assigned) == "pending"


async def test_a_sample_for_the_whole_order_covers_all_its_positions(approvals: Approvals) -> None:
    assigned = await approvals.request(positions=())

    assert [position.number for position in (await approvals.get(PETRA, assigned)).positions] == ["1", "2"]


@pytest.mark.parametrize("number", range(6))
async def test_any_order_of_arrival_comes_to_the_same(approvals: Approvals, number: int) -> None:
    content = create_picture()
    await approvals.storage.add(content)
    events: list[Event] = [
        orders_changed(),
        sample_assigned(1, content=content),
        sample_assigned(2, content=content),
    ]

    for event in list(itertools.permutations(events))[number]:
        await approvals.hear(event, event)
        await approvals.work()

    newest = sample_assigned(2, content=content)
    assert await approvals.state(newest) == "pending"
    assert await approvals.state(sample_assigned(1, content=content)) == "superseded"
    requested = await approvals.told(ApprovalRequested)
    assert [event.version for event in requested] in ([2], [1, 2]), "never the older one after the newer one"
    superseded = await approvals.told(SampleSuperseded)
    assert [event.version for event in superseded] == [1] * (len(requested) - 1)


async def test_an_older_version_that_comes_late_is_superseded_and_asks_nobody(approvals: Approvals) -> None:
    newer = await approvals.request(version=2)

    older = await approvals.assign(1)

    assert await approvals.state(older) == "superseded"
    assert await approvals.state(newer) == "pending"
    assert [event.version for event in await approvals.told(ApprovalRequested)] == [2]
    assert await approvals.told(SampleSuperseded) == []
    assert [other.version for other in (await approvals.get(CLERK, newer)).other_versions] == [1]
    assert (await approvals.get(PETRA, newer)).other_versions == (), "the customer never heard of it"


async def test_a_newer_version_takes_the_place_of_an_approved_one(approvals: Approvals) -> None:
    older = await approvals.request()
    await approvals.grant(PETRA, older)

    newer = await approvals.assign(2)

    version = await approvals.get(PETRA, newer)
    assert [(other.version, other.state) for other in version.other_versions] == [(1, "superseded")]
    assert version.other_versions[0].decision is not None, "what was decided stays with it"
    assert [event.version for event in await approvals.told(SampleSuperseded)] == [1]


async def test_other_samples_of_the_order_are_left_alone(approvals: Approvals) -> None:
    front = await approvals.request(title="Brust")

    back = await approvals.assign(1, title="Rücken")

    assert [await approvals.state(one) for one in (front, back)] == ["pending", "pending"]


async def test_each_event_twice_is_one_effect(approvals: Approvals) -> None:
    assigned = await approvals.request()

    await approvals.hear(assigned, assigned, orders_changed(), orders_changed())
    await approvals.work()

    assert len(await approvals.told(ApprovalRequested)) == 1
    assert await approvals.history(assigned) == ["assigned", "order_found", "prepared", "requested"]


async def test_a_sample_and_its_order_at_the_same_moment_meet(approvals: Approvals) -> None:
    content = create_picture()
    await approvals.storage.add(content)
    samples = [sample_assigned(1, content=content, number=f"2026-{number}") for number in range(6)]
    orders = [create_order(number=f"2026-{number}") for number in range(6)]

    await asyncio.gather(
        *(approvals.hear(sample) for sample in samples),
        *(approvals.hear(orders_changed(order)) for order in orders),
    )
    await approvals.work()

    assert {await approvals.state(sample) for sample in samples} == {"pending"}


async def test_two_versions_at_the_same_moment_leave_the_newer_one(approvals: Approvals) -> None:
    await approvals.hear(orders_changed())
    versions = [sample_assigned(number, sha256=f"{number:064x}") for number in range(1, 6)]

    await asyncio.gather(*(approvals.hear(version) for version in versions))

    states = [await approvals.state(version) for version in versions]
    assert states == ["superseded"] * 4 + ["preparing"]


async def test_a_changed_position_makes_the_approval_outdated(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)

    changed = create_order(create_position("1"), create_position("2", quantity=120), revision=2)
    await approvals.hear(orders_changed(changed), orders_changed(changed))

    (outdated,) = await approvals.told(ApprovalOutdated)
    assert (outdated.version_id, outdated.changed) == (assigned.version_id, ("2/quantity",))
    version = await approvals.get(PETRA, assigned)
    assert version.state == "outdated"
    assert [(one.number, one.field, one.before, one.after) for one in version.changed] == [
        ("2", "quantity", "100", "120")
    ]
    assert [position.quantity for position in version.positions] == ["100 Stk"], "as it was decided on"


async def test_a_stale_order_and_another_positions_change_are_no_reason(approvals: Approvals) -> None:
    await approvals.hear(orders_changed(create_order(revision=5)))
    assigned = await approvals.assign()
    await approvals.grant(PETRA, assigned)

    await approvals.hear(
        orders_changed(create_order(create_position("2", quantity=7), revision=4)),
        orders_changed(create_order(create_position("1", quantity=7), create_position("2"), revision=6)),
    )

    assert await approvals.state(assigned) == "approved"
    assert await approvals.told(ApprovalOutdated) == []


async def test_what_was_approved_counts_and_not_the_revision(approvals: Approvals) -> None:
    """The change came between the request and the decision: the customer decided on what it is now."""
    assigned = await approvals.request()
    changed = create_order(create_position("1"), create_position("2", quantity=120), revision=2)
    await approvals.hear(orders_changed(changed))
    await approvals.grant(PETRA, assigned)

    await approvals.hear(orders_changed(changed.model_copy(update={"revision": 3})))

    assert await approvals.state(assigned) == "approved"


async def test_an_order_in_one_batch_with_older_revisions_of_itself_is_taken_at_its_newest(
    approvals: Approvals,
) -> None:
    await approvals.hear(
        orders_changed(
            create_order(customer_number=STRANGER, revision=1),
            create_order(customer_number=CUSTOMER, revision=3),
            create_order(customer_number=STRANGER, revision=2),
        )
    )

    assigned = await approvals.assign()

    assert (await approvals.get(CLERK, assigned)).customer_number == CUSTOMER


async def test_documents_that_are_no_orders_are_none_of_our_business(approvals: Approvals) -> None:
    await approvals.hear(orders_changed(create_order().model_copy(update={"kind": DocumentKind.QUOTE})))

    assert await approvals.rows("SELECT document_id FROM cdh_order") == []


async def test_an_older_name_of_a_customer_is_ignored(approvals: Approvals) -> None:
    assigned = await approvals.request()

    await approvals.hear(customer_changed("Neu GmbH", revision=3), customer_changed("Alt GmbH", revision=2))

    assert (await approvals.get(CLERK, assigned)).customer_name == "Neu GmbH"


async def test_an_order_that_moves_to_another_customer_takes_its_proof_but_no_decision_along(
    approvals: Approvals,
) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)
    await approvals.make_records()

    await approvals.hear(orders_changed(create_order(customer_number=STRANGER, revision=2)))

    version = await approvals.get(create_person(STRANGER), assigned)
    assert (version.state, version.decision) == ("outdated", None)
    assert (await approvals.list_versions(PETRA)).total == 0


async def test_whoever_has_the_order_now_is_asked_anew(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.seen(PETRA, assigned)
    asked = {"mail_id": uuid4(), "template": "approval_requested", "version_ids": (assigned.version_id,)}
    await approvals.hear(MailSent(**asked, occurred_at=NOON))

    await approvals.hear(orders_changed(create_order(customer_number=STRANGER, revision=2)))

    version = await approvals.get(CLERK, assigned)
    assert (version.state, version.seen_at, version.mail_state) == ("pending", None, "queued")
    requests = await approvals.told(ApprovalRequested)
    assert [request.customer_number for request in requests] == [CUSTOMER, STRANGER]


async def test_who_decided_for_a_former_customer_is_not_named(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.request_changes(PETRA, assigned, comment="Bitte größer")
    await approvals.hear(orders_changed(create_order(customer_number=STRANGER, revision=2)))

    with pytest.raises(ConflictError) as refusal:
        await approvals.grant(create_person(STRANGER), assigned)

    assert PETRA.name not in str(refusal.value)


async def test_what_became_of_the_mail_is_shown(approvals: Approvals) -> None:
    assigned = await approvals.request()
    asked = {"mail_id": uuid4(), "template": "approval_requested", "version_ids": (assigned.version_id,)}
    later = NOON + timedelta(days=400)
    failed = MailFailed(**asked, reason="550 no such user", occurred_at=later)
    sent = MailSent(**asked, occurred_at=later + timedelta(minutes=1))

    await approvals.hear(sent, failed, sent)

    assert (await approvals.get(CLERK, assigned)).mail_state == "sent"
    assert (await approvals.history(assigned))[-1] == "mail_sent"


async def test_only_the_staff_is_told_why_the_mail_failed_and_only_while_it_has(approvals: Approvals) -> None:
    assigned = await approvals.request()
    asked = {"mail_id": uuid4(), "template": "approval_requested", "version_ids": (assigned.version_id,)}
    later = NOON + timedelta(days=400)
    first = MailFailed(**asked, reason="451 later", occurred_at=later)
    last = MailFailed(**asked, reason="550 no such user", occurred_at=later + timedelta(minutes=1))

    await approvals.hear(first)
    await approvals.hear(last)

    [listed] = (await approvals.list_versions(CLERK)).versions
    assert listed.mail_reason == (await approvals.get(CLERK, assigned)).mail_reason == "550 no such user"
    [listed] = (await approvals.list_versions(PETRA)).versions
    assert listed.mail_reason == (await approvals.get(PETRA, assigned)).mail_reason == ""

    await approvals.hear(MailSent(**asked, occurred_at=later + timedelta(minutes=2)))
    assert (await approvals.get(CLERK, assigned)).mail_reason == ""


async def test_a_mail_that_waits_as_a_draft_is_shown_as_such(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.hear(
        MailDrafted(
            mail_id=uuid4(),
            template="approval_requested",
            version_ids=(assigned.version_id,),
            clerk_code="SB",
            occurred_at=NOON + timedelta(days=400),
        )
    )
    assert (await approvals.get(CLERK, assigned)).mail_state == "draft"
    assert (await approvals.history(assigned))[-1] == "mail_draft"


async def test_a_mail_that_asks_for_nothing_of_ours_is_ignored(approvals: Approvals) -> None:
    await approvals.hear(MailSent(mail_id=uuid4(), template="invitation", version_ids=(uuid4(),)))
