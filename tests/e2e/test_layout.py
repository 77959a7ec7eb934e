"""Pages at every width of a window, targets for a thumb, the pages after two forms of the administration."""

import pytest
from playwright.async_api import expect

from shared.events.sync import DocumentKind
from tests.e2e.conftest import OpenAs
from tests.e2e.looks import (
    LOCALES,
    WIDTHS,
    broader_than_their_place,
    look_over,
    overflow,
    small_targets,
)
from tests.e2e.telling import documents_of_the_demo
from tests.support.cockpit import Cockpit

PHONE = 360
LINE = 20  # pixels
SWEEP = (320, PHONE, 480, 768, 780, 960, 1024, 1060, 1100, 1160, 1200, 1216, 1280, 1600)
WITH_POSITIONS = (DocumentKind.QUOTE, DocumentKind.ORDER, DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE)
LISTS = ("/quotes", "/orders", "/invoices", "/proofs")
LISTS_OF = {
    "customer": LISTS,
    "clerk": (*LISTS, "/desk", "/desk?whose=all", "/desk/customers", "/desk/customers/10014"),
    "operator": (
        *LISTS,
        "/admin/users",
        "/admin/invitations",
        "/admin/staff",
        "/admin/api-keys",
        "/admin/statuses",
        "/admin/audit",
        "/admin/mail/log",
    ),
}


@pytest.mark.parametrize("role", LISTS_OF)
async def test_pages_fit_the_window_at_every_width_and_a_thumb(
    cockpit: Cockpit, open_as: OpenAs, role: str
) -> None:
    page = await open_as(role, "/proofs", width=1280)
    proof = await page.locator("main a[href^='/proofs/']").first.get_attribute("href")
    documents = [documents_of_the_demo(cockpit, kind)[-1].document_id for kind in WITH_POSITIONS]
    too_wide, too_broad, too_small = {}, {}, {}
    for path in ("/", *LISTS_OF[role], proof or "", *(f"/documents/{one}" for one in documents)):
        await page.goto(path)
        for width in SWEEP:
            await page.set_viewport_size({"width": width, "height": 800})
            if (by := await overflow(page)) > 0:
                too_wide[path, width] = by
            if broader := await broader_than_their_place(page):
                too_broad[path, width] = broader
            if width == PHONE and (small := await small_targets(page)):
                too_small[path] = small
    assert (too_wide, too_broad, too_small) == ({}, {}, {})


async def test_a_list_is_cards_until_its_columns_have_room(open_as: OpenAs) -> None:
    """The clerk's lists have a column more than the customer's."""
    for role, cards, table in (("customer", 960, 768), ("customer", 1024, 1060), ("clerk", 1100, 1200)):
        page = await open_as(role, width=cards)
        await page.goto("/orders")
        await expect(page.locator(".table thead"), f"{role} {cards}").to_be_hidden()
        await page.set_viewport_size({"width": table, "height": 800})
        await expect(page.locator(".table thead"), f"{role} {table}").to_be_visible()


@pytest.mark.parametrize("role", LISTS_OF)
async def test_the_menu_is_at_the_bottom_until_there_is_room_on_the_left(open_as: OpenAs, role: str) -> None:
    page = await open_as(role, width=959)
    await page.goto("/orders")
    bottom = await page.locator(".nav").bounding_box()
    await page.set_viewport_size({"width": 960, "height": 800})
    left = await page.locator(".nav").bounding_box()
    assert bottom is not None
    assert left is not None
    assert (bottom["x"], bottom["width"], bottom["y"] + bottom["height"]) == (0, 959, 800)
    assert left["x"] + left["width"] <= 240  # pixels: 15rem
    assert left["height"] > left["width"]


@pytest.mark.parametrize("role", LISTS_OF)
async def test_the_menu_of_a_phone_breaks_no_word(open_as: OpenAs, role: str) -> None:
    page = await open_as(role, "/orders", width=PHONE)
    words = page.locator(".nav > ul > li > :is(a, details > summary) span")
    heights = await words.evaluate_all("words => words.map(one => [one.textContent, one.offsetHeight])")
    assert [word for word, height in heights if height > LINE] == []


async def test_the_pictures_of_a_proof_have_their_place_before_they_come(
    open_as: OpenAs,
) -> None:
    """Else a page jumps under the thumb, and a picture below the fold is a line that nobody can hit."""
    page = await open_as("customer", "/proofs")
    await page.route("**/pages/*", lambda _unanswered: None)
    await page.get_by_role("link", name="Visitenkarten Reuter").first.click()
    links = page.locator(".picture-link")
    await expect(links).to_have_count(2)
    for link in await links.all():
        box = await link.bounding_box()
        assert box is not None
        assert box["height"] > box["width"] / 2


async def test_what_comes_after_an_invitation_and_a_new_key(open_as: OpenAs) -> None:
    for locale in LOCALES:
        name = locale[:2]
        page = await open_as("operator", locale=locale)
        await page.goto("/admin/staff/invite")
        await page.fill("[name=name]", "Nora Neu")
        await page.fill("[name=email]", f"{name}@dealer.example")
        await page.fill("[name=clerk_code]", name)
        await page.locator("main form .button-main").click()
        await page.locator("#link").wait_for()
        await look_over(page, "admin-staff-invited")
        await page.goto("/admin/api-keys")
        await page.fill("[name=name]", f"Büro {name}")
        await page.locator("main form .button-main").click()
        await page.locator("#key").wait_for()
        await look_over(page, "admin-api-key-created")


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_status_of_a_declined_quote_begins_at_the_edge_of_its_card(
    open_as: OpenAs, width: int
) -> None:
    page = await open_as("clerk", width=width)
    await page.goto("/quotes")
    declined = page.locator("#state option", has_text="Abgelehnt")
    await page.goto(f"/quotes?state={await declined.get_attribute('value')}")
    await page.locator("td.fact a").first.click()
    first = page.locator(".status-now" if width < 960 else ".steps")
    card, inner = await page.locator(".status").bounding_box(), await first.bounding_box()
    assert card is not None
    assert inner is not None
    assert inner["y"] - card["y"] <= 25  # pixels: the padding and the border
