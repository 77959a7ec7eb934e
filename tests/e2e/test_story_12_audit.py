"""What clerks and operators do stands in the audit log, for operators to read."""

import pytest
from playwright.async_api import expect

from deploy.demo.company import DEMO_CUSTOMER
from tests.e2e.conftest import OpenPage, log_in
from tests.support.cockpit import Cockpit


@pytest.mark.timeout("240")
async def test_a_look_at_what_a_customer_sees_is_found_in_the_log(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    number = DEMO_CUSTOMER.customer_number
    clerk = await open_page()
    await clerk.goto(f"/desk/customers/{number}")
    await log_in(clerk, cockpit, "clerk")
    await clerk.get_by_role("button", name="Sehen, was der Kunde sieht").click()
    await expect(clerk.locator("body")).to_contain_text("Sie sehen, was")
    await clerk.get_by_role("button", name="Ansicht beenden").click()
    refused = await clerk.goto("/admin/audit")
    assert refused is not None
    assert refused.status == 403

    page = await open_page(width=360)
    await page.goto("/admin/audit")
    await log_in(page, cockpit, "operator")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Änderungsprotokoll")
    await page.fill("[name=q]", "was niemand tat")
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_contain_text("Nichts passt zu dieser Suche.")
    await page.fill("[name=q]", number)
    await page.keyboard.press("Enter")
    begun = page.get_by_role("row").filter(has_text=f"Begann anzusehen, was der Kunde {number} sieht")
    await expect(begun.first).to_contain_text("Erledigt")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Als CSV laden").click()
    text = (await (await download.value).path()).read_text("utf-8-sig")
    assert f"Begann anzusehen, was der Kunde {number} sieht" in text
