"""The operator sets the order folder's pattern, tries the folder, and has failed files tried again."""

import errno
import os
import threading
from pathlib import Path

import pytest

from services.sync import order_folder
from shared.api.sync import (
    ChangeOrderFolder,
    FailingFiles,
    FolderExample,
    FolderFault,
    FolderProbe,
    OrderFolder,
)
from shared.errors import ForbiddenError, InvalidError
from shared.web import Identity
from tests.integration.sync.conftest import Sync, a_document, pdf
from tests.integration.sync.test_order_folder import assign

OPERATOR = Identity(role="operator", name="Otto")
pytestmark = pytest.mark.usefixtures("_quick_inspection")


async def look(sync: Sync) -> OrderFolder:
    return await sync.client.get("/order-folder", OrderFolder, who=OPERATOR)


async def change(sync: Sync, pattern: str, *, who: Identity = OPERATOR) -> None:
    await sync.client.call("POST", "/order-folder", who=who, body=ChangeOrderFolder(pattern=pattern))


async def probe(sync: Sync) -> FolderFault | None:
    answer = await sync.client.post("/order-folder/probe", None, FolderProbe, who=OPERATOR)
    return answer.fault


async def example(sync: Sync, pattern: str, *, who: Identity = OPERATOR) -> str:
    query = {"pattern": pattern}
    return (await sync.client.get("/order-folder/example", FolderExample, who=who, query=query)).example


async def test_without_a_word_of_the_operator_the_environment_says_it(sync: Sync) -> None:
    shown = await look(sync)
    assert (shown.root, shown.pattern, shown.is_own) == (
        str(sync.settings.order_folder_root),
        "{year}/{order_number}",
        False,
    )
    assert shown.example == "2026/2026-1042/Freigabemuster/Pos 2 Logo_v1.pdf"


async def test_the_next_file_goes_where_the_new_pattern_says(sync: Sync) -> None:
    await assign(sync, pdf("a"))
    await sync.write_order_folders()
    await change(sync, " Auftraege/{year}/AB {order_number} ")
    await assign(sync, pdf("b"))
    await sync.write_order_folders()
    assert set(sync.files()) == {
        "2026/2026-1042/Freigabemuster/Entwurf_v1.pdf",
        "Auftraege/2026/AB 2026-1042/Freigabemuster/Entwurf_v2.pdf",
    }
    shown = await look(sync)
    assert (shown.pattern, shown.is_own) == ("Auftraege/{year}/AB {order_number}", True)


async def test_a_file_that_waited_for_its_year_needs_none_any_more(sync: Sync) -> None:
    await assign(sync, pdf("a"), order_number="A-7")
    await sync.write_order_folders()
    assert sync.files() == {}
    await change(sync, "{order_number}")
    await sync.write_order_folders()
    assert set(sync.files()) == {"A-7/Freigabemuster/Entwurf_v1.pdf"}


@pytest.mark.parametrize("pattern", ["", "  ", "{year}/{order_number}"])
async def test_nothing_or_the_same_is_the_environments_pattern_again(sync: Sync, pattern: str) -> None:
    await change(sync, "{order_number}")
    await change(sync, pattern)
    assert not (await look(sync)).is_own


@pytest.mark.parametrize(("pattern", "code"), [
    ("{year}", "placeholders"),
    ("{order_number}/{customer}", "placeholders"),
    ("{order_number!r}", "placeholders"),
    ("{order_number", "placeholders"),
    ("../{order_number}", "folders"),
    ("/{order_number}", "folders"),
    ("C:/{order_number}", "folders"),
    ("{year}//{order_number}", "folders"),
    ("CON/{order_number}", "folders"),
])  # fmt: skip
async def test_a_pattern_that_cannot_be_is_refused_and_has_no_example(
    sync: Sync, pattern: str, code: str
) -> None:
    for ask in (change, example):
        with pytest.raises(InvalidError) as refused:
            await ask(sync, pattern)
        assert refused.value.fields == {"pattern": code}
    assert not (await look(sync)).is_own


async def test_an_example_changes_nothing(sync: Sync) -> None:
    assert await example(sync, "AB/{order_number}") == "AB/2026-1042/Freigabemuster/Pos 2 Logo_v1.pdf"
    assert not (await look(sync)).is_own


async def test_a_probe_leaves_nothing_behind(sync: Sync) -> None:
    assert await probe(sync) is None
    assert list(sync.settings.order_folder_root.iterdir()) == []


async def test_a_root_that_is_missing_is_said_and_not_made(sync: Sync) -> None:
    sync.settings.order_folder_root.rmdir()
    assert await probe(sync) == "root_missing"
    assert not sync.settings.order_folder_root.exists()


@pytest.mark.parametrize(("number", "fault"), [
    (errno.EACCES, "not_writable"),
    (errno.EROFS, "not_writable"),
    (errno.ENOSPC, "disk_full"),
    (errno.EDQUOT, "disk_full"),
    (errno.EIO, "other"),
])  # fmt: skip
async def test_what_the_system_refuses_has_a_name(
    sync: Sync, monkeypatch: pytest.MonkeyPatch, number: int, fault: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", refuse)
    assert await probe(sync) == fault
    monkeypatch.undo()
    assert list(sync.settings.order_folder_root.iterdir()) == [], "what was begun is cleared away"


async def test_a_share_that_hangs_is_said_in_time(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = threading.Event()

    def hang(_root: Path) -> None:
        hanging.wait(20)

    monkeypatch.setattr(order_folder, "write_probe", hang)
    monkeypatch.setattr(order_folder, "PROBE_SECONDS", 0.1)
    assert await probe(sync) == "no_answer"
    hanging.set()


async def test_failed_files_are_tried_again_at_once(sync: Sync) -> None:
    root = sync.settings.order_folder_root
    away = root.with_name("away")
    root.rename(away)
    await assign(sync, pdf("a"))
    await sync.send(a_document("order"))
    await sync.write_order_folders()
    away.rename(root)
    await sync.write_order_folders()
    assert sync.files() == {}, "its time has not come"

    await sync.client.call("POST", "/order-folder/failing/retry", who=OPERATOR)
    await sync.write_order_folders()

    assert set(sync.files()) == {"2026/2026-1042/Freigabemuster/Entwurf_v1.pdf"}
    assert (await sync.client.get("/order-folder/failing", FailingFiles, who=OPERATOR)).files == ()


async def test_only_operators_set_the_folder(sync: Sync) -> None:
    clerk = Identity(role="clerk", clerk_code="BER")
    for ask in (
        sync.client.get("/order-folder", OrderFolder, who=clerk),
        example(sync, "{order_number}", who=clerk),
        change(sync, "{order_number}", who=clerk),
        sync.client.call("POST", "/order-folder/probe", who=clerk),
        sync.client.call("POST", "/order-folder/failing/retry", who=clerk),
    ):
        with pytest.raises(ForbiddenError):
            await ask
