"""Keeps the catalogue of the pages up to date: `python -m deploy.extract_texts [--check]`.

Texts are found in templates and code; German words stand in services/gateway/locale/de.po. The order and
the file names in it are stable, so that a change shows as a change of words.
"""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

GATEWAY = Path(__file__).parents[1] / "services" / "gateway"
PO_FILE = GATEWAY / "locale" / "de.po"
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
FORGOTTEN_HEADERS = tuple(
    f'"{name}'.encode()
    for name in ("POT-", "PO-", "Report-", "Last-Translator", "Language-Team", "Generated-By", "Project-")
)
"""Dates and versions would make every run a change; the rest says nothing."""
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
}


def extract(folder: Path = GATEWAY) -> Catalog:
    """All texts of the pages, untranslated."""
    catalogue = Catalog(project="partner-cockpit")
    # Babel leaves out folders such as _components unless told otherwise.
    found = extract_from_dir(folder, METHODS, OPTIONS, keywords=KEYWORDS, directory_filter=lambda _: True)
    for file, _, message, _, context in sorted(found, key=lambda row: (row[0], row[1])):
        catalogue.add(message, locations=[(file, None)], context=context)  # type: ignore[list-item]  # no line numbers
    return catalogue


def updated(po_file: Path, template: Catalog) -> Catalog:
    """The German catalogue with exactly the texts of `template`; what is new has no translation yet."""
    with po_file.open("rb") as source:
        catalogue = read_po(source, locale="de", domain="messages")
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = (
        "# The German words of the pages; kept up to date by python -m deploy.extract_texts"
    )
    for message in catalogue:
        message.locations = sorted(set(message.locations))
    return catalogue


def written(catalogue: Catalog) -> bytes:
    target = io.BytesIO()
    write_po(target, catalogue, width=110, omit_header=False, sort_output=True, include_lineno=False)
    lines = target.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(FORGOTTEN_HEADERS))


def faults_of(po_file: Path = PO_FILE, folder: Path = GATEWAY) -> list[str]:
    """Sentences that say what is missing or stale; an empty list is good."""
    catalogue = updated(po_file, extract(folder))
    faults = [
        f"not translated: {message.id}"
        for message in catalogue
        if message.id and not _is_done(message.string)
    ]
    with po_file.open("rb") as source:
        known = {message.id for message in read_po(source, locale="de") if message.id}
    present = {message.id for message in catalogue if message.id}
    faults += [f"no longer used: {text}" for text in known - present]
    faults += [f"not in the catalogue: {text}" for text in present - known]
    return sorted(faults)


def _is_done(translation: str | list[str] | tuple[str, ...] | None) -> bool:
    forms = [translation] if isinstance(translation, str) else translation
    return bool(forms and all(forms))


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        faults = faults_of()
        print("\n".join(faults) or f"{PO_FILE.name} is complete.")
        return 1 if faults else 0
    catalogue = updated(PO_FILE, extract())
    PO_FILE.write_bytes(written(catalogue))
    print(f"{PO_FILE.name} has {len(catalogue)} texts.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
