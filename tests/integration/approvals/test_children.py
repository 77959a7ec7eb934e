"""The work on strangers' files in real child processes."""

import pytest

from services.approvals import preparation
from services.approvals.preparation import ATTEMPTS
from shared.events.approvals import ApprovalRecorded, ApprovalRequested
from tests.integration.approvals.harness import PDF, PETRA, Approvals, create_pdf, create_picture


@pytest.fixture
def children() -> None:
    """Real ones."""


async def test_pictures_and_record_are_made_in_children(approvals: Approvals) -> None:
    assigned = await approvals.request(content=create_pdf(), media_type=PDF)
    await approvals.grant(PETRA, assigned)
    await approvals.make_records()

    assert len((await approvals.get(PETRA, assigned)).pages) == 1
    (recorded,) = await approvals.told(ApprovalRecorded)
    assert (await approvals.storage.read(recorded.record.sha256)).startswith(b"%PDF-")


async def test_a_bomb_ends_its_child_only(approvals: Approvals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "MEMORY_MB", 150)
    assigned = await approvals.request(content=create_picture(9000, 9000))
    for _ in range(ATTEMPTS):
        await approvals.pool.execute("UPDATE preparation SET due_at = now() WHERE done_at IS NULL")
        await approvals.work()

    assert await approvals.state(assigned) == "pending"
    assert (await approvals.get(PETRA, assigned)).pages == ()
    assert len(await approvals.told(ApprovalRequested)) == 1
