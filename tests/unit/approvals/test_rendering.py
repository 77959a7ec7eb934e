"""Pages to pictures: what files of the wild become, and what bombs do not."""

import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageCms, ImageDraw

from services.approvals.preparation import MEMORY_MB
from services.approvals.rendering import LARGE, PREVIEW, THUMB, fit, render
from shared.sandbox import run_sandboxed
from tests.support.pdfs import LOCKED_PDF

WILD = Path(__file__).parents[3].parent / "shared" / "data" / "pdf"
TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".tif": "image/tiff",
    ".webp": "image/webp",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pictures").mkdir()
    return tmp_path / "pictures"


def show(path: Path, folder: Path, *, max_pages: int = 50) -> tuple[dict[str, Any], list[Image.Image]]:
    """The answer, and the large pictures as a reader of the folder sees them."""
    answer = render(path, TYPES[path.suffix], folder, max_pages=max_pages)
    large = []
    for page in answer["pages"]:
        with Image.open(folder / f"large-{page['number']}.webp") as image:
            large.append(image.convert("RGB"))
        assert large[-1].size == (page["width"], page["height"])
        assert all(have <= limit for have, limit in zip(large[-1].size, LARGE, strict=True))
        with Image.open(folder / f"thumb-{page['number']}.webp") as thumb:
            assert all(have <= limit for have, limit in zip(thumb.size, THUMB, strict=True))
    if large:
        with Image.open(folder / "preview.jpg") as preview:
            assert preview.format == "JPEG"
            assert all(have <= limit for have, limit in zip(preview.size, PREVIEW, strict=True))
    return answer, large


def create_pdf(path: Path, *sizes: tuple[float, float]) -> Path:
    pdf = pypdfium2.PdfDocument.new()
    for width, height in sizes:
        pdf.new_page(width, height)
    pdf.save(path)
    pdf.close()
    return path


def is_like(colour: Any, wanted: tuple[int, int, int], *, by: int = 24) -> bool:
    return all(abs(one - other) <= by for one, other in zip(colour, wanted, strict=True))


@pytest.mark.parametrize(
    ("name", "pages", "shape"),
    [
        ("pdflatex-4-pages.pdf", 4, (1400, 1980)),
        ("habibi-rotated.pdf", 4, (1400, 990)),
        ("imagemagick-CCITTFaxDecode.pdf", 1, (1400, 1400)),
        ("cmyk-image.pdf", 1, (1400, 1812)),
        ("with-attachment.pdf", 1, (1400, 1980)),
        ("pdflatex-forms.pdf", 1, (1400, 1812)),
    ],
)
def test_a_pdf_of_the_wild_gets_a_picture_of_each_page(
    name: str, pages: int, shape: tuple[int, int], folder: Path
) -> None:
    if not (WILD / name).exists():
        pytest.skip("The files made by others are not here.")

    answer, large = show(WILD / name, folder)

    assert answer["page_count"] == len(large) == pages
    assert large[0].size == shape
    shades = large[0].convert("L").getextrema()
    assert shades != (255, 255), "the page is not empty"


def test_a_book_gets_pictures_of_its_first_pages_only(folder: Path) -> None:
    if not (WILD / "GeoTopo-komprimiert.pdf").exists():
        pytest.skip("The files made by others are not here.")

    answer, large = show(WILD / "GeoTopo-komprimiert.pdf", folder, max_pages=3)

    assert (answer["page_count"], len(large)) == (117, 3)


def test_a_locked_pdf_is_refused(folder: Path) -> None:
    (folder / "locked.pdf").write_bytes(LOCKED_PDF)

    answer, _ = show(folder / "locked.pdf", folder)

    assert answer == {"page_count": 0, "pages": [], "refusal": "encrypted"}


@pytest.mark.parametrize(
    ("size", "picture"),
    [
        ((200_000, 200_000), (1400, 1400)),
        ((14_400, 100), (1400, 10)),
        ((100_000, 1), (1400, 1)),
        ((1, 100_000), (1, 2000)),
        ((241, 156), (1400, 906)),
    ],
)
def test_a_page_of_any_size_becomes_a_bounded_picture(
    size: tuple[int, int], picture: tuple[int, int], folder: Path
) -> None:
    _, large = show(create_pdf(folder / "page.pdf", size), folder)

    assert large[0].size == picture
    assert is_like(large[0].getpixel((0, 0)), (255, 255, 255)), "paper is white"


def test_a_small_picture_is_not_enlarged_and_a_large_one_is_reduced(folder: Path) -> None:
    Image.new("RGB", (50, 40), "red").save(folder / "small.png")
    Image.new("RGB", (3000, 600), "red").save(folder / "wide.png")

    assert show(folder / "small.png", folder)[1][0].size == (50, 40)
    assert show(folder / "wide.png", folder)[1][0].size == (1400, 280)


def test_a_photograph_is_turned_as_its_camera_says(folder: Path) -> None:
    photo = Image.new("RGB", (80, 40), "blue")
    photo.paste("red", (0, 0, 20, 40))  # the left side, which becomes the top
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.save(folder / "photo.jpg", exif=exif, quality=95)

    _, large = show(folder / "photo.jpg", folder)

    assert large[0].size == (40, 80)
    assert is_like(large[0].getpixel((20, 5)), (255, 0, 0))
    assert is_like(large[0].getpixel((20, 70)), (0, 0, 255))


def test_what_is_transparent_is_white(folder: Path) -> None:
    drawing = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(drawing).rectangle((40, 40, 60, 60), fill=(0, 0, 200, 255))
    drawing.save(folder / "logo.png")

    _, large = show(folder / "logo.png", folder)

    assert is_like(large[0].getpixel((5, 5)), (255, 255, 255))
    assert is_like(large[0].getpixel((50, 50)), (0, 0, 200))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_a_light_drawing_stands_on_a_chequered_ground(mode: str, folder: Path) -> None:
    drawing = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(drawing).rectangle((40, 40, 60, 60), fill=(255, 255, 255, 255))
    drawing.convert(mode).save(folder / "logo.png")

    _, large = show(folder / "logo.png", folder)

    assert is_like(large[0].getpixel((5, 5)), (226, 226, 226), by=12)
    assert is_like(large[0].getpixel((50, 50)), (255, 255, 255))


def test_an_opaque_picture_with_an_alpha_channel_has_no_chequered_ground(folder: Path) -> None:
    Image.new("RGBA", (60, 60), (255, 255, 255, 255)).save(folder / "white.png")

    assert show(folder / "white.png", folder)[1][0].getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("profiled", [False, True])
def test_a_cmyk_picture_is_shown_in_colours_of_the_screen(profiled: bool, folder: Path) -> None:  # noqa: FBT001
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() if profiled else None
    Image.new("CMYK", (64, 64), (0, 255, 255, 0)).save(folder / "print.jpg", icc_profile=profile, quality=95)

    _, large = show(folder / "print.jpg", folder)

    # A profile that is not one for CMYK is no reason to show nothing.
    assert is_like(large[0].getpixel((30, 30)), (255, 0, 0), by=40)


def test_each_page_of_a_tiff_is_shown_but_no_reduced_copy(folder: Path) -> None:
    first, second = Image.new("RGB", (60, 80), "red"), Image.new("CMYK", (60, 80), (255, 255, 0, 0))
    copy = Image.new("RGB", (6, 8), "red")
    copy.encoderinfo = {"tiffinfo": {254: 1}}
    first.save(folder / "pages.tif", save_all=True, append_images=[second, copy])

    answer, large = show(folder / "pages.tif", folder)

    assert answer["page_count"] == len(large) == 2
    assert is_like(large[1].getpixel((30, 30)), (0, 0, 255))


@pytest.mark.parametrize("mode", ["I;16", "I", "F", "1", "L", "P", "LAB"])
def test_unusual_depths_keep_their_shades(mode: str, folder: Path) -> None:
    picture = Image.new(mode, (64, 64), 0)
    bright: Any = {"I;16": 65535, "I": 70000, "F": 1.5, "1": 1, "L": 255, "P": 255, "LAB": (255, 128, 128)}[
        mode
    ]
    if mode == "P":
        picture.putpalette([value for shade in range(256) for value in (shade,) * 3])
    if mode == "LAB":
        picture.paste((0, 128, 128), (0, 0, 64, 64))
    picture.paste(bright, (32, 0, 64, 64))
    picture.save(folder / "deep.tif")

    _, large = show(folder / "deep.tif", folder)

    assert is_like(large[0].getpixel((8, 32)), (0, 0, 0))
    assert is_like(large[0].getpixel((56, 32)), (255, 255, 255))


def test_a_shade_in_the_middle_of_sixteen_bits_stays_in_the_middle(folder: Path) -> None:
    Image.new("I;16", (64, 64), 32768).save(folder / "grey.png")

    assert is_like(show(folder / "grey.png", folder)[1][0].getpixel((30, 30)), (128, 128, 128), by=4)


def test_an_animation_shows_its_first_frame(folder: Path) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    frames[0].save(folder / "moving.webp", save_all=True, append_images=frames[1:])

    answer, large = show(folder / "moving.webp", folder)

    assert answer["page_count"] == 1
    assert is_like(large[0].getpixel((20, 20)), (255, 0, 0))


def test_pictures_say_nothing_of_the_place_where_a_photograph_was_taken(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Mr Meier"
    Image.new("RGB", (40, 40), "red").save(folder / "photo.jpg", exif=exif)

    show(folder / "photo.jpg", folder)

    for name in ("large-1.webp", "thumb-1.webp", "preview.jpg"):
        assert b"Meier" not in (folder / name).read_bytes()


@pytest.mark.parametrize("media_type", ["application/postscript", "image/svg+xml", "text/html"])
def test_what_can_only_be_downloaded_gets_no_pictures(media_type: str, folder: Path) -> None:
    (folder / "file").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0")

    assert render(folder / "file", media_type, folder, max_pages=5)["refusal"] == "download_only"


@pytest.mark.parametrize("suffix", TYPES)
def test_a_file_that_is_not_what_it_says_is_refused(suffix: str, folder: Path) -> None:
    path = folder / f"file{suffix}"
    path.write_bytes(b"no such file " * 100)

    assert show(path, folder)[0] == {"page_count": 0, "pages": [], "refusal": "unreadable"}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".pdf"])
def test_half_a_file_is_refused(suffix: str, folder: Path) -> None:
    path = folder / f"file{suffix}"
    if suffix == ".pdf":
        create_pdf(path, (200, 200))
        path.write_bytes(path.read_bytes()[:60])
    else:
        Image.effect_noise((200, 200), 60).convert("RGB").save(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    assert show(path, folder)[0]["refusal"] == "unreadable"


def create_png_bomb(path: Path, side: int, *, rows: int = 50) -> Path:
    """A few kilobytes that say they are `side` times `side` pixels; `rows` of them are there, in black."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    packer, row = zlib.compressobj(1), b"\0" * (3 * side + 1)
    pixels = b"".join(packer.compress(row) for _ in range(rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
    return path


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(folder: Path) -> None:
    answer, _ = show(create_png_bomb(folder / "bomb.png", 50_000), folder)

    assert answer["refusal"] == "too_large"


@pytest.mark.skipif(sys.platform == "darwin", reason="its kernel refuses a limit of memory")
async def test_a_bomb_ends_in_the_child(folder: Path) -> None:
    """A picture that is whole and does not fit into a small child: the child gives it up, not we."""
    bomb = create_png_bomb(folder / "bomb.png", 6_000, rows=6_000)
    arguments = {"path": str(bomb), "media_type": "image/png", "folder": str(folder), "max_pages": 1}

    answer = await run_sandboxed("services.approvals.rendering", arguments, seconds=60, memory_mb=150)

    assert answer["refusal"] == "unreadable"


async def test_the_child_renders_a_large_poster_within_its_memory(folder: Path) -> None:
    Image.new("RGB", (2500, 6_000), "navy").save(folder / "poster.png", compress_level=1)
    arguments = {
        "path": str(folder / "poster.png"),
        "media_type": "image/png",
        "folder": str(folder),
        "max_pages": 1,
    }

    answer = await run_sandboxed("services.approvals.rendering", arguments, seconds=60, memory_mb=MEMORY_MB)

    assert answer["pages"] == [{"number": 1, "width": 833, "height": 2000}]


@pytest.mark.parametrize(
    ("size", "fitted"),
    [((100, 50), (100, 50)), ((2800, 1400), (1400, 700)), ((2800, 8000), (700, 2000)), ((9e9, 1), (1400, 1))],
)
def test_a_size_is_fitted_into_the_box(size: tuple[float, float], fitted: tuple[int, int]) -> None:
    assert fit(size, LARGE) == fitted
