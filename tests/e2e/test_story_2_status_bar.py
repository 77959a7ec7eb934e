"""How far a document is: its steps and their dates, "(teilweise)", each position's status, a negative end."""

import re

from playwright.async_api import expect

from shared.events.sync import DocumentKind
from tests.e2e.conftest import OpenAs, OpenPage, log_in
from tests.e2e.telling import documents_of_the_demo, entry, position, tell_document, told_for_the_demo
from tests.support.cockpit import Cockpit

BEFORE = (
    entry("order.created", "2026-11-02T09:00:00Z"),
    entry("order.confirmed", "2026-11-03T10:00:00Z"),
    entry("order.in_production", "2026-11-05T23:30:00Z"),
)


async def _tell_partly_delivered(cockpit: Cockpit, number: str) -> str:
    positions = [position("1"), position("2"), position("3")]
    entries = [*BEFORE, entry("order.delivered", "2026-11-12T12:00:00Z", "2")]
    document_id = await tell_document(cockpit, "order", number, positions=positions, status_entries=entries)
    return f"/orders/{document_id}"


async def test_a_partly_delivered_order_says_so_with_its_dates_and_for_each_position(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    page = await open_page()
    await page.goto(await _tell_partly_delivered(cockpit, "2026-7801"))
    await log_in(page, cockpit, "customer")

    await expect(page.locator(".page-head .chip")).to_have_text("Geliefert (teilweise)")
    steps = page.locator(".steps .step")
    await expect(steps).to_have_text(
        [
            re.compile(r"Angelegt\s+02\.11\.2026"),
            re.compile(r"Bestätigt\s+03\.11\.2026"),
            re.compile(r"Freigegeben\s+06\.11\.2026"),  # half past midnight in Germany
            re.compile(r"Geliefert\s+\(teilweise\)\s+12\.11\.2026"),
            re.compile(r"Fakturiert\s+steht noch bevor"),
        ]
    )
    await expect(page.locator("[aria-current=step]")).to_contain_text("Geliefert")
    await expect(page.locator(".pos-status")).to_have_text(
        [
            re.compile(r"In Produktion · 06\.11\.2026"),
            re.compile(r"Geliefert · 12\.11\.2026"),
            re.compile(r"In Produktion · 06\.11\.2026"),
        ]
    )


async def test_on_a_phone_one_sentence_says_how_far_it_is(cockpit: Cockpit, open_page: OpenPage) -> None:
    page = await open_page(width=360)
    await page.goto(await _tell_partly_delivered(cockpit, "2026-7802"))
    await log_in(page, cockpit, "customer")

    now = page.locator(".status-now")
    await expect(now).to_have_text("Schritt 4 von 5: Geliefert (teilweise)")
    box = await now.bounding_box()
    assert box is not None
    assert box["width"] > 100  # seen, not only read out


async def test_a_declined_quote_ends_negatively_and_shows_no_steps_ahead(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    entries = [
        entry("quote.created", "2026-11-02T09:00:00Z"),
        entry("quote.sent", "2026-11-03T10:00:00Z"),
        entry("quote.declined", "2026-11-10T10:00:00Z"),
    ]
    quote = await tell_document(
        cockpit, "quote", "2026-7803", positions=[position("1")], status_entries=entries
    )
    for width in (1280, 360):
        page = await open_page(width=width)
        await page.goto(f"/documents/{quote}")
        await log_in(page, cockpit, "customer")

        await expect(page.locator(".page-head .chip-refused")).to_have_text("Abgelehnt")
        await expect(page.locator(".status-now.is-negative")).to_have_text("Abgelehnt")
        steps = page.locator(".steps .step")
        await expect(steps).to_have_text(
            [
                re.compile(r"Angelegt\s+02\.11\.2026"),
                re.compile(r"Verschickt\s+03\.11\.2026"),
                re.compile(r"Abgelehnt\s+10\.11\.2026"),
            ]
        )
        await expect(steps.last).to_have_attribute("aria-current", "step")
        await expect(steps.last).to_have_class(re.compile("is-negative"))
        await expect(page.locator(".pos-status.is-negative")).to_contain_text("Abgelehnt")
        await page.goto("/quotes?q=2026-7803")
        await expect(page.locator("tbody .chip-refused")).to_have_text("Abgelehnt")


async def test_the_demo_has_an_order_of_which_a_part_is_there_and_a_declined_quote(
    cockpit: Cockpit, open_as: OpenAs
) -> None:
    partly = next(
        one
        for one in documents_of_the_demo(cockpit, DocumentKind.ORDER)
        if [each.status_id for each in one.status_entries if each.position_keys] == ["order.delivered"]
    )
    declined = next(
        one
        for one in told_for_the_demo(cockpit).documents
        if [each.position_keys for each in one.status_entries if each.status_id == "quote.declined"] == [()]
    )
    page = await open_as("clerk", f"/orders/{partly.document_id}")
    await expect(page.locator(".page-head .chip")).to_have_text("Geliefert (teilweise)")
    await expect(page.locator("[aria-current=step]")).to_contain_text("(teilweise)")
    there = page.locator(".pos-status", has_text="Geliefert")
    await expect(there).to_have_count(len(partly.status_entries[-1].position_keys))
    await page.goto(f"/documents/{declined.document_id}")
    await expect(page.locator(".page-head .chip-refused")).to_have_text("Abgelehnt")


async def test_the_list_says_the_same_as_the_page(cockpit: Cockpit, open_page: OpenPage) -> None:
    await _tell_partly_delivered(cockpit, "2026-7804")
    page = await open_page()
    await page.goto("/orders?q=2026-7804")
    await log_in(page, cockpit, "customer")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody .chip")).to_have_text("Geliefert (teilweise)")
