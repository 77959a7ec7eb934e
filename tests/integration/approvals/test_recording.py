"""The Freigabeprotokoll: made once per decision, whoever dies meanwhile, and told when it is there."""

import asyncio
import hashlib
import io
from typing import Any

import pypdfium2
import pytest

from services.approvals import recording
from services.approvals.recording import Recording
from services.approvals.settings import ApprovalsSettings
from shared.errors import NotFoundError
from shared.events.approvals import ApprovalGranted, ApprovalRecorded
from shared.events.gateway import BrandingChanged
from shared.events.sync import File
from shared.sandbox import SandboxError
from tests.integration.approvals.harness import (
    CLERK,
    PDF,
    PETRA,
    Approvals,
    create_pdf,
    create_person,
    create_picture,
)


@pytest.fixture
def loop(approvals: Approvals, settings: ApprovalsSettings) -> Recording:
    return Recording(approvals.pool, approvals.storage, settings)


async def make_due(approvals: Approvals) -> None:
    await approvals.pool.execute("UPDATE approval_record SET due_at = now() WHERE done_at IS NULL")


async def test_a_decision_is_recorded_and_told(approvals: Approvals) -> None:
    assigned = await approvals.request()
    with pytest.raises(NotFoundError):
        await approvals.stored(PETRA, assigned, "record")
    await approvals.grant(PETRA, assigned)
    with pytest.raises(NotFoundError):
        await approvals.stored(PETRA, assigned, "record")

    await approvals.make_records()

    (granted,), (recorded,) = await approvals.told(ApprovalGranted), await approvals.told(ApprovalRecorded)
    assert recorded.decision_id == granted.decision_id
    assert (recorded.decision, recorded.person_name) == ("approved", "Petra Muster")
    assert recorded.decided_at == granted.decided_at
    assert recorded.record.name == "Freigabeprotokoll_2026-1042_Pos-2_v1.pdf"
    stored = await approvals.stored(PETRA, assigned, "record")
    assert (stored.sha256, stored.name) == (recorded.record.sha256, recorded.record.name)
    content = await approvals.storage.read(stored.sha256)
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (stored.sha256, recorded.record.size)
    version = await approvals.get(CLERK, assigned)
    assert version.decision is not None
    assert version.decision.has_record
    assert (await approvals.history(assigned))[-1] == "recorded"


async def test_the_record_holds_the_decision_and_the_pages(approvals: Approvals) -> None:
    assigned = await approvals.request(content=create_pdf(*[(200, 300)] * 3), media_type=PDF)
    await approvals.request_changes(PETRA, assigned, "Die Nummer ist #falsch*")

    await approvals.make_records()

    (recorded,) = await approvals.told(ApprovalRecorded)
    pdf = pypdfium2.PdfDocument(io.BytesIO(await approvals.storage.read(recorded.record.sha256)))
    text = " ".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    for said in (
        "Korrektur nötig",
        "Die Nummer ist #falsch*",
        assigned.file.sha256,
        "Werbetextil Hansen GmbH",
    ):
        assert said in text
    assert "Seite 3" in text


async def test_a_reader_of_english_gets_an_english_record(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.grant(create_person(locale="en"), assigned)

    await approvals.make_records()

    (recorded,) = await approvals.told(ApprovalRecorded)
    pdf = pypdfium2.PdfDocument(io.BytesIO(await approvals.storage.read(recorded.record.sha256)))
    text = " ".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    assert "Text agreed to" in text


async def test_a_decision_heard_twice_is_recorded_once(approvals: Approvals) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)

    await approvals.make_records()
    await approvals.make_records()

    assert len(await approvals.told(ApprovalRecorded)) == 1


async def test_what_a_killed_process_had_in_hand_is_made_again_byte_for_byte(
    approvals: Approvals, loop: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the record was stored and before it was told."""

    async def die(*_: Any, **__: Any) -> None:
        raise asyncio.CancelledError

    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)
    await approvals.hear(*await approvals.told(ApprovalGranted))
    before = await count_files(approvals)
    with monkeypatch.context() as killed:
        killed.setattr("services.approvals.use_cases.records.finish_record", die)
        with pytest.raises(asyncio.CancelledError):
            await loop.perform_next()
    assert await count_files(approvals) == before + 1
    assert not await loop.perform_next(), "the lease still runs"

    await make_due(approvals)
    await approvals.work()

    assert len(await approvals.told(ApprovalRecorded)) == 1
    assert await count_files(approvals) == before + 1, "the same bytes lie there once"


async def count_files(approvals: Approvals) -> int:
    root = approvals.storage.path("0" * 64).parent.parent
    return sum(path.is_file() for path in root.rglob("*"))


async def test_a_record_that_could_not_be_made_is_tried_again(
    approvals: Approvals, loop: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: Any, **__: Any) -> dict[str, Any]:
        raise SandboxError("out of memory")

    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)
    await approvals.hear(*await approvals.told(ApprovalGranted))
    with monkeypatch.context() as crashing:
        crashing.setattr(recording, "run_sandboxed", crash)
        assert await loop.perform_next()
        assert not await loop.perform_next(), "not at once"

    await make_due(approvals)
    await approvals.work()

    assert len(await approvals.told(ApprovalRecorded)) == 1


async def test_a_decision_of_a_version_superseded_meanwhile_is_recorded_all_the_same(
    approvals: Approvals,
) -> None:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)
    await approvals.assign(2)

    await approvals.make_records()

    (recorded,) = await approvals.told(ApprovalRecorded)
    assert recorded.version == 1
    assert (await approvals.stored(PETRA, assigned, "record")).sha256 == recorded.record.sha256


def branding(revision: int = 1, **changes: Any) -> BrandingChanged:
    given = {"company_name": "Werbetex Süd GmbH", "colour": "", "revision": revision}
    return BrandingChanged(**{**given, **changes})


async def text_of_the_record(approvals: Approvals) -> str:
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)
    await approvals.make_records()
    stored = await approvals.stored(PETRA, assigned, "record")
    pdf = pypdfium2.PdfDocument(io.BytesIO(await approvals.storage.read(stored.sha256)))
    try:
        return " ".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()


async def test_the_record_bears_the_name_that_the_operator_set(approvals: Approvals) -> None:
    await approvals.hear(branding(2), branding(1, company_name="Alt GmbH"))
    text = await text_of_the_record(approvals)
    assert "Werbetex Süd GmbH" in text
    assert "Alt GmbH" not in text


async def test_without_a_name_of_the_operators_the_settings_say_it(approvals: Approvals) -> None:
    await approvals.hear(branding(company_name=""))
    assert "Werbetextil Hansen GmbH" in await text_of_the_record(approvals)


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_logo_stands_beside_the_name_and_is_missed_by_nobody(
    approvals: Approvals, *, is_there: bool
) -> None:
    content = create_picture(300, 100)
    sha256 = await approvals.storage.add(content) if is_there else "0" * 64
    logo = File(sha256=sha256, name="logo.png", media_type="image/png", size=len(content))
    await approvals.hear(branding(logo=logo, logo_width=300, logo_height=100))
    assert "Werbetex Süd GmbH" in await text_of_the_record(approvals)
