"""What becomes of an operator's picture."""

import base64
import io

import pytest
from PIL import Image

from services.gateway.logo import make_logo


@pytest.mark.parametrize(("mode", "ground", "ink"), [
    ("1", 1, 0), ("L", 255, 20), ("RGB", (255, 255, 255), (20, 60, 90)), ("P", 7, 1),
])  # fmt: skip
def test_a_colour_that_a_png_declares_transparent_is_away(
    mode: str, ground: int | tuple[int, int, int], ink: int | tuple[int, int, int]
) -> None:
    drawn = Image.new(mode, (60, 40), ground)
    drawn.paste(ink, (10, 10, 40, 20))
    if mode == "P":
        drawn.putpalette([shade for colour in range(256) for shade in (colour, colour, colour)])
    written = io.BytesIO()
    drawn.save(written, "PNG", transparency=ground if mode != "1" else 255)
    made = make_logo(written.getvalue())
    assert (made["width"], made["height"]) == (30, 10), "without the margin that nobody sees"
    with Image.open(io.BytesIO(base64.b64decode(made["content"]))) as logo:
        assert logo.convert("RGBA").getchannel("A").getextrema() == (255, 255)


def test_a_picture_without_transparency_stays_whole() -> None:
    written = io.BytesIO()
    Image.new("L", (60, 40), 255).save(written, "PNG")
    made = make_logo(written.getvalue())
    assert (made["width"], made["height"], made["is_pale"]) == (60, 40, True)
