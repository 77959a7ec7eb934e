"""The rules of sync: what makes a sample, which files are taken, and names that are safe on every system.

Pure. A name that reaches a file system is made here, never taken as it came.
"""

import datetime as dt
import hashlib
import json
import re
import string
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal
from uuid import NAMESPACE_OID, UUID, uuid5

from shared.events.sync import DocumentKind, File, document_id
from shared.sorting import as_people_count

SAMPLE_FOLDER = "Freigabemuster"
MAX_PAGES = 200
MAX_PIXELS = 100_000_000
NAME_LENGTH = 100  # letters, so that root, folders and name stay below the 260 of Windows
NAME_BYTES = 200

_SAMPLES = uuid5(NAMESPACE_OID, "partner-cockpit/samples")
_FORBIDDEN = re.compile(r'[<>:"|?*/\\]')
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])", re.IGNORECASE)
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,10})")
_YEAR = re.compile(r"(20[0-9]{2})[^0-9]")

# Format (as its bytes say) to the extensions it may have, and what each is called in HTTP. The first
# extension is the usual one. PDFs, PostScript and CDR that a program of its own opens are download only.
FORMATS: Mapping[str, Mapping[str, str]] = {
    "pdf": {"pdf": "application/pdf", "ai": "application/illustrator"},
    "png": {"png": "image/png"},
    "jpeg": {"jpg": "image/jpeg", "jpeg": "image/jpeg"},
    "tiff": {"tif": "image/tiff", "tiff": "image/tiff"},
    "webp": {"webp": "image/webp"},
    "postscript": {"eps": "application/postscript", "ai": "application/illustrator"},
    "cdr": {"cdr": "application/vnd.corel-draw"},
}
FORMAT_NAMES = {"jpeg": "JPEG", "postscript": "PostScript (EPS)", "cdr": "CorelDRAW (CDR)", "webp": "WebP"}
_ATTACHED_TYPES = {
    "pdf": "application/pdf",
    "xml": "application/xml",
    "zip": "application/zip",
    "csv": "text/csv",
    "txt": "text/plain",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}
"""What the files of documents are called in HTTP, by the endings of their names."""
PICTURE_FORMATS = frozenset({"png", "jpeg", "webp"})


@dataclass(frozen=True)
class Problem:
    """Why something is refused: a JSON pointer, and the code and values of a sentence in messages.py."""

    place: str
    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InspectedFile:
    """What the inspection found: a format of FORMATS, or the code of the fault. `size` in bytes."""

    sha256: str
    size: int
    format: str
    fault: str = ""

    @property
    def media_type(self) -> str:
        return next(iter(FORMATS[self.format].values()))


@dataclass(frozen=True)
class OrderFolderFile:
    """A file that has to go into an order's folder. `attempts` counts the one that is being made."""

    file_id: UUID
    order_number: str
    order_date: dt.date | None
    name: str
    sha256: str
    attempts: int


@dataclass(frozen=True)
class KnownCustomer:
    """What sync has to know of a customer before somebody of his can be invited: who has an address."""

    customer_number: str
    has_email: bool
    contact_ids: frozenset[str]
    contact_ids_with_email: frozenset[str]

    def fault_of(self, *, contact_id: str, email: str) -> tuple[str, str] | None:
        """Field and code of what keeps a person from being invited. Without an address of its own the
        contact's counts, without that the customer's.
        """
        if contact_id and contact_id not in self.contact_ids:
            return "contact_id", "unknown_contact"
        if email or self.has_email or contact_id in self.contact_ids_with_email:
            return None
        return "email", "no_address"


@dataclass(frozen=True)
class KnownGroup:
    """A status group that statuses may belong to."""

    group_id: str
    kind: str
    is_default: bool


class BadFolderPatternError(ValueError):
    """The pattern of the order folders cannot be used; `code` says what is wrong with it."""

    def __init__(self, code: Literal["placeholders", "folders"], message: str) -> None:
        super().__init__(message)
        self.code = code


def named_file(inspected: InspectedFile, name: str, *, place: str) -> File | Problem:
    """The file under a safe name; a Problem when the name says something else than the bytes."""
    stem, extension = _split(safe_file_name(name))
    extensions = FORMATS[inspected.format]
    if not extension:
        extension = next(iter(extensions))
    if extension.lower() not in extensions:
        is_really = FORMAT_NAMES.get(inspected.format, inspected.format.upper())
        return Problem(place, "wrong_extension", {"extension": f".{extension}", "format": is_really})
    return File(
        sha256=inspected.sha256,
        name=f"{stem}.{extension}",
        media_type=extensions[extension.lower()],
        size=inspected.size,
    )


def attached_file(sha256: str, name: str, *, size: int) -> File:
    """A file of a document under a safe name. Its bytes are not looked into: it is only handed out."""
    safe = safe_file_name(name)
    extension = _split(safe)[1].lower()
    media_type = _ATTACHED_TYPES.get(extension, "application/octet-stream")
    return File(sha256=sha256, name=safe, media_type=media_type, size=size)


def in_order(position_numbers: Iterable[str]) -> tuple[str, ...]:
    """Each once, sorted as people count: 2 before 10."""
    return tuple(sorted(set(position_numbers), key=as_people_count))


def sample_id(
    order_number: str, position_numbers: tuple[str, ...], title: str, *, order_id: UUID | None = None
) -> UUID:
    """One sample is an order, the chosen positions (in_order) and a title: what is assigned again under
    these is its next version. The order is its number, unless `order_id` says that it is a further one of
    that number."""
    is_further = order_id is not None and order_id != document_id(DocumentKind.ORDER, order_number)
    further = [str(order_id)] if is_further else []
    return uuid5(_SAMPLES, json.dumps([order_number, position_numbers, title, *further]))


def version_id(sample: UUID, version: int) -> UUID:
    return uuid5(sample, str(version))


def sample_file_name(file: File, *, position_numbers: tuple[str, ...], title: str, version: int) -> str:
    """The name in the order folder: "Pos 2+3 Vorderseite_v1.pdf", without positions for the whole order.

    A version that the words say already is not said twice.
    """
    stem, extension = _split(file.name)
    positions = f"Pos {'+'.join(position_numbers)} " if position_numbers else ""
    words = re.sub(rf"(?<=\w)[ _-]+v0*{version}$", "", title or stem, flags=re.IGNORECASE)
    return _joined(_clean(f"{positions}{words}"), f"_v{version}.{extension}")


def safe_file_name(name: str) -> str:
    """A name that Windows, Linux and macOS take, without folders; the extension stays."""
    stem, extension = _split(_clean(re.split(r"[/\\]", name)[-1]))
    return _joined(stem or "Datei", f".{extension}" if extension else "")


def safe_folder_name(name: str) -> str:
    """A name for a folder. What had to be changed gets a mark, so that two orders never share a folder.

    Unless their numbers differ only in capitals, on a drive that takes these for one: a mark there would lead
    ordinary numbers ("2026-1042a") away from the folder that the dealer has.
    """
    safe = _joined(_clean(name), "")
    return safe if safe == name else f"{safe}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def numbered(name: str, number: int) -> str:
    """The name to take when another file has it: "Logo_v1 (2).pdf"."""
    if number == 1:
        return name
    stem, extension = _split(name)
    return f"{stem} ({number}).{extension}" if extension else f"{stem} ({number})"


def check_folder_pattern(pattern: str) -> str:
    """The pattern, if it leads below the root and names the order; raises BadFolderPatternError."""
    try:
        fields = [
            found for _, found, form, conversion in string.Formatter().parse(pattern) if found is not None
        ]
        plain = all(
            not form and not conversion for _, _, form, conversion in string.Formatter().parse(pattern)
        )
    except ValueError as error:
        raise BadFolderPatternError("placeholders", f"{pattern!r}: {error}") from error
    if not plain or not set(fields) <= {"year", "order_number"} or "order_number" not in fields:
        raise BadFolderPatternError(
            "placeholders",
            f"{pattern!r} must contain {{order_number}}, may contain {{year}}, and nothing else in braces",
        )
    for part in pattern.split("/"):
        literal = part.replace("{year}", "2026").replace("{order_number}", "1")
        if _clean(literal) != literal or not literal or _RESERVED.fullmatch(literal.partition(".")[0]):
            raise BadFolderPatternError(
                "folders", f"{pattern!r} must be folders below the root, divided by single slashes"
            )
    return pattern


def needs_year(pattern: str) -> bool:
    return "{year}" in pattern


def order_folder(pattern: str, order_number: str, order_date: dt.date | None) -> tuple[str, ...] | None:
    """The folders below the root, down to the one for samples; None while the year is not known.

    Until the order has arrived, its number may say the year ("2026-1042").
    """
    in_number = _YEAR.match(order_number)
    year = str(order_date.year) if order_date else in_number[1] if in_number else None
    if year is None and needs_year(pattern):
        return None
    values = {"year": year or "", "order_number": order_number}
    return (*(safe_folder_name(part.format(**values)) for part in pattern.split("/")), SAMPLE_FOLDER)


def example_path(pattern: str) -> str:
    """Where a sample of an order of today's kind would lie, below the root."""
    folder = order_folder(pattern, "2026-1042", dt.date(2026, 11, 21)) or ()
    return "/".join((*folder, "Pos 2 Logo_v1.pdf"))


def path_below(path: str) -> PurePosixPath | None:
    """A path as Windows or Linux writes it, if it is relative and never leads up; else None."""
    parts = path.replace("\\", "/").split("/")
    if (
        any(part in {"", ".", ".."} or "\0" in part or part.endswith(":") for part in parts)
        or ":" in parts[0]
    ):
        return None
    return PurePosixPath(*parts)


def _clean(text: str) -> str:
    """Without invisible and forbidden letters, and without dots and spaces at the ends."""
    text = "".join(" " if letter in "\t\r\n" else letter for letter in unicodedata.normalize("NFC", text))
    text = "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")
    text = unicodedata.normalize("NFC", text)  # again: letters that were apart may stand side by side now
    return " ".join(_FORBIDDEN.sub("_", text).split()).strip(". ")


def _joined(stem: str, ending: str) -> str:
    """Stem and ending, short enough, and no device of Windows."""
    if not stem or _RESERVED.fullmatch(stem.partition(".")[0].strip()):
        stem = f"_{stem}"
    stem = stem[: NAME_LENGTH - len(ending)]
    while len(f"{stem}{ending}".encode()) > NAME_BYTES:
        stem = stem[:-1]
    return f"{stem.rstrip('. ')}{ending}"


def _split(name: str) -> tuple[str, str]:
    """Stem and extension, which is letters and digits or nothing."""
    stem, dot, extension = name.rpartition(".")
    if stem and _EXTENSION.fullmatch(dot + extension):
        return stem.rstrip(". "), extension
    return name, ""
