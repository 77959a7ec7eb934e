"""How a page looks: its widths, its picture, what axe finds.

The pictures land in build/screenshots: look at them.
"""

from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

WIDTHS = (360, 1280)
GERMAN = "de-DE"
LOCALES = (GERMAN, "en-GB")
PICTURES = Path(__file__).parent.parent.parent / "build" / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Only the faults leave the browser: all that axe says of what is right is many times the page.
FAULTS = """async (options) => {
  const found = await axe.run(options);
  return found.violations.map(({id, nodes}) => `${id}: ${nodes[0].html}`);
}"""
TARGET = 44  # pixels of what a thumb meets
# A link within a sentence may be as high as its line.
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, summary")]
  .filter((one) => one.checkVisibility() && getComputedStyle(one, "::after").position !== "absolute")
  .filter((one) => getComputedStyle(one).display !== "inline"
    || one.parentElement.textContent.trim() === one.textContent.trim())
  .map((one) => [one.outerHTML, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && box.height < %d)
  .map(([html]) => html)"""


async def take_picture(page: Page, name: str, *, highest: int = 4_000, suffix: str = ".jpg") -> None:
    """Of the page from its top, at most so many pixels: a browser without a graphics card draws slowly.

    To pack it as JPEG takes a third less of the processor than as PNG, for hundreds of pages.
    """
    width, height = await page.evaluate("[window.innerWidth, document.documentElement.scrollHeight]")
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(
        path=PICTURES / f"{name}{suffix}",
        quality=70 if suffix == ".jpg" else None,
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": min(height, highest)},
    )


async def overflow(page: Page) -> int:
    """How many pixels the page is wider than the window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


async def axe_faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA. Its script comes from the test, past the page's CSP."""
    await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(FAULTS, {"runOnly": RULES, "resultTypes": ["violations"]})
    return found


async def small_targets(page: Page) -> list[str]:
    """The HTML of what a thumb would miss."""
    found: list[str] = await page.evaluate(SMALL_TARGETS % TARGET)
    return found
