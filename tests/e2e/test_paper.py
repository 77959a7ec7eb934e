"""On paper an order or a proof is itself alone: no menu, nothing to press, dark on white in dark mode too."""

import aiohttp
import pytest

from shared.api.approvals import VersionRow, VersionRows
from shared.web import Identity
from tests.e2e.conftest import OpenAs
from tests.e2e.looks import overflow, take_picture
from tests.support.cockpit import Cockpit

A4 = 794  # pixels, its margins included
FOR_THE_SCREEN = "nav, form, button, input, .button, .view-banner, .decision-bar, .foot, .back, .skip"
VISIBLE = "parts => parts.filter(part => part.checkVisibility()).map(part => part.outerHTML.slice(0, 200))"
PALE = """() => {
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (part) => {
    for (let at = part; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "none";
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const pale = [];
  while (words.nextNode()) {
    const text = words.currentNode.data.trim(), part = words.currentNode.parentElement;
    if (!text || !part.checkVisibility()) continue;
    const colour = getComputedStyle(part).color;
    if (ground(part) !== "rgb(255, 255, 255)" || 1.05 / (light(colour) + 0.05) < 4.5) {
      pale.push(`${text.slice(0, 40)}: ${colour} on ${ground(part)}`);
    }
  }
  return pale;
}"""


@pytest.mark.timeout("240")
@pytest.mark.parametrize("role", ["customer", "clerk", "viewer"])
async def test_an_order_and_a_proof_are_printed_alone_and_dark_on_white(
    cockpit: Cockpit, open_as: OpenAs, role: str
) -> None:
    version = await _waiting_proof(cockpit)
    page = await open_as("customer" if role == "customer" else "clerk", width=A4)
    if role == "viewer":
        await page.goto(f"/desk/customers/{version.customer_number}")
        await page.locator(".page-head form button").click()
        await page.wait_for_url(f"{cockpit.url}/")
    for name, path in {
        "order": f"/orders/{version.document_id}",
        "proof": f"/proofs/{version.version_id}",
    }.items():
        await page.emulate_media(media="screen", color_scheme="dark")
        await page.goto(path)
        assert await page.locator(FOR_THE_SCREEN).evaluate_all(VISIBLE) != []
        assert await page.evaluate(PALE) != []
        await page.emulate_media(media="print", color_scheme="dark")
        await take_picture(page, f"{name}-paper-{role}")
        assert await page.locator(FOR_THE_SCREEN).evaluate_all(VISIBLE) == [], name
        assert await page.evaluate(PALE) == [], name
        assert await overflow(page) == 0, name


async def _waiting_proof(cockpit: Cockpit) -> VersionRow:
    async with aiohttp.ClientSession() as session:
        who = Identity(role="customer", customer_number="10014")
        rows = await cockpit.client(session, "approvals").get("/versions", VersionRows, who=who)
    return next(row for row in rows.versions if row.state == "pending")
