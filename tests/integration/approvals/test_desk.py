"""What the dealer's people see of what waits, what they confirm, and that they never are the customer."""

import pytest

from shared.api import approvals as api
from shared.errors import ConflictError, ForbiddenError
from shared.events.approvals import ApprovalRecorded, ChangesConfirmed
from shared.events.sync import DocumentKind, document_id
from shared.web import Identity
from tests.integration.approvals.harness import (
    CLERK,
    CUSTOMER,
    OPERATOR,
    PETRA,
    STRANGER,
    Approvals,
    create_order,
    create_position,
    orders_changed,
)

VIEWER = Identity(role="customer", customer_number=CUSTOMER, may_approve=True, viewed_by="Sabine Berger")


async def _titles(approvals: Approvals, **query: str) -> list[str]:
    return [row.title for row in (await approvals.list_versions(CLERK, **query)).versions]


async def _confirm(approvals: Approvals, who: Identity, version_id: object) -> None:
    path = f"/versions/{version_id}/confirm-changes"
    await approvals.client.call("POST", path, who=who)


async def test_who_views_as_a_customer_reads_and_does_nothing(approvals: Approvals) -> None:
    assigned = await approvals.request()

    version = await approvals.get(VIEWER, assigned)
    assert (version.may_decide, version.may_approve_with_changes) == (False, False)
    assert (await approvals.list_versions(VIEWER)).total == 1
    with pytest.raises(ForbiddenError):
        await approvals.seen(VIEWER, assigned)
    with pytest.raises(ForbiddenError):
        await approvals.grant(VIEWER, assigned)
    with pytest.raises(ForbiddenError):
        await approvals.request_changes(VIEWER, assigned, "Andere Farbe")
    with pytest.raises(ForbiddenError):
        await _confirm(approvals, VIEWER, assigned.version_id)
    assert (await approvals.get(CLERK, assigned)).seen_at is None
    assert await approvals.rows("SELECT 1 FROM decision") == []


async def test_the_queues_say_for_whom_a_version_waits(approvals: Approvals) -> None:
    for title in ("pending", "approved", "changes", "with changes"):
        assigned = await approvals.request(title=title)
        if title == "approved":
            await approvals.grant(PETRA, assigned)
        if title == "changes":
            await approvals.request_changes(PETRA, assigned, "Andere Farbe")
        if title == "with changes":
            await approvals.grant(PETRA, assigned, with_changes=True, comment="Größer")
    await approvals.assign(title="lost", number="2026-9999")

    assert await _titles(approvals, queue="customer") == ["pending"]
    assert set(await _titles(approvals, queue="clerk")) == {"changes", "with changes"}
    assert await _titles(approvals, queue="order") == ["lost"]
    assert await _titles(approvals, queue="done") == ["approved"]
    with pytest.raises(ForbiddenError):
        await approvals.list_versions(PETRA, queue="clerk")


async def test_a_clerk_asks_for_what_he_assigned_or_whose_order_he_has(approvals: Approvals) -> None:
    await approvals.request(title="both")
    await approvals.assign(title="lost", number="2026-9999")

    assert set(await _titles(approvals, clerk_code="SB")) == {"both", "lost"}
    assert await _titles(approvals, clerk_code="OT") == ["both"]
    assert await _titles(approvals, clerk_code="XY") == []
    with pytest.raises(ForbiddenError):
        await approvals.list_versions(PETRA, clerk_code="SB")


async def test_long_lists_have_pages_and_one_count(approvals: Approvals) -> None:
    for version in (1, 2, 3):
        await approvals.request(version=version, title=f"Nr. {version}")

    first = await approvals.list_versions(CLERK, queue="customer", size="2")
    second = await approvals.list_versions(CLERK, queue="customer", size="2", page="2")
    beyond = await approvals.list_versions(CLERK, queue="customer", size="2", page="3")
    assert [row.title for row in (*first.versions, *second.versions)] == ["Nr. 3", "Nr. 2", "Nr. 1"]
    assert (first.total, second.total, beyond.total, beyond.versions) == (3, 3, 3, ())


async def test_a_sample_that_waits_says_for_what(approvals: Approvals) -> None:
    await approvals.hear(orders_changed())
    await approvals.assign(title="typo", positions=("2", "7"))
    await approvals.assign(title="early", number="2026-9999")
    for customer_number in (CUSTOMER, STRANGER):
        twin = create_order(number="2026-7777", customer_number=customer_number)
        twin_id = document_id(DocumentKind.ORDER, twin.number, customer_number)
        await approvals.hear(orders_changed(twin.model_copy(update={"document_id": twin_id})))
    await approvals.assign(title="twins", number="2026-7777")

    rows = {row.title: row for row in (await approvals.list_versions(CLERK, queue="order")).versions}
    assert {title: (row.waits_for, row.missing_positions) for title, row in rows.items()} == {
        "typo": ("positions", ("7",)),
        "early": ("order", ()),
        "twins": ("customer", ()),
    }
    typo = await approvals.client.get(f"/versions/{rows['typo'].version_id}", api.Version, who=CLERK)
    assert (typo.waits_for, typo.missing_positions) == ("positions", ("7",))


async def test_confirmed_changes_hold_until_the_order_is_changed_again(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned, with_changes=True, comment="120 statt 100")
    made = create_order(create_position("1"), create_position("2", quantity=120), revision=2)
    await approvals.hear(orders_changed(made))
    await _confirm(approvals, CLERK, assigned.version_id)
    assert await approvals.state(assigned) == "approved_with_changes"

    other = create_order(create_position("1"), create_position("2", quantity=999, unit="Karton"), revision=3)
    await approvals.hear(orders_changed(other))

    version = await approvals.get(PETRA, assigned)
    assert version.state == "outdated"
    assert [(one.field, one.before, one.after) for one in version.changed] == [
        ("quantity", "120", "999"),
        ("unit", "Stk", "Karton"),
    ]


async def test_changes_are_confirmed_once_by_a_person_of_the_dealer(approvals: Approvals) -> None:
    assigned = await approvals.request()
    with pytest.raises(ConflictError):
        await _confirm(approvals, CLERK, assigned.version_id)
    await approvals.grant(PETRA, assigned, with_changes=True, comment="Größer")
    with pytest.raises(ForbiddenError):
        await _confirm(approvals, PETRA, assigned.version_id)

    await _confirm(approvals, CLERK, assigned.version_id)
    await _confirm(approvals, OPERATOR, assigned.version_id)

    version = await approvals.get(PETRA, assigned)
    assert version.state == "approved_with_changes", "it never becomes a clean approval"
    assert version.decision is not None
    assert version.decision.confirmed_by == "Sabine Berger"
    [told] = await approvals.told(ChangesConfirmed)
    assert (told.decision_id, told.confirmed_at) == (
        version.decision.decision_id,
        version.decision.confirmed_at,
    )
    assert (told.clerk_code, told.clerk_name) == ("SB", "Sabine Berger")
    assert told.account_id == PETRA.account_id
    assert await _titles(approvals, queue="clerk") == []
    assert len(await _titles(approvals, queue="done")) == 1


async def test_nobody_confirms_to_a_customer_whose_order_it_is_no_longer(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned, with_changes=True, comment="Größer")
    await approvals.hear(orders_changed(create_order(customer_number=STRANGER, revision=2)))

    with pytest.raises(ConflictError) as refused:
        await _confirm(approvals, CLERK, assigned.version_id)

    assert refused.value.code == "NothingToConfirmError"
    assert await approvals.state(assigned) == "outdated"
    assert await approvals.told(ChangesConfirmed) == []
    await approvals.make_records()
    [recorded] = await approvals.told(ApprovalRecorded)
    assert (recorded.customer_number, recorded.contact_id) == (CUSTOMER, "")
    assert recorded.account_id == PETRA.account_id


async def test_a_confirmation_can_neither_be_changed_nor_taken_away(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned, with_changes=True, comment="Größer")
    await _confirm(approvals, CLERK, assigned.version_id)

    for command in ("UPDATE confirmation SET clerk_name = ''", "DELETE FROM confirmation"):
        with pytest.raises(Exception, match="never changed or deleted"):
            await approvals.rows(command)


async def test_a_replaced_version_has_nothing_to_confirm(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned, with_changes=True, comment="Größer")
    await approvals.assign(version=2)

    with pytest.raises(ConflictError):
        await _confirm(approvals, CLERK, assigned.version_id)
