"""Sets the Freigabeprotokoll. Runs in a child process with limits: it holds pictures and text of strangers.

`python -m services.approvals.typesetting` reads {folder, content, pictures, logo, timestamp} from standard
input and writes `record.pdf` into the folder. The same input gives the same bytes.
"""

import ast
import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import typst
from PIL import Image

TEMPLATE = Path(__file__).with_name("record.typ")
JPEG_QUALITY = 82
_LONGEST_WORD = 40
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")
_MISSING = re.compile(r'the text (`".*?"`) could not be displayed', re.DOTALL)
_ZERO_WIDTH_SPACE = "\u200b"


def typeset(content: dict[str, Any], folder: Path, *, timestamp: int) -> bytes:
    """The record as PDF/A; `timestamp`, in seconds, is its only date. Pictures lie in the folder.

    Whatever somebody has typed, there is a record: what cannot be shown is spelled out, at last everything
    that is not plain.
    """
    content = map_text(content, lambda text: _spell_out(_breakable(text), _is_private))
    shutil.copyfile(TEMPLATE, folder / "record.typ")
    try:
        return _compile(content, folder, timestamp)
    except BaseException as error:  # noqa: BLE001 - a panic of the compiler is no Exception
        missing = missing_characters(getattr(error, "diagnostic", ""))
    if missing:
        with suppress(typst.TypstError):
            spelled = map_text(content, lambda text: _spell_out(text, missing.__contains__))
            return _compile(spelled, folder, timestamp)
    plain = map_text(content, lambda text: _spell_out(text, lambda character: not _is_plain(character)))
    return _compile(plain, folder, timestamp)


def _is_private(character: str) -> bool:
    """For use by agreement only: an archive may not hold them, even where a font has a picture for them."""
    return unicodedata.category(character) == "Co"


def _is_plain(character: str) -> bool:
    """European letters with their dashes and quotation marks, which our fonts have."""
    return character < "\u0180" or "\u2010" <= character <= "\u2026" or character in {"€", _ZERO_WIDTH_SPACE}


def missing_characters(diagnostic: str) -> frozenset[str]:
    """The characters that no font of ours has, out of the compiler's words."""
    quoted = (match.strip("`") for match in _MISSING.findall(diagnostic))
    return frozenset(
        "".join(ast.literal_eval(re.sub(r"\\u\{([0-9a-f]+)\}", _python_escape, text)) for text in quoted)
    )


def _python_escape(match: re.Match[str]) -> str:
    return f"\\U{int(match.group(1), 16):08x}"


def _spell_out(text: str, is_unshown: Callable[[str], bool]) -> str:
    """A character that cannot be shown, by its name: the reader sees that there is one, and which."""
    return "".join(
        f"[U+{ord(character):04X} {unicodedata.name(character, '?')}]" if is_unshown(character) else character
        for character in text
    )


def _breakable(text: str) -> str:
    """Long words may be broken anywhere, so that they do not run over the edge. A hash stays whole."""

    def break_up(match: re.Match[str]) -> str:
        word = match.group()
        if re.fullmatch(r"[0-9a-f]{64}", word):
            return word
        return _ZERO_WIDTH_SPACE.join(word[at : at + 8] for at in range(0, len(word), 8))

    return _LONG_WORD.sub(break_up, text)


def map_text(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [map_text(one, change) for one in value]
    if isinstance(value, dict):
        return {key: map_text(one, change) for key, one in value.items()}
    return value


def _compile(content: dict[str, Any], folder: Path, timestamp: int) -> bytes:
    (folder / "content.json").write_text(json.dumps(content), encoding="utf-8")
    record: bytes = typst.compile(
        folder / "record.typ",
        root=folder,
        ignore_system_fonts=True,
        timestamp=timestamp,
        # for archives, and for readers that speak; both want a glyph for each character
        pdf_standards=["a-2a", "ua-1"],
    )
    return record


def _add_picture(picture: dict[str, Any], folder: Path) -> None:
    with Image.open(picture["path"]) as image:
        image.thumbnail(picture["box"])
        image.convert("RGB").save(folder / picture["name"], "JPEG", quality=JPEG_QUALITY)


def perform(given: dict[str, Any]) -> dict[str, Any]:
    folder = Path(given["folder"])
    for picture in given["pictures"]:
        _add_picture(picture, folder)
    if given["logo"]:
        shutil.copyfile(given["logo"], folder / "logo.png")
    record = typeset(given["content"], folder, timestamp=given["timestamp"])
    (folder / "record.pdf").write_bytes(record)
    return {}


if __name__ == "__main__":
    json.dump(perform(json.load(sys.stdin)), sys.stdout)
