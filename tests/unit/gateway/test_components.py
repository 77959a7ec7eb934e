"""The page that shows developers all pieces."""

import re
from pathlib import Path

import pytest

import services.gateway.pages

TEMPLATES = Path(services.gateway.pages.__file__).parents[1] / "templates"
SHOWN = (TEMPLATES / "components.html").read_text("utf-8")
MACROS = [
    name
    for template in sorted((TEMPLATES / "_components").glob("*.html"))
    for name in re.findall(r"macro ([a-z]\w*)", template.read_text("utf-8"))
]


@pytest.mark.parametrize("name", MACROS)
def test_every_piece_is_shown_to_developers(name: str) -> None:
    assert re.search(rf"\b{name}\(", SHOWN)
