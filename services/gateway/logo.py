"""The company's logo out of the file that an operator brought. Runs in a child process with limits.

`python -m services.gateway.logo` reads {content} in base64 from standard input and prints
{content, width, height, is_pale, refusal}: a small PNG with nothing of the file in it but its picture.
"""

import base64
import io
import json
import sys
from typing import Any

from PIL import Image, ImageCms, ImageOps

BOX = (960, 320)
"""Pixels that the logo stays within: twice and more of what any page or mail shows."""
MOST_PIXELS = 40_000_000
MOST_BYTES = 200_000
"""Of a logo in full colour; a larger one has to do with 256 of them."""
_PALE = 200
"""On white, a picture this light on average is hard to see. 255 is white."""

# What Pillow raises on files that are damaged or hostile.
_UNREADABLE = (
    Image.DecompressionBombError, OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError,
    ArithmeticError, MemoryError,
)  # fmt: skip


class RefusedError(Exception):
    """There will be no logo of this file; its argument says why, in one word."""


def make_logo(content: bytes) -> dict[str, Any]:
    try:
        picture = _small(_read(content))
    except RefusedError as refusal:
        return {"content": "", "width": 0, "height": 0, "is_pale": False, "refusal": str(refusal)}
    return {
        "content": base64.b64encode(_as_png(picture)).decode(),
        "width": picture.width,
        "height": picture.height,
        "is_pale": _is_pale(picture),
        "refusal": "",
    }


def _read(content: bytes) -> Image.Image:
    if _is_drawing(content):
        raise RefusedError("drawing")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise RefusedError("too_many_pixels")
            opened.draft("RGB", BOX)  # a JPEG is reduced while it is decoded
            return _as_srgb(ImageOps.exif_transpose(opened))
    except _UNREADABLE as error:
        raise RefusedError("unreadable") from error


def _is_drawing(content: bytes) -> bool:
    """SVG is a program for a browser; it is recognised to say in plain words that it is not taken."""
    return b"<svg" in content[:2000].lower()


def _as_srgb(image: Image.Image) -> Image.Image:
    """In the colours of a screen, by the file's own profile where it has a usable one; always with alpha."""
    profile, alpha = image.info.get("icc_profile"), None
    has_clear_colour = image.mode in ("1", "L", "RGB") and "transparency" in image.info  # as a PNG may say
    if has_clear_colour or image.mode in ("P", "PA", "LA", "RGBA"):
        whole = image.convert("RGBA")
        alpha = whole.getchannel("A")
        image = whole.convert("L" if image.mode in ("L", "LA") else "RGB")
    drawing = image.convert("RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            drawing = converted or drawing
        except (ImageCms.PyCMSError, OSError, ValueError):
            drawing = image.convert("RGB")  # a broken profile is none
    drawing.putalpha(alpha or 255)
    return drawing


def _small(picture: Image.Image) -> Image.Image:
    """Without transparent margins, within the box, and without anything the file said about itself."""
    place = picture.getchannel("A").getbbox()
    if place is None:
        raise RefusedError("empty")
    picture = picture.crop(place)
    picture.thumbnail(BOX, Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", picture.size)
    clean.paste(picture)
    return clean


def _as_png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    if written.tell() > MOST_BYTES:
        written = io.BytesIO()
        picture.quantize(256, Image.Quantize.FASTOCTREE).save(written, "PNG", optimize=True)
    return written.getvalue()


def _is_pale(picture: Image.Image) -> bool:
    visible = picture.getchannel("A").point(lambda value: 255 if value > 127 else 0)
    shades = picture.convert("L").histogram(visible)
    return sum(shade * count for shade, count in enumerate(shades)) > _PALE * sum(shades)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    sys.stdout.write(json.dumps(make_logo(base64.b64decode(asked["content"]))))
