"""How a page looks: at its widths, in a picture, to a thumb, to axe.

The pictures land in build/screenshots: look at them.
"""

from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

WIDTHS = (1280, 360)
LOCALES = ("de-DE", "en-GB")
# axe sees each width and each language once: a fault of the layout is there in both languages, one of the
# words at both widths, and what wraps or overlaps shows where the longer words have less room.
AXE_WIDTHS = {"de": (360, 1600), "en": (1280,)}
PICTURES = Path(__file__).parent.parent.parent / "build" / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Only the faults leave the browser: all that axe says of what is right is many times the page.
# The rows of a list come from one template: whatever is wrong with the eleventh is wrong with the first ten.
FAULTS = """async (options) => {
  const found = await axe.run({exclude: ["main :is(tr, li):nth-child(n + 11)"]}, options);
  return found.violations.map(({id, nodes}) => `${id}: ${nodes[0].html}`);
}"""
# What has the focus may have scrolled it down.
FROM_ITS_TOP = "(scrollTo(0, 0), [innerWidth, document.documentElement.scrollHeight])"
MOST_PIXELS = 2_400_000
TARGET = 44  # pixels of what a thumb meets
# A link within a sentence may be as high as its line.
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, summary")]
  .filter((one) => one.checkVisibility() && getComputedStyle(one, "::after").position !== "absolute")
  .filter((one) => getComputedStyle(one).display !== "inline"
    || one.parentElement.textContent.trim() === one.textContent.trim())
  .map((one) => [one.outerHTML, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && box.height < %d)
  .map(([html]) => html)"""
# What has a place of its own: wider than that, it lies over its neighbour or beyond its frame.
BROADER = """() => [...document.querySelectorAll("main :is(table, ul, ol, dl, .card, .step-name)")]
  .map((one) => [one, one.getBoundingClientRect(), one.parentElement.getBoundingClientRect()])
  .filter(([, box, around]) => box.left < around.left - 1 || box.right > around.right + 1)
  .map(([one, box, around]) => `${one.localName}.${one.className}: ${box.width} in ${around.width}`)"""


async def look_at(
    page: Page, name: str, path: str, *, status: int = 200, widths: tuple[int, ...] = WIDTHS
) -> None:
    """One load for all widths: the answer does not know them."""
    response = await page.goto(path)
    assert response is not None
    assert (name, response.status) == (name, status)
    await look_over(page, name, widths=widths)


async def look_over(page: Page, name: str, *, widths: tuple[int, ...] = WIDTHS) -> None:
    """The page as it stands: it fits, its words are the reader's, a thumb and axe find nothing."""
    language, own = await page.evaluate("[document.documentElement.lang, navigator.language.slice(0, 2)]")
    assert (name, language) == (name, own)
    for width in widths:
        picture = f"{name}-{language}-{width}"
        await page.set_viewport_size({"width": width, "height": 800})
        await take_picture(page, picture)
        assert (picture, await overflow(page), await small_targets(page)) == (picture, 0, [])
        if width in AXE_WIDTHS[language]:
            assert (picture, await axe_faults(page)) == (picture, [])


async def take_picture(page: Page, name: str, *, highest: int = 4_000, suffix: str = ".jpg") -> None:
    """Of the page from its top, at most so many pixels: a browser without a graphics card draws slowly.

    The window becomes as high as the picture, so that the menu at its bottom hides nothing. To pack it as
    JPEG takes a third less of the processor than as PNG, for hundreds of pages.
    """
    width, height = await page.evaluate(FROM_ITS_TOP)
    height = min(height, highest, MOST_PIXELS // width)
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.set_viewport_size({"width": width, "height": height})
    await page.screenshot(path=PICTURES / f"{name}{suffix}", quality=70 if suffix == ".jpg" else None)


async def overflow(page: Page) -> int:
    """How many pixels the page is wider than the window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


async def broader_than_their_place(page: Page) -> list[str]:
    """The tables, lists, cards and names of steps that do not keep within their parent's box."""
    found: list[str] = await page.evaluate(BROADER)
    return found


async def axe_faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA. Its script comes from the test, past the page's CSP.

    It is half a megabyte: sent once, to stay with all that this page loads later.
    """
    if not await page.evaluate("'axe' in window"):
        await page.add_init_script(AXE_SCRIPT)
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(FAULTS, {"runOnly": RULES, "resultTypes": ["violations"]})
    return found


async def small_targets(page: Page) -> list[str]:
    """The HTML of what a thumb would miss."""
    found: list[str] = await page.evaluate(SMALL_TARGETS % TARGET)
    return found
