"""Pages to pictures. Runs in a child process with limits, for the file is a stranger's: no I/O but files.

`python -m services.approvals.rendering` reads {path, media_type, folder, max_pages} from standard input,
writes `large-N.webp`, `thumb-N.webp` and `preview.jpg` into the folder, and prints
{page_count, pages: [{number, width, height}], refusal}.
"""

import io
import json
import struct
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageCms, ImageDraw, ImageOps

Box = tuple[int, int]
# Widths and heights in pixels that a picture stays within.
LARGE: Box = (1400, 2000)
THUMB: Box = (360, 720)
PREVIEW: Box = (600, 900)
WEBP_QUALITY, JPEG_QUALITY = 85, 82

PICTURES = {"image/png": ("PNG",), "image/jpeg": ("JPEG",), "image/tiff": ("TIFF",), "image/webp": ("WEBP",)}
# Decoded, a pixel takes four bytes; what is larger could not be held twice within the child's memory.
MAX_PIXELS = 120_000_000
# A JPEG is reduced while it is decoded.
MAX_JPEG_PIXELS = 500_000_000
_REDUCED_PAGE = 1  # TIFF's NewSubfileType: a small copy of another page
_NEW_SUBFILE_TYPE = 254
_CHECK_PIXELS, _CHECK_COLOUR = 12, 226
_LIGHT, _LIGHT_SHARE = 225, 0.01

# What pypdfium2 and Pillow raise on files that are damaged, locked or hostile.
_UNREADABLE = (
    pypdfium2.PdfiumError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, TypeError,
    KeyError, IndexError, EOFError, ArithmeticError, struct.error, MemoryError,
)  # fmt: skip


class RefusedError(Exception):
    """There will be no pictures of this file; its argument says why, in one word."""


def render(path: Path, media_type: str, folder: Path, *, max_pages: int) -> dict[str, Any]:
    """Write the pictures of the first `max_pages` pages."""
    try:
        with ExitStack() as opened:
            page_count, images = _open(path, media_type, opened)
            numbered = zip(range(1, max_pages + 1), images, strict=False)
            pages = [_write(image, number, folder) for number, image in numbered]
    except RefusedError as refusal:
        return {"page_count": 0, "pages": [], "refusal": str(refusal)}
    return {"page_count": page_count, "pages": pages, "refusal": ""}


def fit(size: tuple[float, float], box: Box, *, enlarge: bool = False) -> Box:
    """The size within the box that keeps the shape, at least one pixel each way."""
    width, height = size
    scale = min(box[0] / width, box[1] / height)
    if not enlarge:
        scale = min(scale, 1.0)
    return max(1, min(box[0], round(width * scale))), max(1, min(box[1], round(height * scale)))


def _open(path: Path, media_type: str, opened: ExitStack) -> tuple[int, Iterator[Image.Image]]:
    """How many pages there are, and each page as an RGB picture within LARGE."""
    if media_type == "application/pdf":
        return _open_pdf(path, opened)
    if media_type in PICTURES:
        return _open_picture(path, PICTURES[media_type], opened)
    raise RefusedError("download_only")


def _open_pdf(path: Path, opened: ExitStack) -> tuple[int, Iterator[Image.Image]]:
    try:
        pdf = pypdfium2.PdfDocument(path)
        opened.callback(pdf.close)
        pdf.init_forms()
        page_count = len(pdf)
    except _UNREADABLE as error:
        raise RefusedError("encrypted" if "password" in str(error).lower() else "unreadable") from error

    def images() -> Iterator[Image.Image]:
        for index in range(page_count):
            try:
                yield _render_page(pdf, index)
            except _UNREADABLE as error:
                raise RefusedError("unreadable") from error

    return page_count, images()


def _render_page(pdf: pypdfium2.PdfDocument, index: int) -> Image.Image:
    """Whatever its size in points, the picture is bounded. Paper is white."""
    page = pdf[index]
    width, height = page.get_size()
    target = fit((width, height), LARGE, enlarge=True)
    bitmap = page.render(scale=min(target[0] / width, target[1] / height), may_draw_forms=True)
    image: Image.Image = bitmap.to_pil().convert("RGB")
    bitmap.close()
    page.close()
    # PDFium rounds up; a page that is a line only would be stretched to one pixel.
    return image if image.size == target else image.resize(target, Image.Resampling.LANCZOS)


def _open_picture(
    path: Path, formats: tuple[str, ...], opened: ExitStack
) -> tuple[int, Iterator[Image.Image]]:
    Image.MAX_IMAGE_PIXELS = None  # MAX_PIXELS stands for it, without a warning
    try:
        picture = opened.enter_context(Image.open(path, formats=formats))
        frames = _page_frames(picture)
    except _UNREADABLE as error:
        raise RefusedError("unreadable") from error

    def images() -> Iterator[Image.Image]:
        for frame in frames:
            try:
                picture.seek(frame)
                yield _picture_page(picture)
            except _UNREADABLE as error:
                raise RefusedError("unreadable") from error

    return len(frames), images()


def _page_frames(picture: Image.Image) -> list[int]:
    """Only a TIFF has pages; other formats have frames of an animation, of which the first is shown."""
    if picture.format != "TIFF":
        return [0]
    pages = []
    for frame in range(getattr(picture, "n_frames", 1)):
        picture.seek(frame)
        if not picture.tag_v2.get(_NEW_SUBFILE_TYPE, 0) & _REDUCED_PAGE:  # type: ignore[attr-defined] # a TIFF has tags
            pages.append(frame)
    return pages or [0]


def _picture_page(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    is_jpeg = picture.format in {"JPEG", "MPO"}
    if picture.width * picture.height > (MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS):
        raise RefusedError("too_large")
    if is_jpeg:
        picture.draft(None, (max(LARGE), max(LARGE)))  # None keeps the mode
        if picture.width * picture.height > MAX_PIXELS:
            raise RefusedError("too_large")
    ImageOps.exif_transpose(picture, in_place=True)  # a copy would not fit beside the largest ones
    image = _eight_bits(picture)
    image = image.resize(fit(image.size, LARGE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if image.mode in {"RGBA", "LA"}:
        return _on_ground(image, profile)
    return _as_srgb(image, profile)


def _eight_bits(image: Image.Image) -> Image.Image:
    """A mode that can be scaled smoothly: L, LA, RGB, RGBA, CMYK or LAB."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in {"I", "F"}:
        low, high = image.getextrema()
        span = float(high) - float(low) or 1.0  # type: ignore[arg-type] # one band, so two numbers
        scale, offset = 255 / span, -float(low) * 255 / span  # type: ignore[arg-type] # as above
        return image.point(lambda value: value * scale + offset).convert("L")
    if image.mode in {"L", "LA", "RGB", "RGBA", "CMYK", "LAB"}:
        return image.convert("RGBA") if "transparency" in image.info and image.mode in {"L", "RGB"} else image
    if image.mode == "1":
        return image.convert("L")
    has_alpha = image.mode in {"PA", "La", "RGBa"} or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _as_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In the colours of a screen, by the file's own profile where it has a usable one."""
    srgb = ImageCms.createProfile("sRGB")
    try:
        if profile:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        elif image.mode == "LAB":
            source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        else:
            return image.convert("RGB")
        converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert("RGB")
    return converted if converted is not None else image.convert("RGB")


def _on_ground(image: Image.Image, profile: bytes | None) -> Image.Image:
    """What is transparent is white; a light drawing would vanish there, so it gets a chequered ground."""
    alpha = image.getchannel("A")
    drawing = _as_srgb(image.convert("RGB") if image.mode == "RGBA" else image.convert("L"), profile)
    ground = Image.new("RGB", image.size, "white")
    if _has_light_parts(drawing, alpha):
        _draw_checks(ground)
    ground.paste(drawing, mask=alpha)
    return ground


def _has_light_parts(drawing: Image.Image, alpha: Image.Image) -> bool:
    if alpha.getextrema()[0] == 255:
        return False  # nothing is transparent
    visible = alpha.point(lambda value: 255 if value > 127 else 0)
    shades = drawing.convert("L").histogram(visible)
    return sum(shades[_LIGHT:]) > _LIGHT_SHARE * sum(shades)


def _draw_checks(ground: Image.Image) -> None:
    draw = ImageDraw.Draw(ground)
    for row, top in enumerate(range(0, ground.height, _CHECK_PIXELS)):
        for left in range(row % 2 * _CHECK_PIXELS, ground.width, 2 * _CHECK_PIXELS):
            corners = (left, top, left + _CHECK_PIXELS - 1, top + _CHECK_PIXELS - 1)
            draw.rectangle(corners, fill=(_CHECK_COLOUR,) * 3)


def _write(image: Image.Image, number: int, folder: Path) -> dict[str, int]:
    image.info.clear()  # no profile, no place where a photograph was taken
    image.save(folder / f"large-{number}.webp", "WEBP", quality=WEBP_QUALITY, method=0)
    thumb = image.resize(fit(image.size, THUMB), Image.Resampling.LANCZOS, reducing_gap=2.0)
    thumb.save(folder / f"thumb-{number}.webp", "WEBP", quality=WEBP_QUALITY, method=0)
    if number == 1:
        preview = image.resize(fit(image.size, PREVIEW), Image.Resampling.LANCZOS, reducing_gap=2.0)
        preview.save(folder / "preview.jpg", "JPEG", quality=JPEG_QUALITY)
    return {"number": number, "width": image.width, "height": image.height}


def perform(given: dict[str, Any]) -> dict[str, Any]:
    return render(
        Path(given["path"]), given["media_type"], Path(given["folder"]), max_pages=given["max_pages"]
    )


if __name__ == "__main__":
    json.dump(perform(json.load(sys.stdin)), sys.stdout)
