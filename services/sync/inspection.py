"""Looks into a file of a stranger. Runs as a program of its own, in a child process with limits
(shared/sandbox.py), because what reads pictures and PDFs can be crashed or swamped by them.

In: {"path", "max_pages", "max_pixels"} on standard input. Out: {"format"} or {"fault": code of messages.py}.
"""

import json
import sys
import warnings
import zipfile
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

_PREVIEW_PIXELS = 200
_PASSWORD_NEEDED = 4  # FPDF_ERR_PASSWORD

# Where in a file which bytes stand, and what it is then.
_SIGNATURES = (
    (0, b"%PDF-", "pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (8, b"WEBP", "webp"),
    (0, b"%!PS", "postscript"),
    (0, b"\xc5\xd0\xd3\xc6", "postscript"),  # EPS with a preview for Windows
    (8, b"CDR", "cdr"),
)
_CDR_PARTS = {"content/riffData.cdr", "content/root.dat"}


class Fault(Exception):
    """A fault of the file; its argument is the code."""


def inspect(path: Path, *, max_pages: int, max_pixels: int) -> str:
    """The format of the file as its bytes say; raises Fault."""
    form = _format_of(path)
    if form == "pdf":
        _look_into_pdf(path, max_pages)
    elif form in {"png", "jpeg", "tiff", "webp"}:
        _look_into_picture(path, form, max_pages=max_pages, max_pixels=max_pixels)
    return form


def _format_of(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise Fault("empty")
    for offset, signature, form in _SIGNATURES:
        if head.startswith(signature, offset) and (offset == 0 or head.startswith(b"RIFF")):
            return form
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\3\4") and _is_zipped_cdr(path):
        return "cdr"
    raise Fault("kind_not_taken")


def _is_zipped_cdr(path: Path) -> bool:
    """CorelDRAW since X4 writes ZIPs. Nothing is unpacked: the list of contents is enough."""
    try:
        with zipfile.ZipFile(path) as archive:
            return not _CDR_PARTS.isdisjoint(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _look_into_pdf(path: Path, max_pages: int) -> None:
    try:
        with pdfium.PdfDocument(path) as document:
            if len(document) == 0:
                raise Fault("pdf_empty")
            if len(document) > max_pages:
                raise Fault("too_many_pages")
            for page in document:
                page.close()
            first = document[0]
            first.render(scale=_PREVIEW_PIXELS / max(*first.get_size(), 1))
    except pdfium.PdfiumError as error:
        raise Fault("pdf_password" if error.err_code == _PASSWORD_NEEDED else "pdf_broken") from error


def _look_into_picture(path: Path, form: str, *, max_pages: int, max_pixels: int) -> None:
    Image.MAX_IMAGE_PIXELS = max_pixels  # Pillow itself refuses twice as many
    try:
        with Image.open(path, formats=[form.upper()]) as picture:
            fits = picture.width * picture.height <= max_pixels
            pages = getattr(picture, "n_frames", 1)
            if fits and pages <= max_pages:
                picture.load()
    except MemoryError:
        raise
    except Image.DecompressionBombError as error:
        raise Fault("picture_too_large") from error
    except Exception as error:  # decoders raise whatever their format makes them stumble over
        raise Fault("picture_broken") from error
    if not fits:
        raise Fault("picture_too_large")
    if pages > max_pages:
        raise Fault("too_many_pages")


def main() -> None:
    warnings.simplefilter("ignore")  # nobody reads what Pillow warns of; the answer says it
    asked = json.load(sys.stdin)
    answer = {}
    try:
        answer["format"] = inspect(
            Path(asked["path"]), max_pages=asked["max_pages"], max_pixels=asked["max_pixels"]
        )
    except Fault as fault:
        answer["fault"] = str(fault)
    except MemoryError:
        answer["fault"] = "not_readable"
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
