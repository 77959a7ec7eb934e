"""Samples and records in the dealer's order folders: once, safe, and nothing of his is touched."""

import asyncio
import datetime as dt
import errno
import os
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.sync.model import OrderFolderFile
from services.sync.order_folder import OrderFolder, write_file
from services.sync.subscriptions import on_approval_recorded
from shared.api.sync import FailingFile, FailingFiles
from shared.database import create_pool, transaction
from shared.errors import ForbiddenError
from shared.events.approvals import ApprovalRecorded
from shared.events.sync import File
from shared.storage import FolderStorage
from shared.web import Identity
from tests.integration.sync.conftest import Sync, a_clerk, a_document, a_sample, pdf, sha256, uploaded

CLERK = Identity(role="clerk", clerk_code="BER")

pytestmark = pytest.mark.usefixtures("_quick_inspection")


async def assign(sync: Sync, content: bytes, **changes: Any) -> None:
    await sync.upload(content)
    answer = await sync.send(a_clerk(), a_sample(uuid4().hex, uploaded(content), **changes))
    assert answer.said == ["accepted", "accepted"]


async def failing(sync: Sync) -> tuple[FailingFile, ...]:
    return (await sync.client.get("/order-folder/failing", FailingFiles, who=CLERK)).files


async def try_again(sync: Sync) -> None:
    """As if the time until the next attempt had passed."""
    await sync.pool.execute("UPDATE order_folder_file SET next_attempt_at = now()")
    await sync.write_order_folders()


async def test_a_sample_lies_in_the_folder_of_its_order_from_the_assignment_on(sync: Sync) -> None:
    await assign(sync, pdf("a"), positions=["2"], title="Rücken")

    await sync.write_order_folders()

    assert sync.files() == {"2026/2026-1042/Freigabemuster/Pos 2 Rücken_v1.pdf": pdf("a")}
    assert await failing(sync) == ()


async def test_the_record_of_the_decision_joins_it_once(sync: Sync) -> None:
    await assign(sync, pdf("a"))
    record = pdf("record")
    await FolderStorage(sync.settings.storage_folder).add(record)
    told = approval_recorded(
        File(sha256=sha256(record), name="../Freigabe:1.pdf", media_type="application/pdf", size=9)
    )

    for _ in range(2):
        async with transaction(sync.pool) as opened:
            await on_approval_recorded(opened, told)
        await sync.write_order_folders()

    assert sync.files() == {
        "2026/2026-1042/Freigabemuster/Entwurf_v1.pdf": pdf("a"),
        "2026/2026-1042/Freigabemuster/Freigabe_1.pdf": record,
    }


def approval_recorded(record: File) -> ApprovalRecorded:
    return ApprovalRecorded(
        sample_id=uuid4(),
        version_id=uuid4(),
        version=1,
        title="",
        document_id=uuid4(),
        order_number="2026-1042",
        customer_number="10001",
        contact_id="",
        clerk_codes=("BER",),
        position_numbers=(),
        file_name="Entwurf.pdf",
        decision_id=uuid4(),
        decided_at=dt.datetime(2026, 11, 3, tzinfo=dt.UTC),
        person_name="Kim",
        person_email="kim@example.de",
        comment="",
        decision="approved",
        record=record,
    )


async def test_a_sample_whose_year_is_not_known_waits_for_its_order(sync: Sync) -> None:
    await assign(sync, pdf("a"), order="AB4711")
    await sync.write_order_folders()
    assert sync.files() == {}

    await sync.send(a_document("order", "AB4711", document_date="2024-12-30"))
    await sync.write_order_folders()

    assert sync.files() == {"2024/AB4711/Freigabemuster/Entwurf_v1.pdf": pdf("a")}


async def test_no_order_number_leads_out_of_the_root(sync: Sync) -> None:
    root = sync.settings.order_folder_root
    for count, number in enumerate(
        ["../../x", "..", "2026-/../..", "\\\\server\\x", "C:x", "CON", ".", "a" * 100]
    ):
        await sync.send(a_document(f"order {count}", number))
        await assign(sync, pdf(number), order=number)

    await sync.write_order_folders()

    written = sync.files()
    assert len(written) == 8
    assert all(len(Path(path).parts) == 4 and path.startswith("2026/") for path in written)
    assert {path.name for path in root.parent.iterdir()} == {"orders", "storage", "cdh"}


async def test_a_file_of_the_dealer_is_never_overwritten(sync: Sync) -> None:
    folder = sync.settings.order_folder_root / "2026" / "2026-1042" / "Freigabemuster"
    folder.mkdir(parents=True)
    (folder / "Entwurf_v1.pdf").write_bytes(b"the dealer's own")
    (folder / "Entwurf_v1 (2).pdf").symlink_to(folder / "Entwurf_v1.pdf")
    await assign(sync, pdf("a"))

    await sync.write_order_folders()

    assert (folder / "Entwurf_v1.pdf").read_bytes() == b"the dealer's own"
    assert (folder / "Entwurf_v1 (3).pdf").read_bytes() == pdf("a")
    assert len(list(folder.iterdir())) == 3


async def test_a_file_that_lies_there_already_is_left_alone(sync: Sync) -> None:
    """As after a kill between the writing and our record of it."""
    await assign(sync, pdf("a"))
    await sync.write_order_folders()
    await sync.pool.execute(
        "UPDATE order_folder_file SET state = 'waiting', written_at = NULL, written_as = ''"
    )

    await try_again(sync)

    assert list(sync.files()) == ["2026/2026-1042/Freigabemuster/Entwurf_v1.pdf"]
    assert await sync.pool.fetchval("SELECT state FROM order_folder_file") == "written"


async def test_two_copies_of_the_service_share_the_work_and_write_each_file_once(sync: Sync) -> None:
    contents = {f"Muster {count}": pdf(str(count)) for count in range(8)}
    for title, content in contents.items():
        await assign(sync, content, title=title)
    other_pool = await create_pool(sync.settings.database_url.get_secret_value())
    other = OrderFolder(
        other_pool,
        FolderStorage(sync.settings.storage_folder),
        root=sync.settings.order_folder_root,
        pattern=sync.settings.order_folder_pattern,
        lease=sync.settings.lease,
    )

    async def run_other() -> None:
        while await other.write_next():
            pass

    await asyncio.gather(sync.write_order_folders(), run_other())
    await other_pool.close()

    assert sync.files() == {
        f"2026/2026-1042/Freigabemuster/{title}_v1.pdf": content for title, content in contents.items()
    }
    assert await sync.pool.fetchval("SELECT max(attempts) FROM order_folder_file") == 1


def test_two_that_write_the_same_file_at_once_leave_one(tmp_path: Path) -> None:
    """As when a copy was given up for dead and still writes."""
    content = pdf("a")
    source = tmp_path / "source"
    source.write_bytes(content)
    root = tmp_path / "orders"
    root.mkdir()
    names: list[str] = []
    together = threading.Barrier(4)

    def write(attempt: int) -> None:
        together.wait()
        names.append(write_file(root, ("2026", "1042"), an_intent(content, attempts=attempt * 2), source))

    threads = [threading.Thread(target=write, args=(attempt,)) for attempt in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert names == ["a_v1.pdf"] * 4
    assert [path.name for path in (root / "2026" / "1042").iterdir()] == ["a_v1.pdf"]


FILE_ID = uuid4()


def an_intent(content: bytes, *, attempts: int = 1) -> OrderFolderFile:
    return OrderFolderFile(
        file_id=FILE_ID,
        order_number="1042",
        order_date=None,
        name="a_v1.pdf",
        sha256=sha256(content),
        attempts=attempts,
    )


def test_what_a_killed_attempt_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    content = pdf("a")
    (tmp_path / "source").write_bytes(content)
    (tmp_path / f".{FILE_ID}-1.part").write_bytes(content[:5])

    assert write_file(tmp_path, (), an_intent(content, attempts=2), tmp_path / "source") == "a_v1.pdf"

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a_v1.pdf", "source"]


def test_a_file_system_without_links_is_written_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.ENOTSUP, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    content = pdf("a")
    (tmp_path / "source").write_bytes(content)
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "a_v1.pdf").write_bytes(b"another")

    for _ in range(2):
        name = write_file(tmp_path / "orders", (), an_intent(content), tmp_path / "source")
        assert name == "a_v1 (2).pdf"

    assert {path.name: path.read_bytes() for path in (tmp_path / "orders").iterdir()} == {
        "a_v1.pdf": b"another",
        "a_v1 (2).pdf": content,
    }


async def test_a_root_that_is_missing_is_not_made_but_awaited(sync: Sync) -> None:
    root = sync.settings.order_folder_root
    root.rmdir()
    await assign(sync, pdf("a"))

    await sync.write_order_folders()

    assert not root.exists()
    (waiting,) = await failing(sync)
    assert (waiting.fault, waiting.order_number, waiting.name, waiting.attempts) == (
        "root_missing",
        "2026-1042",
        "Entwurf_v1.pdf",
        1,
    )
    assert waiting.next_attempt_at > dt.datetime.now(dt.UTC)
    root.mkdir()
    await try_again(sync)
    assert list(sync.files().values()) == [pdf("a")]
    assert await failing(sync) == ()


@pytest.mark.parametrize(
    ("call", "number", "fault"),
    [
        ("fsync", errno.ENOSPC, "disk_full"),
        ("fsync", errno.EDQUOT, "disk_full"),
        ("mkdir", errno.EROFS, "not_writable"),
    ],
)
async def test_a_folder_that_cannot_be_written_is_tried_again_and_keeps_nothing_half(
    sync: Sync, monkeypatch: pytest.MonkeyPatch, call: str, number: int, fault: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    await assign(sync, pdf("a"))
    with monkeypatch.context() as broken:
        broken.setattr(os, call, refuse)
        await sync.write_order_folders()

    assert [file.fault for file in await failing(sync)] == [fault]
    assert sync.files() == {}
    await try_again(sync)
    assert list(sync.files().values()) == [pdf("a")]


async def test_a_link_in_the_order_folder_is_not_followed(sync: Sync) -> None:
    root = sync.settings.order_folder_root
    (root.parent / "elsewhere").mkdir()
    (root / "2026").symlink_to(root.parent / "elsewhere")
    await assign(sync, pdf("a"))

    await sync.write_order_folders()

    assert [file.fault for file in await failing(sync)] == ["link_in_path"]
    assert list((root.parent / "elsewhere").iterdir()) == []


async def test_one_file_that_fails_holds_no_other_up(sync: Sync) -> None:
    await assign(sync, pdf("lost"), title="lost")
    await assign(sync, pdf("fine"), title="fine")
    (sync.settings.storage_folder / sha256(pdf("lost"))[:2] / sha256(pdf("lost"))).unlink()

    await sync.write_order_folders()

    assert list(sync.files().values()) == [pdf("fine")]
    assert [(file.fault, file.name) for file in await failing(sync)] == [("source_missing", "lost_v1.pdf")]


async def test_the_order_folder_is_never_listed(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the folder was listed")

    await assign(sync, pdf("a"))
    with monkeypatch.context() as watched:
        watched.setattr(os, "listdir", never)
        watched.setattr(os, "scandir", never)
        await sync.write_order_folders()

    assert len(sync.files()) == 1


async def test_customers_are_not_told_of_folders(sync: Sync) -> None:
    with pytest.raises(ForbiddenError):
        await sync.client.get("/order-folder/failing", FailingFiles, who=Identity(role="customer"))
