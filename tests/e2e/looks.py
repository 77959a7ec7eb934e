"""How a page looks: its widths, its picture, what axe finds.

The pictures land in build/screenshots: look at them.
"""

import json
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

WIDTHS = (360, 1280)
LOCALES = ("de-DE", "en-GB")
PICTURES = Path(__file__).parent.parent.parent / "build" / "screenshots"
TARGET = 44  # pixels of what a thumb meets
SMALL_TARGETS = """() => [...document.querySelectorAll("main :is(a, button, summary)")]
  .filter((one) => one.checkVisibility() && getComputedStyle(one, "::after").position !== "absolute")
  .map((one) => [one.outerHTML, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && box.height < %d)
  .map(([html]) => html)"""


async def take_picture(page: Page, name: str, *, highest: int = 8_000) -> None:
    """Of the page from its top, at most so many pixels: a browser without a graphics card draws slowly."""
    width, height = await page.evaluate("[window.innerWidth, document.documentElement.scrollHeight]")
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(
        path=PICTURES / f"{name}.png",
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": min(height, highest)},
    )


async def overflow(page: Page) -> int:
    """How many pixels the page is wider than the window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


async def axe_faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA. Its script comes from the test, past the page's CSP."""
    await page.evaluate(AXE_SCRIPT)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = await page.evaluate(f"axe.run({{runOnly: {json.dumps(tags)}}})")
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]


async def small_targets(page: Page) -> list[str]:
    """The HTML of what a thumb would miss."""
    found: list[str] = await page.evaluate(SMALL_TARGETS % TARGET)
    return found
