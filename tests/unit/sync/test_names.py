"""Names that reach a file system: safe everywhere, whatever came in."""

import datetime as dt
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.sync.model import (
    NAME_BYTES,
    BadFolderPatternError,
    InspectedFile,
    Problem,
    check_folder_pattern,
    in_order,
    named_file,
    numbered,
    order_folder,
    path_below,
    safe_file_name,
    safe_folder_name,
    sample_file_name,
    sample_id,
)
from shared.events.sync import File

HOSTILE = st.one_of(
    st.text(max_size=400),
    st.text(alphabet='./\\ :*?"<>|\0\n~$%ü\u202e\u200d\u0301e', max_size=60),
    st.sampled_from(
        ["..", ".", "", "CON", "nul.pdf", "COM1.tar.gz", "a" * 500, "../../etc/passwd", "C:\\x.pdf"]
    ),
)
PATTERN = "{year}/{order_number}"
DAY = dt.date(2025, 3, 1)


def is_safe(name: str) -> bool:
    """What Windows, Linux and macOS agree on."""
    reserved = re.fullmatch(
        r"(CON|PRN|AUX|NUL|(COM|LPT)[0-9¹²³])", name.partition(".")[0].strip(), re.IGNORECASE
    )
    return (
        0 < len(name.encode()) <= 255
        and name not in {".", ".."}
        and not set(name) & set('<>:"/\\|?*')
        and not any(unicodedata.category(letter).startswith("C") for letter in name)
        and name == name.strip(" ")
        and not name.endswith(".")
        and not name.startswith(".")
        and not reserved
    )


@given(HOSTILE)
@example("e\u200d\u0301")
@example("a." + "x" * 20)
def test_a_file_name_is_safe_whatever_came_in_and_stays_as_it_is_then(name: str) -> None:
    safe = safe_file_name(name)

    assert is_safe(safe)
    assert len(safe.encode()) <= NAME_BYTES
    assert safe_file_name(safe) == safe


@given(HOSTILE, st.lists(HOSTILE, max_size=4), HOSTILE, st.integers(1, 999), st.integers(1, 99))
def test_a_name_in_the_order_folder_is_safe_and_ends_in_version_and_extension(
    name: str, positions: list[str], title: str, version: int, number: int
) -> None:
    file = named_file(InspectedFile("a" * 64, 5, "pdf"), f"{name}.pdf", place="/data/file/name")
    assert isinstance(file, File)

    written = sample_file_name(file, position_numbers=tuple(positions), title=title, version=version)

    assert is_safe(file.name)
    assert is_safe(written)
    assert is_safe(numbered(written, number))
    assert written.endswith(f"_v{version}.pdf")


@given(HOSTILE, st.sampled_from([PATTERN, "{order_number}", "Aufträge/{year}/AB {order_number}"]))
def test_an_order_folder_is_never_outside_the_root(order_number: str, pattern: str) -> None:
    folder = order_folder(pattern, order_number, DAY)

    assert folder is not None
    assert len(folder) == pattern.count("/") + 2
    assert folder[-1] == "Freigabemuster"
    assert all(is_safe(part) for part in folder)


@given(HOSTILE, HOSTILE)
def test_two_orders_never_share_a_folder(one: str, other: str) -> None:
    if one != other:
        assert safe_folder_name(one) != safe_folder_name(other)
    if (
        one.casefold() != other.casefold()
    ):  # Windows takes AB1 and ab1 for one folder, as of any other program
        assert safe_folder_name(one).casefold() != safe_folder_name(other).casefold()


@given(HOSTILE)
@example("a/../../b")
@example("\\\\server\\share\\x.pdf")
@example("a//b")
@example("C:x.pdf")
@example("/etc/passwd")
def test_a_path_of_cdh_stays_below_its_folder_or_is_none(path: str) -> None:
    below = path_below(path)

    if below is not None:
        assert not below.is_absolute()
        assert ".." not in below.parts
        assert "\0" not in str(below)


@pytest.mark.parametrize("path", ["x.pdf", "Muster\\2026\\x.pdf", "Muster/2026/x.pdf"])
def test_a_path_may_be_written_as_on_windows(path: str) -> None:
    assert path_below(path) is not None


@pytest.mark.parametrize(
    "path", ["", "..\\x.pdf", "a\\..\\..\\x.pdf", "\\\\server\\x.pdf", "C:\\x.pdf", "/x.pdf", "a/"]
)
def test_a_path_that_leads_elsewhere_is_none(path: str) -> None:
    assert path_below(path) is None


def test_names_that_are_fine_stay_as_they_are() -> None:
    assert safe_file_name("Logo Vorderseite (grün).pdf") == "Logo Vorderseite (grün).pdf"
    assert safe_folder_name("2026-1042") == "2026-1042"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..\\..\\Start\\böse.pdf", "böse.pdf"),
        ("NUL.pdf", "_NUL.pdf"),
        ("com1", "_com1"),
        ("a:b?.pdf", "a_b_.pdf"),
        ("Logo. .pdf", "Logo.pdf"),
        ("gpj\u202efdp.exe", "gpjfdp.exe"),
        ("", "Datei"),
    ],
)
def test_names_that_are_not_fine_are_made_so(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe


def test_the_folder_has_the_year_of_the_order_or_the_one_in_its_number() -> None:
    assert order_folder(PATTERN, "2026-1042", DAY) == ("2025", "2026-1042", "Freigabemuster")
    assert order_folder(PATTERN, "2026-1042", None) == ("2026", "2026-1042", "Freigabemuster")
    assert order_folder(PATTERN, "AB4711", None) is None
    assert order_folder(PATTERN, "20261042", None) is None
    assert order_folder("{order_number}", "AB4711", None) == ("AB4711", "Freigabemuster")


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "{year}",
        "/{order_number}",
        "../{order_number}",
        "{year}//{order_number}",
        "{order_number}/",
        "{customer}/{order_number}",
        "{order_number!r}",
        "{order_number:>9}",
        "{order_number",
        "{}",
        "C:/{order_number}",
        "a\\{order_number}",
        "NUL/{order_number}",
    ],
)
def test_a_pattern_that_does_not_lead_to_one_folder_per_order_is_refused(pattern: str) -> None:
    with pytest.raises(BadFolderPatternError):
        check_folder_pattern(pattern)


@pytest.mark.parametrize("pattern", [PATTERN, "{order_number}", "Kunden/{year}/AB {order_number}"])
def test_a_pattern_may_have_folders_and_words_of_its_own(pattern: str) -> None:
    assert check_folder_pattern(pattern) == pattern


def test_a_name_says_positions_title_and_version() -> None:
    file = File(sha256="a" * 64, name="Entwurf final.PDF", media_type="application/pdf", size=5)

    assert sample_file_name(file, position_numbers=(), title="", version=1) == "Entwurf final_v1.PDF"
    assert (
        sample_file_name(file, position_numbers=("2", "10"), title="Rücken", version=3)
        == "Pos 2+10 Rücken_v3.PDF"
    )


@pytest.mark.parametrize(
    ("name", "version", "written"),
    [
        ("Logo_V1.pdf", 1, "Logo_v1.pdf"),
        ("Logo - v02.pdf", 2, "Logo_v2.pdf"),
        ("Logo_V3.pdf", 1, "Logo_V3_v1.pdf"),  # whose third it is only the clerk knows
        ("Rev1.pdf", 1, "Rev1_v1.pdf"),
        ("V1.pdf", 1, "V1_v1.pdf"),
    ],
)
def test_a_version_that_the_name_says_already_is_said_once(name: str, version: int, written: str) -> None:
    file = File(sha256="a" * 64, name=name, media_type="application/pdf", size=5)
    assert sample_file_name(file, position_numbers=(), title="", version=version) == written


def test_a_second_file_of_a_name_is_numbered() -> None:
    assert [numbered("Logo_v1.pdf", number) for number in (1, 2)] == ["Logo_v1.pdf", "Logo_v1 (2).pdf"]


def test_positions_count_as_people_count() -> None:
    assert in_order(["10", "2", "2", "1a", "1"]) == ("1", "1a", "2", "10")
    assert in_order(["2²", "²", "1"]) == ("²", "1", "2²")


def test_a_sample_is_order_positions_and_title() -> None:
    same = sample_id("2026-1", in_order(["2", "1"]), "Logo")

    assert same == sample_id("2026-1", in_order(["1", "2"]), "Logo")
    others = {
        sample_id("2026-2", ("1", "2"), "Logo"),
        sample_id("2026-1", ("12",), "Logo"),
        sample_id("2026-1", ("1", "2"), ""),
    }
    assert same not in others
    assert len(others) == 3


@pytest.mark.parametrize(
    ("form", "name", "kept", "media_type"),
    [
        ("pdf", "a.PDF", "a.PDF", "application/pdf"),
        ("pdf", "a.ai", "a.ai", "application/illustrator"),
        ("pdf", "a", "a.pdf", "application/pdf"),
        ("jpeg", "a.jpeg", "a.jpeg", "image/jpeg"),
        ("postscript", "a.eps", "a.eps", "application/postscript"),
        ("cdr", "a.cdr", "a.cdr", "application/vnd.corel-draw"),
    ],
)
def test_a_name_that_fits_the_bytes_is_kept(form: str, name: str, kept: str, media_type: str) -> None:
    file = named_file(InspectedFile("a" * 64, 5, form), name, place="/data/file/name")

    assert isinstance(file, File)
    assert (file.name, file.media_type) == (kept, media_type)


@pytest.mark.parametrize(
    ("form", "name"), [("png", "a.pdf"), ("pdf", "a.exe"), ("cdr", "a.ai"), ("tiff", "a.svg")]
)
def test_a_name_that_says_something_else_than_the_bytes_is_refused(form: str, name: str) -> None:
    refused = named_file(InspectedFile("a" * 64, 5, form), name, place="/data/file/name")

    assert isinstance(refused, Problem)
    assert (refused.place, refused.code) == ("/data/file/name", "wrong_extension")
