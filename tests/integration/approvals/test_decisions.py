"""A person of the customer decides, once and for all to see."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.approvals.approval_text import current_text
from services.approvals.repository.versions import erase_network_addresses
from services.approvals.settings import ApprovalsSettings
from shared.database import transaction
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.events.approvals import ApprovalGranted, ChangesRequested
from tests.integration.approvals.harness import (
    CLERK,
    OPERATOR,
    PETRA,
    STRANGER,
    Approvals,
    create_order,
    create_person,
    create_position,
    orders_changed,
)
from tests.support import eventually


async def test_granting_is_told_and_answered(approvals: Approvals) -> None:
    assigned = await approvals.request()

    version = await approvals.grant(PETRA, assigned)

    (granted,) = await approvals.told(ApprovalGranted)
    assert version.state == "approved"
    assert version.decision is not None
    assert (granted.version_id, granted.decision_id) == (assigned.version_id, version.decision.decision_id)
    assert (granted.person_name, granted.person_email, granted.with_changes) == (
        "Petra Muster",
        "petra@kunde.example",
        False,
    )
    assert granted.clerk_codes == ("SB", "OT")
    assert (version.approval_text, version.may_decide) == (current_text("de").text, False)


async def test_the_decision_keeps_all_that_a_dispute_needs(approvals: Approvals) -> None:
    assigned = await approvals.request()
    before = datetime.now(UTC)

    await approvals.grant(PETRA, assigned, network_address="192.0.2.7", comment="Danke")

    (row,) = await approvals.rows("SELECT * FROM decision")
    text = current_text("de")
    assert (row["decision"], row["order_number"], row["position_numbers"]) == ("approved", "2026-1042", ["2"])
    assert (row["file_name"], row["version"], row["sha256"]) == ("proof.png", 1, assigned.file.sha256)
    assert (row["account_id"], row["person_name"], row["person_email"]) == (
        PETRA.account_id,
        PETRA.name,
        PETRA.email,
    )
    assert (row["company"], row["customer_number"], row["comment"]) == ("Stadtwerke GmbH", "10023", "Danke")
    assert (row["approval_text"], row["approval_text_version"]) == (text.text, text.version)
    assert before <= row["decided_at"] <= datetime.now(UTC)
    assert [position["quantity"] for position in row["positions"]] == ["100"]
    assert "network_address" not in row
    (address,) = await approvals.rows("SELECT * FROM decision_network_address")
    assert address["network_address"] == "192.0.2.7"
    assert address["erase_at"] == row["decided_at"] + timedelta(days=180)


async def test_granting_twice_tells_once(approvals: Approvals) -> None:
    assigned = await approvals.request()

    await approvals.grant(PETRA, assigned)
    again = await approvals.grant(create_person(name="Paul"), assigned)

    assert again.decision is not None
    assert again.decision.person_name == "Petra Muster"
    assert len(await approvals.told(ApprovalGranted)) == 1
    assert len(await approvals.rows("SELECT 1 FROM decision")) == 1


async def test_of_two_people_who_decide_at_once_one_wins(approvals: Approvals) -> None:
    assigned = await approvals.request()
    paul = create_person(name="Paul")

    outcomes = await asyncio.gather(
        *(approvals.grant(PETRA, assigned) for _ in range(4)),
        *(approvals.request_changes(paul, assigned, "Bitte größer.") for _ in range(4)),
        return_exceptions=True,
    )

    (decision,) = await approvals.rows("SELECT decision FROM decision")
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(refused) == 4
    assert {type(error) for error in refused} == {ConflictError}
    assert {error.code for error in refused if isinstance(error, ConflictError)} == {
        "ApprovalAlreadyDecidedError"
    }
    granted, wished = await approvals.told(ApprovalGranted), await approvals.told(ChangesRequested)
    assert len(granted) + len(wished) == 1
    assert bool(granted) == (decision["decision"] == "approved")


async def test_a_decision_and_a_newer_version_at_once_leave_only_the_newer_one_open(
    approvals: Approvals,
) -> None:
    assigned = await approvals.request()

    outcome, newer = await asyncio.gather(
        approvals.grant(PETRA, assigned), approvals.assign(2), return_exceptions=True
    )

    assert not isinstance(newer, BaseException)
    assert (await approvals.state(assigned), await approvals.state(newer)) == ("superseded", "pending")
    assert isinstance(outcome, ConflictError) == (await approvals.told(ApprovalGranted) == [])


async def test_whoever_saw_the_order_before_it_was_changed_looks_again(approvals: Approvals) -> None:
    assigned = await approvals.request()
    shown = (await approvals.get(PETRA, assigned)).positions_sha256
    changed = create_order(create_position("1"), create_position("2", quantity=777), revision=2)
    await approvals.hear(orders_changed(changed))

    for decide in (
        approvals.grant(PETRA, assigned, positions_sha256=shown),
        approvals.grant(PETRA, assigned, positions_sha256=shown, with_changes=True, comment="Größer."),
        approvals.request_changes(PETRA, assigned, "Größer.", positions_sha256=shown),
    ):
        with pytest.raises(ConflictError) as refused:
            await decide
        assert refused.value.code == "OtherPositionsShownError"

    now_shown = await approvals.get(PETRA, assigned)
    assert now_shown.positions[0].quantity == "777 Stk"
    await approvals.grant(PETRA, assigned, positions_sha256=now_shown.positions_sha256)
    again = await approvals.grant(PETRA, assigned, positions_sha256=shown)
    assert again.state == "approved", "the same decision again changes nothing"


async def test_a_decision_and_a_change_of_the_order_at_once_never_leave_a_false_approval(
    approvals: Approvals,
) -> None:
    for number in range(4):
        order_number = f"2026-{number}"
        await approvals.hear(orders_changed(create_order(number=order_number)))
        assigned = await approvals.assign(number=order_number)
        changed = create_order(create_position("2", quantity=120), number=order_number, revision=2)

        await asyncio.gather(approvals.grant(PETRA, assigned), approvals.hear(orders_changed(changed)))

        (row,) = await approvals.rows(
            "SELECT positions FROM decision WHERE version_id = $1", assigned.version_id
        )
        decided_on = row["positions"][0]["quantity"]
        assert (await approvals.state(assigned), decided_on) in [("approved", "120"), ("outdated", "100")]


async def test_who_decides_while_his_order_becomes_another_customers_comes_too_late(
    approvals: Approvals,
) -> None:
    assigned = await approvals.request()

    async with transaction(approvals.pool) as moving:
        await approvals.hear_in(moving, orders_changed(create_order(customer_number=STRANGER, revision=2)))
        deciding = asyncio.create_task(approvals.grant(PETRA, assigned))
        await eventually(approvals.somebody_waits)

    with pytest.raises(NotFoundError):
        await deciding
    assert await approvals.rows("SELECT 1 FROM decision") == []


async def test_approving_with_changes_needs_a_comment_and_is_told_as_such(approvals: Approvals) -> None:
    assigned = await approvals.request()
    with pytest.raises(InvalidError) as refused:
        await approvals.grant(PETRA, assigned, with_changes=True, comment=" \n ")
    assert "comment" in refused.value.fields

    version = await approvals.grant(PETRA, assigned, with_changes=True, comment="120 statt 100\x00")

    (granted,) = await approvals.told(ApprovalGranted)
    assert version.state == "approved_with_changes"
    assert (granted.with_changes, granted.comment) == (True, "120 statt 100")
    assert version.approval_text == current_text("de", with_changes=True).text


async def test_requesting_changes_needs_a_comment_and_agrees_to_nothing(approvals: Approvals) -> None:
    assigned = await approvals.request()
    with pytest.raises(InvalidError):
        await approvals.request_changes(PETRA, assigned, "")

    version = await approvals.request_changes(PETRA, assigned, "Telefonnummer falsch")

    (wished,) = await approvals.told(ChangesRequested)
    assert (version.state, wished.comment) == ("changes_requested", "Telefonnummer falsch")
    assert (version.approval_text, version.approval_text_version) == ("", "")


async def test_another_decision_and_a_superseded_version_are_conflicts(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)
    with pytest.raises(ConflictError) as decided:
        await approvals.request_changes(PETRA, assigned, "Doch nicht")
    assert decided.value.code == "ApprovalAlreadyDecidedError"

    await approvals.assign(2)
    with pytest.raises(ConflictError) as superseded:
        await approvals.grant(PETRA, assigned)
    assert superseded.value.code == "ApprovalSupersededError"


async def test_a_decision_on_another_file_or_text_than_the_one_shown_is_a_conflict(
    approvals: Approvals,
) -> None:
    assigned = await approvals.request()

    for given in ({"sha256": "0" * 64}, {"sha256": ""}, {"approval_text_version": "de-0"}):
        with pytest.raises(ConflictError):
            await approvals.grant(PETRA, assigned, **given)

    assert await approvals.state(assigned) == "pending"


async def test_the_text_that_was_shown_is_the_one_that_is_kept(approvals: Approvals) -> None:
    assigned = await approvals.request()

    version = await approvals.grant(PETRA, assigned, approval_text_version="en-2")

    assert (version.approval_text_version, version.approval_text) == ("en-2", current_text("en").text)


@pytest.mark.parametrize(
    "who", [CLERK, OPERATOR, create_person(may_approve=False)], ids=["clerk", "operator", "reader"]
)
async def test_who_may_not_decide_may_read(approvals: Approvals, who: Any) -> None:
    assigned = await approvals.request()

    version = await approvals.get(who, assigned)
    assert (version.may_decide, version.approval_text) == (False, "")
    with pytest.raises(ForbiddenError):
        await approvals.grant(who, assigned)
    with pytest.raises(ForbiddenError):
        await approvals.request_changes(who, assigned, "Bitte größer.")
    assert await approvals.state(assigned) == "pending"


async def test_the_page_gives_the_text_to_whom_it_asks_in_his_language(approvals: Approvals) -> None:
    assigned = await approvals.request()

    english = await approvals.get(create_person(locale="en"), assigned)

    assert english.approval_text == current_text("en").text
    assert (english.may_decide, english.may_approve_with_changes) == (True, True)


async def test_a_look_of_the_customer_is_noted_and_a_clerks_is_not(approvals: Approvals) -> None:
    assigned = await approvals.request()
    with pytest.raises(ForbiddenError):
        await approvals.seen(CLERK, assigned)
    assert (await approvals.get(CLERK, assigned)).seen_at is None

    await approvals.seen(PETRA, assigned)
    first = (await approvals.get(CLERK, assigned)).seen_at
    await approvals.seen(PETRA, assigned)
    await approvals.seen(create_person(may_approve=False), assigned)

    assert first is not None
    assert (await approvals.get(CLERK, assigned)).seen_at == first
    assert (await approvals.history(assigned)).count("seen") == 2, "once for each person"


async def test_the_database_refuses_to_change_what_happened(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)

    for table in ("decision", "audit_entry"):
        for change in ("UPDATE {} SET version_id = version_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await approvals.pool.execute(change.format(table))


async def test_network_addresses_go_when_their_time_is_over(approvals: Approvals) -> None:
    first, second = await approvals.request(), await approvals.assign(1, title="Rücken")
    await approvals.grant(PETRA, first, network_address="192.0.2.7")
    await approvals.pool.execute("UPDATE decision_network_address SET erase_at = now() - interval '1 second'")
    await approvals.grant(PETRA, second, network_address="192.0.2.8")

    async with transaction(approvals.pool) as opened:
        is_more_left = await erase_network_addresses(opened, datetime.now(UTC))

    assert not is_more_left
    rows = await approvals.rows("SELECT network_address FROM decision_network_address")
    assert [row["network_address"] for row in rows] == ["192.0.2.8"]
    assert len(await approvals.rows("SELECT 1 FROM decision")) == 2


class TestWithChangesSwitchedOff:
    @pytest.fixture
    def settings(self, settings: ApprovalsSettings) -> ApprovalsSettings:
        return settings.model_copy(update={"approve_with_changes": False})

    async def test_approving_with_changes_is_refused(self, approvals: Approvals) -> None:
        assigned = await approvals.request()

        assert not (await approvals.get(PETRA, assigned)).may_approve_with_changes
        with pytest.raises(InvalidError):
            await approvals.grant(PETRA, assigned, with_changes=True, comment="120 statt 100")
        assert (await approvals.grant(PETRA, assigned)).state == "approved"
