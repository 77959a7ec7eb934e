"""Files of documents: of any kind, never looked into, handed on with a safe name."""

from shared.events.sync import Document, DocumentsChanged
from tests.integration.sync.conftest import (
    MAX_FILE_MB,
    Answer,
    Sync,
    a_clerk,
    a_document,
    a_sample,
    sha256,
    uploaded,
)
from tests.support.pdfs import LOCKED_PDF, PDF

XML = b'<?xml version="1.0"?><Invoice/>'


async def told_documents(sync: Sync) -> list[Document]:
    return [
        one for event in await sync.told() if isinstance(event, DocumentsChanged) for one in event.documents
    ]


def places(answer: Answer, number: int) -> list[str]:
    """Where the faults of one event of the batch are."""
    return [fault.place for fault in answer.results[number].errors]


async def test_a_document_takes_files_of_any_kind(sync: Sync) -> None:
    for content in (XML, LOCKED_PDF, b"MZ"):
        answer = await sync.upload(content, use="document")
        assert (answer.status, answer.body["size"]) == (200, len(content))

    files = [uploaded(XML, "RG 1.XML"), uploaded(LOCKED_PDF, "../RG 1.pdf"), uploaded(b"MZ", "CON.exe")]
    assert (await sync.send(a_document("1", files=files))).said == ["accepted"]

    (told,) = await told_documents(sync)
    assert told.files is not None
    assert [(one.name, one.media_type, one.size, one.sha256) for one in told.files] == [
        ("RG 1.XML", "application/xml", len(XML), sha256(XML)),
        ("RG 1.pdf", "application/pdf", len(LOCKED_PDF), sha256(LOCKED_PDF)),
        ("_CON.exe", "application/octet-stream", 2, sha256(b"MZ")),
    ]


async def test_a_document_that_says_nothing_of_files_leaves_them_as_they_are(sync: Sync) -> None:
    await sync.upload(XML, use="document")

    await sync.send(
        a_document("1", "A", files=[uploaded(XML, "a.xml")]),
        a_document("2", "A", subject="später"),
        a_document("3", "B"),
        a_document("4", "C", files=[]),
        a_document("5", "D", files=None),
    )

    told = {one.number: one.files for one in await told_documents(sync)}
    assert told["A"] is not None, "the later event of the batch did not take it away"
    assert (len(told["A"]), told["B"], told["C"], told["D"]) == (1, None, (), None)


async def test_a_file_of_a_document_may_be_named_by_its_path(sync: Sync) -> None:
    root = sync.settings.cdh_file_root
    assert root is not None
    (root / "Zugferd").mkdir()
    (root / "Zugferd" / "RG-1.xml").write_bytes(XML)

    answer = await sync.send(
        a_document(
            "1",
            files=[{"path": "Zugferd\\RG-1.xml"}, {"path": "Zugferd/RG-1.xml", "name": "Ihre Rechnung.xml"}],
        ),
        a_document("2", "B", files=[{"path": "Zugferd/RG-2.xml"}, {"path": "../x"}, uploaded(b"never sent")]),
    )

    assert answer.said[0] == "accepted"
    assert places(answer, 1) == [
        "/data/files/0/path",
        "/data/files/1/path",
        "/data/files/2/sha256",
    ]
    (told,) = await told_documents(sync)
    assert told.files is not None
    assert [one.name for one in told.files] == ["RG-1.xml", "Ihre Rechnung.xml"]
    assert (sync.settings.storage_folder / sha256(XML)[:2] / sha256(XML)).read_bytes() == XML


async def test_a_file_of_a_document_is_no_proof_unless_it_can_be_shown(sync: Sync) -> None:
    await sync.upload(XML, use="document")
    await sync.upload(PDF, use="document")

    answer = await sync.send(
        a_clerk(), a_sample("1", uploaded(XML, "a.pdf")), a_sample("2", uploaded(PDF), positions=["2"])
    )

    assert places(answer, 1) == ["/data/file/sha256"]
    assert answer.said[2] == "accepted"


async def test_a_file_of_a_document_is_held_to_its_hash_and_the_limit(sync: Sync) -> None:
    assert (await sync.upload(XML, name="a" * 64, use="document")).status == 422
    assert (await sync.upload(bytes(MAX_FILE_MB * 1_000_000 + 1), use="document")).status == 413
    assert (await sync.upload(XML, key="wrong", use="document")).status == 401
    assert [path for path in sync.settings.storage_folder.rglob("*") if path.is_file()] == []


async def test_a_document_with_too_many_files_is_refused(sync: Sync) -> None:
    answer = await sync.send(a_document("1", files=[{"path": str(count)} for count in range(51)]))

    assert places(answer, 0) == ["/data/files"]
