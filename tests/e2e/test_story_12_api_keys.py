"""The operator makes a key for a workstation, which works at once, and revokes it, which works at once."""

from playwright.async_api import expect

from tests.e2e.conftest import OpenPage, log_in
from tests.support.cockpit import Cockpit


async def test_a_key_from_its_making_to_its_end(cockpit: Cockpit, open_page: OpenPage) -> None:
    page = await open_page()
    await page.goto("/admin/api-keys")
    await log_in(page, cockpit, "operator")
    await page.fill("[name=name]", "Büro 7")
    await page.get_by_role("button", name="Schlüssel anlegen").click()
    api_key = await page.locator("#key").inner_text()
    assert api_key.startswith("cdh_")
    assert await cockpit.run_cockpit("check", api_key=api_key) == (
        0,
        f"{cockpit.url} antwortet, der Schlüssel gilt.\n",
    )

    await page.goto("/admin/api-keys")
    row = page.locator("tr", has_text="Büro 7")
    await expect(row).not_to_contain_text("noch nie")
    assert api_key not in await page.content()
    await row.get_by_role("link", name="Widerrufen").click()
    await page.get_by_role("button", name="Schlüssel widerrufen").click()
    await expect(page.locator("main")).to_contain_text("Der Schlüssel ist widerrufen")
    await expect(row).to_contain_text("Widerrufen am")
    code, said = await cockpit.run_cockpit("check", api_key=api_key)
    assert code == 1
    assert said.startswith("Der Schlüssel gilt nicht (mehr).")
    assert (await cockpit.run_cockpit("check"))[0] == 0, "other keys are not touched"
