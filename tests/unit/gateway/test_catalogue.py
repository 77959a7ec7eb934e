"""The German catalogue says everything the pages say, and nothing more."""

from pathlib import Path

from deploy.extract_texts import PO_FILE, extract, faults_of, updated, written


def test_every_text_of_the_pages_has_german_words_and_none_is_stale() -> None:
    assert faults_of() == []


def test_the_catalogue_is_written_as_the_extraction_writes_it() -> None:
    catalogue = updated(PO_FILE, extract())
    assert written(catalogue) == PO_FILE.read_bytes()


def test_a_missing_and_a_stale_text_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "page.html").write_text('{{ _("A new text") }}')
    faults = faults_of(PO_FILE, tmp_path)
    assert "not translated: A new text" in faults
    assert "no longer used: Log in" in faults
