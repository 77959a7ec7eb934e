"""Files of strangers: taken when they are what they say, else refused with a sentence for clerks."""

import asyncio
import errno
import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from PIL import Image

from services.sync import files
from services.sync.settings import SyncSettings
from shared.events.sync import ClerksChanged, SampleAssigned
from shared.sandbox import SandboxError, run_sandboxed
from shared.web import ServiceClient
from tests.integration.sync.conftest import (
    MAX_FILE_MB,
    Sync,
    a_clerk,
    a_sample,
    pdf,
    sha256,
    uploaded,
)
from tests.support import DEADLINE_SECONDS
from tests.support.pdfs import LOCKED_PDF, PDF

NOT_TAKEN = "Ihrem Inhalt nach ist das keine Datei, die angenommen wird"
SHARED_PDFS = Path(__file__).parents[4] / "shared" / "data" / "pdf"


def picture(form: str, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, "white").save(written, form)
    return written.getvalue()


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_bomb(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of billions."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", pixels)
        + png_chunk(b"IEND", b"")
    )


def pdf_bomb() -> bytes:
    """Some thousand bytes; what is drawn on its page are four billion, once they are unpacked twice."""
    packer = zlib.compressobj(9)
    part = packer.compress(bytes(4_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    # What was flushed as a whole may stand there as often as one likes.
    packed = part[:2] + part[2:] * 1000 + zlib.compressobj(wbits=-15).flush()
    drawn = zlib.compress(packed, 9)
    stream = b"4 0 obj<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n" % len(drawn)
    return PDF.replace(b"/MediaBox", b"/Contents 4 0 R/MediaBox").replace(
        b"trailer", stream + drawn + b"\nendstream endobj\ntrailer"
    )


def archive(*names: str, content: bytes = b"x") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in names:
            opened.writestr(name, content)
    return written.getvalue()


def pages(count: int) -> bytes:
    kids = " ".join(f"{number} 0 R" for number in range(3, 3 + count))
    objects = [
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        f"2 0 obj<</Type/Pages/Kids[{kids}]/Count {count}>>endobj",
        *(
            f"{number} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj"
            for number in range(3, 3 + count)
        ),
    ]
    return ("%PDF-1.4\n" + "\n".join(objects) + "\ntrailer<</Root 1 0 R>>\n").encode()


@cache
def taken() -> dict[str, bytes]:
    return {
        "a.pdf": PDF,
        "b.pdf": pages(200),
        "a.png": picture("PNG"),
        "a.jpg": picture("JPEG"),
        "cmyk.jpeg": picture("JPEG", mode="CMYK"),
        "a.tif": picture("TIFF"),
        "a.webp": picture("WEBP"),
        "a.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "preview.eps": b"\xc5\xd0\xd3\xc6" + bytes(40),
        "old.ai": b"%!PS-Adobe-3.0\n%%Creator: Adobe Illustrator\n",
        "new.ai": PDF,
        "old.cdr": b"RIFF\x10\0\0\0CDR8vrsn",
        "new.cdr": archive("content/riffData.cdr", "metadata/metadata.xml"),
    }


@cache
def refused() -> dict[str, tuple[bytes, str]]:
    """Made when they are asked for: every worker reads this file."""
    return {
        "empty": (b"", "Die Datei ist leer."),
        "text": (b"Hallo", NOT_TAKEN),
        "svg": (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            NOT_TAKEN,
        ),
        "html": (
            b"<!doctype html><script>alert(1)</script>%PDF-1.4",
            NOT_TAKEN,
        ),
        "exe": (b"MZ" + bytes(100), NOT_TAKEN),
        "gif": (picture("GIF"), NOT_TAKEN),
        "docx": (archive("word/document.xml"), NOT_TAKEN),
        "broken zip": (b"PK\3\4" + bytes(100), NOT_TAKEN),
        "zip bomb": (
            archive("a", content=bytes(50_000_000)),
            NOT_TAKEN,
        ),
        "broken pdf": (b"%PDF-1.7\nnothing", "Die PDF-Datei ist beschädigt."),
        "long pdf": (pages(201), "Die Datei hat mehr als 200 Seiten."),
        "half a png": (picture("PNG", (400, 300))[:60], "Das Bild ist beschädigt."),
        "half a jpeg": (picture("JPEG", (400, 300))[:600], "Das Bild ist beschädigt."),
        "png bomb": (png_bomb(50_000, 50_000), "Das Bild hat zu viele Bildpunkte"),
        "smaller png bomb": (png_bomb(12_000, 12_000), "Das Bild hat zu viele Bildpunkte"),
        "broken tiff": (b"II*\0" + bytes(100), "Das Bild ist beschädigt."),
        "broken webp": (b"RIFF\x10\0\0\0WEBPVP8 ", "Das Bild ist beschädigt."),
    }


async def test_files_that_are_what_they_say_are_taken(sync: Sync) -> None:
    await sync.send(a_clerk())
    for name, content in taken().items():
        answer = await sync.upload(content)
        assert (name, answer.status) == (name, 200)
        assert (answer.body["sha256"], answer.body["size"]) == (sha256(content), len(content))
        assert (await sync.send(a_sample(name, uploaded(content, name)))).said == ["accepted"]


async def test_files_that_cannot_be_shown_are_refused_with_a_sentence(sync: Sync) -> None:
    for name, (content, sentence) in refused().items():
        for _ in range(2):  # the second answer comes from what was found the first time
            answer = await sync.upload(content)
            assert (name, answer.status, answer.body["message"][: len(sentence)]) == (name, 422, sentence)
        (result,) = (await sync.send(a_sample(name, uploaded(content, "a.pdf")))).results
        assert [(fault.place, fault.reason[: len(sentence)]) for fault in result.errors] == [
            ("/data/file/sha256", sentence)
        ]


async def test_a_bomb_in_a_pdf_ends_its_child_only(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "INSPECTION_MEMORY_MB", 400)  # with less to fill it is over sooner
    bomb = pdf_bomb()
    assert len(bomb) < 10_000

    answer = await sync.upload(bomb)

    assert (answer.status, answer.body["message"]) == (
        422,
        "Die Datei konnte nicht geprüft werden: sie ist beschädigt oder zu groß. Bitte einfacher speichern.",
    )
    assert (await sync.upload(pdf("small"))).status == 200


async def test_nothing_of_a_refused_file_stays(sync: Sync, settings: SyncSettings) -> None:
    content, _ = refused()["broken pdf"]
    for _ in range(2):
        assert (await sync.upload(content)).status == 422
    assert not [path for path in settings.storage_folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "name", ["pdflatex-4-pages.pdf", "cmyk-image.pdf", "habibi-rotated.pdf", "with-attachment.pdf"]
)
async def test_pdfs_of_other_programs_are_taken(sync: Sync, name: str) -> None:
    assert (await sync.upload(shared_pdf(name))).status == 200


async def test_a_pdf_that_needs_a_password_is_refused(sync: Sync) -> None:
    answer = await sync.upload(LOCKED_PDF)

    assert (answer.status, answer.body["message"]) == (
        422,
        "Die PDF-Datei ist mit einem Passwort geschützt. Bitte ohne Passwort speichern.",
    )


def shared_pdf(name: str) -> bytes:
    path = SHARED_PDFS / name
    if not path.is_file():
        pytest.skip(f"{name} lies beside the repository only where it was built: ../shared/data/pdf")
    content = path.read_bytes()
    assert len(content) <= MAX_FILE_MB * 1_000_000
    return content


async def test_a_name_that_says_something_else_is_refused(sync: Sync) -> None:
    content = picture("PNG")
    await sync.upload(content)

    answer = await sync.send(a_clerk(), a_sample("1", uploaded(content, "a.pdf")))

    assert answer.said[1] == [
        (
            "/data/file/name",
            "Der Name endet auf .pdf, der Inhalt ist aber PNG. Bitte die Datei richtig benennen.",
        )
    ]


async def test_a_file_that_was_not_uploaded_is_refused(sync: Sync) -> None:
    answer = await sync.send(a_clerk(), a_sample("1", uploaded(b"what?")))

    assert answer.said[1] == [
        ("/data/file/sha256", "Diese Datei wurde noch nicht hochgeladen. Bitte zuerst die Datei senden.")
    ]


async def test_bytes_that_are_not_the_announced_ones_are_refused_and_not_kept(sync: Sync) -> None:
    answer = await sync.upload(pdf("a"), name=sha256(pdf("b")))

    assert answer.status == 422
    assert "Prüfsumme" in answer.body["message"]
    for name in ("A" * 64, "..%2f..%2fetc", "abc"):
        assert (await sync.upload(pdf("a"), name=name)).status == 422
    assert [path for path in sync.settings.storage_folder.rglob("*") if path.is_file()] == []


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(sync: Sync) -> None:
    request = (
        f"PUT /cdh/v1/files/{'a' * 64} HTTP/1.1\r\nHost: sync\r\nAuthorization: Bearer {sync.api_key}\r\n"
        "Content-Length: 500000000\r\n\r\n"
    )
    host, _, port = sync.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request.encode())

    async with asyncio.timeout(10):  # not a byte of the file has been sent
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(line for line in head.splitlines() if line.startswith("Content-Length: "))
        body = await reader.readexactly(int(length.partition(" ")[2]))

    assert " 413 " in head.splitlines()[0]
    assert json.loads(body)["message"] == "Die Datei ist zu groß: höchstens 1 MB."
    writer.close()
    await writer.wait_closed()


async def test_a_wrong_key_is_refused_before_anything_is_sent_and_its_line_is_free_again(sync: Sync) -> None:
    async def nothing() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async def content() -> AsyncIterator[bytes]:
        yield pdf("a")

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as streams:
        gateway = ServiceClient(sync.session, sync.address, "", streams=streams)
        path = f"/cdh/v1/files/{sha256(pdf('a'))}"
        for key, body, expected in (("wrong", nothing(), 401), (sync.api_key, content(), 200)):
            headers = {"Authorization": f"Bearer {key}"}
            status, _ = await gateway.forward(
                "PUT", path, headers=headers, content=body, seconds=DEADLINE_SECONDS
            )
            assert status == expected


async def test_a_file_that_turns_out_too_large_is_refused_and_not_kept(sync: Sync) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield bytes(100_000)

    url = f"{sync.address}/cdh/v1/files/{'a' * 64}"
    headers = {"Authorization": f"Bearer {sync.api_key}"}
    async with sync.session.put(url, data=endless(), headers=headers) as answer:
        assert answer.status == 413
        assert (await answer.json())["message"] == "Die Datei ist zu groß: höchstens 1 MB."
    assert [path for path in sync.settings.storage_folder.rglob("*") if path.is_file()] == []


async def test_a_file_is_looked_into_once(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    content = pdf("a")
    await sync.upload(content)

    async def never(*_: object, **__: object) -> dict[str, Any]:
        raise AssertionError("looked into again")

    monkeypatch.setattr(files, "run_sandboxed", never)

    assert (await sync.upload(content)).status == 200
    assert (await sync.send(a_clerk(), a_sample("1", uploaded(content)))).said == ["accepted", "accepted"]


async def test_a_file_that_cannot_be_examined_is_refused_now_and_may_come_again(
    sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def swamped(*_: object, **__: object) -> dict[str, Any]:
        monkeypatch.setattr(files, "run_sandboxed", run_sandboxed)
        raise SandboxError("The file takes too long to read.")

    monkeypatch.setattr(files, "run_sandboxed", swamped)

    assert (await sync.upload(pdf("a"))).body["message"].startswith("Die Datei konnte nicht geprüft werden")
    assert (await sync.upload(pdf("a"))).status == 200


async def test_a_clerk_has_a_picture_that_browsers_show(sync: Sync) -> None:
    photo, document = picture("PNG"), pdf("a")
    await sync.upload(photo)
    await sync.upload(document)

    answer = await sync.send(
        a_clerk("1", picture={"sha256": sha256(document), "name": "a.pdf"}),
        a_clerk("2", picture={"sha256": sha256(photo), "name": "berger.png"}),
        a_clerk("3", picture={"sha256": "a" * 64, "name": "berger.png"}),
    )

    assert answer.said == [
        [("/data/picture/sha256", "Das Bild muss PNG, JPEG oder WebP sein.")],
        "accepted",
        [
            (
                "/data/picture/sha256",
                "Diese Datei wurde noch nicht hochgeladen. Bitte zuerst die Datei senden.",
            )
        ],
    ]
    (told,) = await sync.told()
    assert isinstance(told, ClerksChanged)
    assert told.clerks[0].picture is not None
    assert (told.clerks[0].picture.sha256, told.clerks[0].picture.media_type) == (sha256(photo), "image/png")


async def assign_by_path(sync: Sync, path: str, **file: str) -> list[tuple[str, str]]:
    """The places and first words of the faults; none when it was taken."""
    _, sample = (await sync.send(a_clerk(), a_sample(path[:90], {"path": path, **file}))).results
    return [(fault.place, fault.reason.split(" ")[0]) for fault in sample.errors]


async def test_a_file_may_be_named_by_its_path_as_windows_writes_it(sync: Sync) -> None:
    folder = cdh_folder(sync)
    (folder / "Muster" / "2026").mkdir(parents=True)
    (folder / "Muster" / "2026" / "Weiß.pdf").write_bytes(PDF)

    assert await assign_by_path(sync, "Muster\\2026\\Weiß.pdf") == []

    told = (await sync.told())[-1]
    assert isinstance(told, SampleAssigned)
    assert (told.file.name, told.file.sha256) == ("Weiß.pdf", sha256(PDF))
    assert (sync.settings.storage_folder / sha256(PDF)[:2] / sha256(PDF)).read_bytes() == PDF


async def test_no_path_leads_out_of_the_folder(sync: Sync) -> None:
    folder = cdh_folder(sync)
    (folder.parent / "secret.pdf").write_bytes(PDF)
    (folder / "link.pdf").symlink_to(folder.parent / "secret.pdf")
    (folder / "up").symlink_to(folder.parent)
    (folder / "folder.pdf").mkdir()
    os.mkfifo(folder / "pipe.pdf")

    outside = [("/data/file/path", "Der")]
    not_there = [("/data/file/path", "Unter")]
    for path in (
        "../secret.pdf",
        "..\\secret.pdf",
        str(folder.parent / "secret.pdf"),
        "C:\\secret.pdf",
        "\\\\server\\secret.pdf",
        "a/../../secret.pdf",
        "link.pdf",
        "up/secret.pdf",
    ):
        assert (path, await assign_by_path(sync, path)) == (path, outside)
    for path in (
        "missing.pdf",
        "missing/a.pdf",
        "folder.pdf",
        "pipe.pdf",
        "folder.pdf/a.pdf",
        "link.pdf/x",
        "x" * 300,
    ):
        assert (path, (await assign_by_path(sync, path))[0][0]) == (path, "/data/file/path")
    assert await assign_by_path(sync, "missing.pdf") == not_there


async def test_a_file_named_by_path_is_held_to_the_same_rules(sync: Sync) -> None:
    folder = cdh_folder(sync)
    (folder / "large.pdf").write_bytes(PDF + bytes(MAX_FILE_MB * 1_000_000))
    (folder / "page.html").write_bytes(b"<html>")
    (folder / "logo.png").write_bytes(PDF)

    assert await assign_by_path(sync, "large.pdf") == [("/data/file/path", "Die")]
    assert await assign_by_path(sync, "page.html") == [("/data/file/path", "Ihrem")]
    assert await assign_by_path(sync, "logo.png") == [("/data/file/path", "Der")]
    assert await assign_by_path(sync, "logo.png", name="logo.pdf") == []


async def test_a_share_that_fails_while_a_file_is_copied_costs_that_file_alone(
    sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cdh_folder(sync) / "logo.pdf").write_bytes(PDF)
    begins, read = 0, os.pread

    def fail_the_second_time(file: int, length: int, offset: int) -> bytes:
        """The first time the file is hashed, the second time it is copied."""
        nonlocal begins
        begins += offset == 0
        if begins == 2:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return read(file, length, offset)

    monkeypatch.setattr(os, "pread", fail_the_second_time)
    assert await assign_by_path(sync, "logo.pdf") == [("/data/file/path", "Unter")]
    assert begins == 2
    assert await assign_by_path(sync, "logo.pdf") == []


async def test_a_full_disk_is_said_and_nothing_stays_behind(
    sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cdh_folder(sync) / "logo.pdf").write_bytes(PDF)

    def is_full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", is_full)
        with structlog.testing.capture_logs() as logs:
            uploads = [await sync.upload(PDF), await sync.upload(PDF, use="document")]
            by_path = await sync.send(a_clerk(), a_sample("1", {"path": "logo.pdf"}))
    for answer in (*uploads, by_path):
        assert answer.status == 507
        assert "Speicher voll" in answer.body["message"]
    assert [(entry["event"], entry.get("exc_info")) for entry in logs] == [("storage_unwritable", True)] * 3
    assert [path for path in sync.settings.storage_folder.rglob("*") if path.is_file()] == []
    assert await sync.told() == []
    assert (await sync.upload(PDF)).status == 200


def cdh_folder(sync: Sync) -> Path:
    assert sync.settings.cdh_file_root is not None
    return sync.settings.cdh_file_root
