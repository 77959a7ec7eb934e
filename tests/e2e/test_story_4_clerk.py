"""Whom to ask: the clerk stands with picture, phone and mail on every page that concerns a document."""

from functools import partial

import pytest
from playwright.async_api import Locator, expect

from deploy.demo.company import CLERKS, DEMO_CUSTOMER
from shared.events.sync import DocumentKind
from tests.e2e.conftest import OpenAs
from tests.e2e.telling import documents_of_the_demo, told_for_the_demo
from tests.support import eventually
from tests.support.cockpit import Cockpit


@pytest.mark.timeout("240")
async def test_the_clerk_to_ask_stands_on_every_page_of_a_document(cockpit: Cockpit, open_as: OpenAs) -> None:
    quote, order, invoice, credit_note = (
        documents_of_the_demo(cockpit, kind)[0]
        for kind in (
            DocumentKind.QUOTE,
            DocumentKind.ORDER,
            DocumentKind.INVOICE,
            DocumentKind.CREDIT_NOTE,
        )
    )
    approved = next(
        plan
        for plan in told_for_the_demo(cockpit).proofs
        if plan.customer is DEMO_CUSTOMER and plan.outcome == "approved"
    )
    page = await open_as("customer", "/")
    await page.locator(".proof-card a").first.click()  # a proof that waits for him
    await expect(page.get_by_role("link", name="Korrektur anfordern")).to_be_visible()
    proof = page.url
    await page.goto(f"/proofs?state=approved&q={approved.order_number}")
    await page.locator(".proof-card", has_text=approved.title).get_by_role("link").click()
    await expect(page.get_by_role("link", name="Korrektur anfordern")).to_have_count(0)
    decided = page.url
    shown = {
        f"/orders/{order.document_id}": order.clerk_code,
        **{f"/documents/{one.document_id}": one.clerk_code for one in (quote, invoice, credit_note)},
        **dict.fromkeys(
            (
                proof,
                f"{proof}/approve",
                f"{proof}/approve-with-changes",
                f"{proof}/request-changes",
                decided,
                f"{decided}/decided",
            ),
            DEMO_CUSTOMER.clerk_code,
        ),
    }
    for path, clerk_code in shown.items():
        await page.goto(path)
        assert page.url.endswith(path)
        clerk = next(one for one in CLERKS if one.clerk_code == clerk_code)
        card = page.locator("section.person")
        await expect(card.locator(".person-name")).to_have_text(clerk.name)
        phone = card.get_by_role("link", name=clerk.phone)
        await expect(phone).to_have_attribute("href", f"tel:{clerk.phone.replace(' ', '')}")
        mail = card.get_by_role("link", name=clerk.email)
        await expect(mail).to_have_attribute("href", f"mailto:{clerk.email}")
        await eventually(partial(_is_drawn, card.locator("img.face")))


async def _is_drawn(picture: Locator) -> bool:
    return bool(await picture.evaluate("image => image.complete && image.naturalWidth > 0"))
