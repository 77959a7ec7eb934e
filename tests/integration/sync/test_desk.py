"""What the desk brings: the same use case, the same checks and sentences as CDH's door, without a key."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.sync.model import sample_id
from shared.api import sync as api
from shared.errors import ForbiddenError, InvalidError
from shared.events.sync import DocumentKind, PrintDetails, SampleAssigned, document_id
from shared.web import SYSTEM, Identity
from tests.integration.sync.conftest import MAX_FILE_MB, Sync, a_clerk, pdf, sha256

CLERK = Identity(role="clerk", account_id=uuid4(), name="Berta Berger", clerk_code="BER", locale="en")
OPERATOR = Identity(role="operator", account_id=uuid4(), name="Otto")
CUSTOMER = Identity(role="customer", account_id=uuid4(), customer_number="10001")
VIEWER = Identity(role="customer", customer_number="10001", viewed_by="Berta Berger")
FORM = UUID(int=1)
ORDER_ID = document_id(DocumentKind.ORDER, "2026-1042")


async def _bring(sync: Sync, content: bytes, *, who: Identity = CLERK) -> api.StoredUpload:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 100_000):
            yield content[start : start + 100_000]

    return await sync.client.send_stream("/uploads", chunks(), api.StoredUpload, who=who, seconds=20)


async def _assign(
    sync: Sync, *files: api.SampleFile, who: Identity = CLERK, form: UUID = FORM, **more: Any
) -> list[list[str]]:
    """For each file the reasons why it is refused."""
    order = {"order_number": "2026-1042", "document_id": ORDER_ID}
    body = api.AssignSamples(**{"form_key": form, "files": files} | order | more)
    answer = await sync.client.post("/samples", body, api.AssignedSamples, who=who)
    assert [one.name for one in answer.samples] == [file.name for file in files]
    return [[fault.reason for fault in one.errors] for one in answer.samples]


async def _told(sync: Sync) -> list[SampleAssigned]:
    return [event for event in await sync.told() if isinstance(event, SampleAssigned)]


async def _file(sync: Sync, text: str, name: str = "Entwurf.pdf", title: str = "") -> api.SampleFile:
    stored = await _bring(sync, pdf(text))
    return api.SampleFile(sha256=stored.sha256, name=name, title=title)


@pytest.fixture(autouse=True)
async def _clerk_is_known(sync: Sync, _quick_inspection: None) -> None:
    assert (await sync.send(a_clerk())).said == ["accepted"]


async def test_a_file_is_brought_and_known_by_its_hash(sync: Sync) -> None:
    stored = await _bring(sync, pdf("one"))

    assert (stored.sha256, stored.media_type) == (sha256(pdf("one")), "application/pdf")
    assert stored.size == len(pdf("one"))


async def test_what_is_assigned_is_told_and_goes_to_the_order_folder(sync: Sync) -> None:
    file = await _file(sync, "one", title="Rücken")
    details = PrintDetails(method="Siebdruck", colours="Pantone 286 C")

    assert await _assign(sync, file, position_numbers=("10", "2"), print_details=details) == [[]]

    [told] = await _told(sync)
    assert (told.order_number, told.position_numbers, told.title) == ("2026-1042", ("2", "10"), "Rücken")
    assert (told.clerk_code, told.version, told.print_details) == ("BER", 1, details)
    assert told.file.sha256 == file.sha256
    await sync.write_order_folders()
    assert list(sync.files()) == ["2026/2026-1042/Freigabemuster/Pos 2+10 Rücken_v1.pdf"]


async def test_a_bad_file_does_not_keep_the_good_ones_out(sync: Sync) -> None:
    good, late = await _file(sync, "good"), api.SampleFile(sha256="0" * 64, name="late.pdf")
    liar = await _file(sync, "liar", "liar.png", "B")

    reasons = await _assign(sync, late, good, liar)

    assert reasons == [
        ["This file has not been uploaded yet. Please send the file first."],
        [],
        ["The name ends in .png, but the content is PDF. Please name the file correctly."],
    ]
    assert [one.file.name for one in await _told(sync)] == ["Entwurf.pdf"]


async def test_the_same_form_again_has_the_same_answer_and_no_effect(sync: Sync) -> None:
    first, second = await _file(sync, "first"), await _file(sync, "second")
    assert await _assign(sync, first) == [[]]
    assert await _assign(sync, second, form=UUID(int=2)) == [[]]

    assert await _assign(sync, first) == [[]], "a reload after somebody assigned another version"
    assert [one.version for one in await _told(sync)] == [1, 2]
    assert await _assign(sync, first, form=UUID(int=3)) == [[]], "on purpose"
    assert [one.version for one in await _told(sync)] == [1, 2, 3]


async def test_the_same_file_may_be_a_new_version_when_the_order_changed(sync: Sync) -> None:
    file = await _file(sync, "one")
    assert await _assign(sync, file) == [[]]
    assert await _assign(sync, file, form=UUID(int=2)) == [[]]
    [first] = await _told(sync)
    for _ in range(2):
        assert await _assign(sync, file, form=UUID(int=3), sample_id=first.sample_id) == [[]]

    assert [one.version for one in await _told(sync)] == [1, 2]


async def test_the_desk_names_the_order_itself_and_not_only_its_number(sync: Sync) -> None:
    file, further = await _file(sync, "one"), document_id(DocumentKind.ORDER, "2026-1042", "2027")
    assert await _assign(sync, file) == [[]]
    assert await _assign(sync, file, form=UUID(int=2), document_id=further) == [[]]

    first, second = await _told(sync)
    assert (first.document_id, second.document_id) == (ORDER_ID, further)
    assert first.sample_id != second.sample_id, "versions are counted for each order"
    assert first.sample_id == sample_id("2026-1042", (), ""), "as CDH names it by its number"


async def test_a_double_click_assigns_once(sync: Sync) -> None:
    files = [await _file(sync, str(count), title=str(count)) for count in range(3)]

    answers = await asyncio.gather(*(_assign(sync, *files) for _ in range(5)))

    assert answers == [[[], [], []]] * 5
    assert len(await _told(sync)) == 3


async def test_a_person_without_a_short_code_assigns_for_the_orders_clerk(sync: Sync) -> None:
    file = await _file(sync, "one")

    assert await _assign(sync, file, who=OPERATOR, clerk_code="BER") == [[]]
    assert [one.clerk_code for one in await _told(sync)] == ["BER"]
    assert await _assign(sync, file, who=OPERATOR, clerk_code="XX", form=uuid4()) == [
        ["Dieses Kürzel ist nicht bekannt. Bitte zuerst den Sachbearbeiter senden, damit Mails ankommen."]
    ]


async def test_what_a_field_may_not_hold_is_said_in_the_persons_language(sync: Sync) -> None:
    file = await _file(sync, "one", title="x" * 301)

    assert await _assign(sync, file) == [["The text is too long: at most 300 characters."]]


async def test_files_are_refused_with_cdhs_sentences(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    async def find_fault(*_: object, **__: object) -> dict[str, str]:
        return {"fault": "pdf_password"}

    monkeypatch.setattr("services.sync.files.run_sandboxed", find_fault)
    with pytest.raises(InvalidError, match="The PDF is protected by a password"):
        await _bring(sync, pdf("locked"))
    with pytest.raises(InvalidError, match="The file is too large: at most 1 MB"):
        await _bring(sync, b"x" * (MAX_FILE_MB * 1_000_000 + 1))


@pytest.mark.parametrize("who", [CUSTOMER, VIEWER, SYSTEM])
async def test_only_the_dealers_people_bring_files(sync: Sync, who: Identity) -> None:
    with pytest.raises(ForbiddenError):
        await _bring(sync, pdf("one"), who=who)
    with pytest.raises(ForbiddenError):
        await _assign(sync, who=who)
