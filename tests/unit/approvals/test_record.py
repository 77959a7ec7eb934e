"""The Freigabeprotokoll: what stands in it, always the same, and no text of a stranger acts."""

import ast
import gettext
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
import typst
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from PIL import Image

from services.approvals import record
from services.approvals.approval_text import current_text
from services.approvals.model.orders import Position
from services.approvals.model.versions import Dealer, Decision, Page, Person, Version
from services.approvals.record import RecordText, picture_name, pictures, record_content, record_name
from services.approvals.recording import LOCALE_FOLDER
from services.approvals.typesetting import missing_characters, typeset
from shared.events.sync import File, PrintDetails
from shared.i18n import formats, load_translations

SHA256 = "a3f1" * 16
DECIDED_AT = datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC)


def create_version(**changed: Any) -> Version:
    version = Version(
        version_id=UUID(int=1),
        sample_id=UUID(int=2),
        version=3,
        title="Logo vorn",
        order_number="2026-1042",
        position_numbers=("2",),
        file=File(sha256=SHA256, name="Brust.pdf", media_type="application/pdf", size=9),
        print_details=PrintDetails(method="Siebdruck", size_mm="120 x 80"),
        clerk_code="SB",
        assigned_at=DECIDED_AT,
        page_count=1,
    )
    return replace(version, **changed)


def create_decision(**changed: Any) -> Decision:
    text = current_text("de")
    decision = Decision(
        decision_id=UUID(int=3),
        decision="approved",
        decided_at=DECIDED_AT,
        person=Person(UUID(int=4), "Petra Muster", "petra@kunde.example", "Stadtwerke GmbH", "10023", "de"),
        comment="",
        approval_text=text.text,
        approval_text_version=text.version,
        positions=(
            Position(
                UUID(int=5),
                "2",
                "TS-100",
                "T-Shirt Premium",
                Decimal("1250.00"),
                "Stk",
                "royal",
                "L",
                "Druck",
            ),
        ),
    )
    return replace(decision, **changed)


def create_text(locale: str = "de", dealer: Dealer | None = None) -> RecordText:
    return RecordText(
        locale=locale,
        translations=load_translations(LOCALE_FOLDER)[locale],
        formats=formats(locale, "Europe/Berlin"),
        time_zone="Europe/Berlin",
        dealer=dealer or Dealer("Werbetextil Hansen GmbH"),
    )


def create_pages(count: int) -> list[Page]:
    return [Page(number, 700, 990, "", "") for number in range(1, count + 1)]


def make(
    folder: Path,
    *,
    version: Version | None = None,
    decision: Decision | None = None,
    pages: int = 1,
    locale: str = "de",
    dealer: Dealer | None = None,
) -> bytes:
    shown = create_pages(pages)
    for page, box in pictures(shown):
        Image.new("RGB", (box[0] // 4, box[1] // 4), "navy").save(folder / picture_name(page), "JPEG")
    content = record_content(
        version or create_version(), decision or create_decision(), shown, create_text(locale, dealer)
    )
    return typeset(content, folder, timestamp=int(DECIDED_AT.timestamp()))


def read(content: bytes) -> str:
    """The text of a PDF; lines may be broken anywhere."""
    pdf = pypdfium2.PdfDocument(io.BytesIO(content))
    try:
        text = " ".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()
    return re.sub(r"[\s\u200b\ufffe\x02]+", " ", text)


@pytest.mark.parametrize("size", [(960, 320), (960, 20), (40, 320)])
def test_the_logo_stands_at_the_head_whatever_its_form(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGBA", size, "#1d3557").save(tmp_path / "logo.png")
    plain = make(tmp_path)
    with_logo = make(tmp_path, dealer=Dealer("Werbetextil Hansen GmbH", "ab" * 32, *size))
    assert b"/Image" in with_logo
    assert with_logo.count(b"/Image") > plain.count(b"/Image")
    assert "Freigabeprotokoll" in read(with_logo)


def test_the_record_says_everything_that_a_dispute_needs(tmp_path: Path) -> None:
    text = read(make(tmp_path))

    for said in (
        "Werbetextil Hansen GmbH", "Freigabeprotokoll", "Auftrag 2026-1042", "Position 2", "Version 3",
        "Brust.pdf", SHA256, "Freigegeben", "Petra Muster", "petra@kunde.example", "Stadtwerke GmbH", "10023",
        "T-Shirt Premium", "TS-100", "1.250 Stk", "Siebdruck", "120 x 80", "Fassung de-2", "Seite 1 von",
    ):  # fmt: skip
        assert said in text, said
    assert current_text("de").text in text


def test_the_record_gives_the_time_of_the_place_and_of_the_world(tmp_path: Path) -> None:
    text = read(make(tmp_path))

    assert "02.07.2026, 00:30:05 Uhr, Europe/Berlin (UTC+02:00)" in text
    assert "2026-07-01 22:30:05" in text


def test_a_reader_of_english_gets_his_words_below_the_german_name(tmp_path: Path) -> None:
    text = read(make(tmp_path, locale="en"))

    assert "Freigabeprotokoll · Approval record" in text
    assert "Who decided, and when" in text
    assert "1,250 Stk" in text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("approved_with_changes", ("Freigegeben mit Änderungen", "gilt erst, wenn")),
        ("changes_requested", ("Korrektur nötig", "Diese Version ist nicht freigegeben.")),
    ],
)
def test_a_decision_that_is_no_clean_approval_does_not_look_like_one(
    kind: Any, words: tuple[str, ...], tmp_path: Path
) -> None:
    decision = create_decision(
        decision=kind, comment="12 mm\nstatt 10 mm", approval_text="", approval_text_version=""
    )

    text = read(make(tmp_path, decision=decision))

    for word in (*words, "12 mm statt 10 mm"):
        assert word in text


def test_the_same_decision_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()

    assert make(tmp_path / "one", pages=7) == make(tmp_path / "other", pages=7)


def test_the_record_is_made_for_archives_and_dated_by_the_decision(tmp_path: Path) -> None:
    content = make(tmp_path)

    assert b'pdfaid:part="2"' in content or b"<pdfaid:part>2</pdfaid:part>" in content
    assert b"2026-07-01T22:30:05" in content


MARKUP = (
    '#read("content.json") #import "@preview/x:1.0.0" *b* _e_ $x^2$ = Title\n- a\n+ b\n/ t: d\n`raw` <x> @x '
    'https://example.com // gone /* gone */ \\ #{1+1} [ ] ~ --- ... "q" \'q\' #eval("1") #sys.inputs \\u{41}'
)


@pytest.mark.parametrize(
    "changed",
    [
        {"comment": MARKUP},
        {"person": Person(UUID(int=4), MARKUP, MARKUP, MARKUP, MARKUP, "de")},
        {"positions": (replace(create_decision().positions[0], text=MARKUP, article_number="#a*b*"),)},
    ],
    ids=["comment", "person", "position"],
)
def test_markup_in_a_text_is_only_text(changed: dict[str, Any], tmp_path: Path) -> None:
    decision = create_decision(decision="approved_with_changes", **{"comment": "x", **changed})

    text = read(make(tmp_path, decision=decision))

    assert re.sub(r"\s+", "", MARKUP) in re.sub(r"\s+", "", text)


def test_markup_in_names_of_files_and_orders_is_only_text(tmp_path: Path) -> None:
    version = create_version(
        title="#t*", order_number="#(1+1)", file=File(sha256=SHA256, name="#f*.pdf", media_type="x", size=1)
    )

    text = read(make(tmp_path, version=version))

    for said in ("#t*", "#(1+1)", "#f*.pdf"):
        assert said in text


def test_a_character_that_no_font_has_is_spelt_out(tmp_path: Path) -> None:
    decision = create_decision(comment='So 👍 und 日本"`\\')

    text = read(make(tmp_path, decision=decision))

    assert "So [U+1F44D THUMBS UP SIGN] und [U+65E5 CJK UNIFIED IDEOGRAPH-65E5]" in text
    assert '"`\\' in text


def test_a_private_sign_that_an_archive_may_not_hold_is_spelt_out(tmp_path: Path) -> None:
    decision = create_decision(decision="changes_requested", comment="Logo \ue000 größer, nicht \uf730")

    assert "Logo [U+E000 ?] größer, nicht [U+F730 ?]" in read(make(tmp_path, decision=decision))


class CompilerPanicError(BaseException):
    """As that of Rust: no Exception."""


def test_where_the_compiler_fails_all_that_is_not_plain_is_spelt_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_it = typst.compile

    def stumble(template: Path, **options: Any) -> Any:
        if "Ж" in json.loads((tmp_path / "content.json").read_text())["comment"]:
            raise CompilerPanicError
        return compile_it(template, **options)

    monkeypatch.setattr(typst, "compile", stumble)
    decision = create_decision(decision="changes_requested", comment="Größe „Ж“ bitte")

    text = read(make(tmp_path, decision=decision))

    assert "Größe „[U+0416 CYRILLIC CAPITAL LETTER ZHE]“ bitte" in text


def test_missing_characters_are_read_from_the_compilers_words() -> None:
    said = 'the text `"👍"` could not be displayed with font\nthe text `"\\u{ad}\\"x"` could not be displayed'

    assert missing_characters(said) == frozenset('👍\u00ad"x')
    assert missing_characters("error: file not found") == frozenset()


def test_a_comment_of_the_greatest_length_and_endless_words_fits(tmp_path: Path) -> None:
    decision = create_decision(comment=("W" * 1000 + " ") * 3 + "\n" * 900 + "Ende")

    assert "Ende" in read(make(tmp_path, decision=decision))


@pytest.mark.parametrize(
    ("page_count", "pages", "said"),
    [
        (0, 0, "von dieser Art Datei gibt es keine Bilder"),
        (117, 50, "Die ersten 50 von 117 Seiten"),
        (9, 9, "Diese Bilder wurden gezeigt"),
    ],
)
def test_the_record_says_what_was_shown(page_count: int, pages: int, said: str, tmp_path: Path) -> None:
    text = read(make(tmp_path, version=create_version(page_count=page_count), pages=pages))

    assert said in text


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"title": ""}, "Freigabeprotokoll_2026-1042_Pos-2_v3.pdf"),
        ({}, "Freigabeprotokoll_2026-1042_Pos-2_Logo-vorn_v3.pdf"),
        ({"title": "", "position_numbers": ()}, "Freigabeprotokoll_2026-1042_v3.pdf"),
        ({"title": "", "position_numbers": ("1", "2")}, "Freigabeprotokoll_2026-1042_Pos-1-2_v3.pdf"),
        (
            {"title": "", "position_numbers": tuple("1234567")},
            "Freigabeprotokoll_2026-1042_Pos-1-2-3-4-5-u-a_v3.pdf",
        ),
        (
            {"title": "../../etc/passwd", "order_number": "A/7\\8:*?", "position_numbers": ()},
            "Freigabeprotokoll_A-7-8_etc-passwd_v3.pdf",
        ),
        ({"title": "x" * 300, "position_numbers": ()}, f"Freigabeprotokoll_2026-1042_{'x' * 40}_v3.pdf"),
    ],
)
def test_the_name_of_the_file_is_good_for_every_folder(changed: dict[str, Any], name: str) -> None:
    assert record_name(create_version(**changed)) == name


def test_every_word_of_the_record_has_its_german_and_no_german_is_stale() -> None:
    with (LOCALE_FOLDER / "de.po").open("rb") as source:
        catalogue = read_po(source, locale="de")
    translated = {
        message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id
    }
    spoken = {
        message if isinstance(message, str) else message[0]
        for _, message, _, _ in extract_from_file("python", str(record.__file__))
    }

    assert translated == spoken
    assert all(message.string for message in catalogue if message.id)


def test_the_template_has_no_words_of_its_own() -> None:
    template = Path(record.__file__).with_name("record.typ").read_text(encoding="utf-8")
    without_comments = re.sub(r"^//.*$", "", template, flags=re.MULTILINE)

    assert "sys.inputs" not in without_comments
    assert "eval" not in without_comments
    assert set(_words_of(without_comments)) <= {"Libertinus Serif", "DejaVu Sans Mono"}


def _words_of(template: str) -> Iterator[str]:
    """Strings with a capital letter: what a reader would see, or a font."""
    for text in re.findall(r'"(?:[^"\\]|\\.)*"', template):
        if re.search(r"[A-Z]", text):
            yield ast.literal_eval(text)


def test_a_catalogue_is_there_for_each_language() -> None:
    assert isinstance(create_text("en").translations, gettext.NullTranslations)
    assert create_text("de").translations.gettext("Page") == "Seite"
