"""The pictures of the pages: made once, whoever dies meanwhile, and not waited for for ever."""

import asyncio
import hashlib
from typing import Any

import pytest

from services.approvals import preparation
from services.approvals.preparation import ATTEMPTS, Preparation
from services.approvals.settings import ApprovalsSettings
from shared.events.approvals import ApprovalRequested
from shared.sandbox import SandboxError, SandboxTimeoutError, run_sandboxed
from shared.storage import FolderStorage, StorageUnwritableError
from tests.integration.approvals.conftest import perform_here
from tests.integration.approvals.harness import (
    CLERK,
    PDF,
    PETRA,
    Approvals,
    create_pdf,
    create_picture,
    orders_changed,
    sample_assigned,
)


@pytest.fixture
def loop(approvals: Approvals, settings: ApprovalsSettings) -> Preparation:
    return Preparation(approvals.pool, approvals.storage, settings)


async def make_due(approvals: Approvals) -> None:
    """The time until the next attempt, or until the lease of a dead process ends, has passed."""
    await approvals.pool.execute("UPDATE preparation SET due_at = now() WHERE done_at IS NULL")


async def test_a_long_file_shows_its_first_pages_and_says_how_many_there_are(approvals: Approvals) -> None:
    assigned = await approvals.request(content=create_pdf(*[(200, 300)] * 7), media_type=PDF)

    version = await approvals.get(PETRA, assigned)

    assert version.page_count == 7
    assert [(page.number, page.width, page.height) for page in version.pages] == [
        (number, 1333, 2000) for number in (1, 2, 3)
    ]


async def test_a_picture_is_prepared_as_well(approvals: Approvals) -> None:
    assigned = await approvals.request(content=create_picture(300, 200))

    version = await approvals.get(PETRA, assigned)
    assert [(page.width, page.height) for page in version.pages] == [(300, 200)]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(b"%!PS-Adobe-3.0 EPSF-3.0", "application/postscript"), (b"%PDF-1.7 broken", "application/pdf")],
)
async def test_a_file_without_pictures_is_decided_on_by_its_download(
    approvals: Approvals, content: bytes, media_type: str
) -> None:
    assigned = await approvals.request(content=content, media_type=media_type)

    version = await approvals.get(PETRA, assigned)
    (requested,) = await approvals.told(ApprovalRequested)
    assert (version.state, version.pages, version.page_count) == ("pending", (), 0)
    assert requested.preview is None
    assert (await approvals.grant(PETRA, assigned)).state == "approved"


async def test_a_file_that_crashes_its_child_each_time_is_asked_about_without_pictures(
    approvals: Approvals, loop: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    children = []

    async def crash(module: str, *_: Any, **__: Any) -> dict[str, Any]:
        children.append(module)
        raise SandboxError("ended with -11")

    monkeypatch.setattr(preparation, "run_sandboxed", crash)
    assigned = await approvals.request()
    assert await approvals.state(assigned) == "preparing"

    for _ in range(ATTEMPTS):
        await make_due(approvals)
        assert await loop.perform_next()

    assert len(children) == ATTEMPTS
    assert await approvals.state(assigned) == "pending"
    assert len(await approvals.told(ApprovalRequested)) == 1


async def test_a_file_that_takes_too_long_is_tried_once_more_and_after_those_that_have_not_failed(
    approvals: Approvals, loop: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    slow, quick = create_picture(300, 200), create_picture(200, 300)

    async def render(module: str, asked: dict[str, Any], **limits: Any) -> dict[str, Any]:
        is_slow = asked["path"].endswith(hashlib.sha256(slow).hexdigest())
        tried.append("slow" if is_slow else "quick")
        if is_slow:
            raise SandboxTimeoutError("The file takes too long to read.")
        return await run_sandboxed(module, asked, **limits)

    monkeypatch.setattr(preparation, "run_sandboxed", render)
    assigned = await approvals.request(content=slow)
    await approvals.storage.add(quick)
    # Due before the other one for a long time.
    await approvals.pool.execute("UPDATE preparation SET due_at = now() - interval '1 hour'")
    await approvals.hear(sample_assigned(content=quick, title="Rücken"))
    await approvals.work()

    assert tried == ["slow", "quick", "slow"]
    assert await approvals.state(assigned) == "pending"
    assert len(await approvals.told(ApprovalRequested)) == 2


async def test_a_file_that_is_not_there_yet_is_waited_for(approvals: Approvals, loop: Preparation) -> None:
    content = create_picture()
    await approvals.hear(orders_changed())
    assigned = sample_assigned(content=content)
    await approvals.hear(assigned)
    for _ in range(ATTEMPTS + 2):
        await make_due(approvals)
        assert await loop.perform_next()
    assert await approvals.state(assigned) == "preparing"

    await approvals.storage.add(content)
    await make_due(approvals)
    await approvals.work()

    version = await approvals.get(CLERK, assigned)
    assert (version.state, len(version.pages)) == ("pending", 1)


async def test_a_full_storage_is_waited_for_and_not_the_files_fault(
    approvals: Approvals, loop: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def add(*_: Any) -> str:
        raise StorageUnwritableError("No space left on device")

    content = create_picture()
    await approvals.storage.add(content)
    assigned = sample_assigned(content=content)
    await approvals.hear(orders_changed(), assigned)
    with monkeypatch.context() as full:
        full.setattr(FolderStorage, "add", add)
        for _ in range(ATTEMPTS + 2):
            await make_due(approvals)
            assert await loop.perform_next()
    assert await approvals.state(assigned) == "preparing"

    await make_due(approvals)
    await approvals.work()

    version = await approvals.get(CLERK, assigned)
    assert (version.state, len(version.pages)) == ("pending", 1)


async def test_what_a_killed_process_had_in_hand_is_done_again_to_the_same_effect(
    approvals: Approvals, loop: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the pictures were stored and before it was said: the next one makes the same ones."""

    async def die(*_: Any, **__: Any) -> None:
        raise asyncio.CancelledError

    content = create_picture()
    await approvals.storage.add(content)
    await approvals.hear(orders_changed(), sample_assigned(content=content))
    with monkeypatch.context() as killed:
        killed.setattr("services.approvals.use_cases.samples.finish_preparation", die)
        with pytest.raises(asyncio.CancelledError):
            await loop.perform_next()
    files = {
        path.name for path in approvals.storage.path("0" * 64).parent.parent.rglob("*") if path.is_file()
    }
    assert not await loop.perform_next(), "the lease still runs"

    await make_due(approvals)
    await approvals.work()

    assert await approvals.state(sample_assigned(content=content)) == "pending"
    assert len(await approvals.told(ApprovalRequested)) == 1
    again = {
        path.name for path in approvals.storage.path("0" * 64).parent.parent.rglob("*") if path.is_file()
    }
    assert again == files


async def test_two_copies_at_the_same_version_count_once(
    approvals: Approvals, loop: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One lost its lease while it was at work."""
    content = create_picture()
    await approvals.storage.add(content)
    await approvals.hear(orders_changed(), sample_assigned(content=content))
    is_first_at_work, is_second_done = asyncio.Event(), asyncio.Event()

    async def render(*arguments: Any, **options: Any) -> Any:
        if not is_first_at_work.is_set():
            is_first_at_work.set()
            await is_second_done.wait()
        return await perform_here(*arguments, **options)

    monkeypatch.setattr(preparation, "run_sandboxed", render)
    first = asyncio.create_task(loop.perform_next())
    await is_first_at_work.wait()
    await make_due(approvals)
    assert await loop.perform_next()
    is_second_done.set()
    await first

    assert await approvals.history(sample_assigned(content=content)) == [
        "assigned", "order_found", "prepared", "requested",
    ]  # fmt: skip
    assert len(await approvals.told(ApprovalRequested)) == 1


async def test_copies_share_the_work(approvals: Approvals, loop: Preparation) -> None:
    contents = [create_picture(10 + number) for number in range(4)]
    await approvals.hear(orders_changed())
    for number, content in enumerate(contents):
        await approvals.storage.add(content)
        await approvals.hear(sample_assigned(content=content, title=str(number)))

    done = await asyncio.gather(*(loop.perform_next() for _ in range(4)))

    assert done == [True] * 4
    assert {row["attempts"] for row in await approvals.rows("SELECT attempts FROM preparation")} == {1}


async def test_a_version_superseded_while_it_is_prepared_asks_nobody(approvals: Approvals) -> None:
    content = create_picture()
    await approvals.storage.add(content)
    older, newer = sample_assigned(1, content=content), sample_assigned(2, content=content)
    await approvals.hear(orders_changed(), older, newer)

    await approvals.work()

    assert [event.version for event in await approvals.told(ApprovalRequested)] == [2]
    assert len((await approvals.get(CLERK, older)).pages) == 1, "the clerk can still look at it"
