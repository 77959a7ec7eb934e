"""The styles: five sizes of type, colours that have a name, and no others."""

import re

from services.gateway.pages.assets import FOLDER

SIZES = {"1rem", "inherit", "var(--small)", "var(--large)", "var(--larger)", "var(--largest)"}


def test_type_has_five_sizes() -> None:
    for style in (FOLDER / "styles").glob("*.css"):
        if style.name != "print.css":  # paper measures in points
            text = style.read_text("utf-8")
            assert set(re.findall(r"font-size: ([^;}]+)", text)) <= SIZES, style.name
            assert re.findall(r"font: (?!inherit|100%)[^;}]+", text) == [], style.name


def test_colours_are_named_in_one_place() -> None:
    for style in (FOLDER / "styles").glob("*.css"):
        if style.name not in ("ground.css", "print.css"):
            assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(", style.read_text("utf-8")) == [], style.name
