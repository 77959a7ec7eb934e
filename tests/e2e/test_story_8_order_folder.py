"""The operator says where proofs are filed, tries it, and mends what failed."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenAs
from tests.support import eventually
from tests.support.cockpit import Cockpit

ORDER = "2026-9001"


@pytest.mark.timeout("240")
async def test_a_path_is_set_a_drive_fails_and_the_file_gets_there_after_all(
    cockpit: Cockpit, open_as: OpenAs
) -> None:
    root = cockpit.stack.order_folder_root
    page = await open_as("operator", "/admin/order-folder")
    await expect(page.locator("main")).to_contain_text(str(root))
    try:
        # The example follows what is typed; what leads elsewhere is refused.
        await page.fill("[name=pattern]", "../{order_number}")
        await page.get_by_role("button", name="Pfad speichern").click()
        await expect(page.get_by_role("alert")).to_contain_text("unterhalb des Stammordners")
        await page.fill("[name=pattern]", "Aufträge/{year}/AB {order_number}")
        await expect(page.locator(".example")).to_contain_text("Aufträge/2026/AB 2026-1042/Freigabemuster")
        await page.get_by_role("button", name="Pfad speichern").click()
        await expect(page.get_by_role("status").first).to_contain_text("Der Pfad ist gespeichert.")
        await page.get_by_role("button", name="Probedatei schreiben").click()
        await expect(page.get_by_role("status").first).to_contain_text("Alles in Ordnung.")

        # The drive is away: the test file says so in plain words, and a proof waits.
        away = root.with_name("orders away")
        root.rename(away)
        try:
            await page.get_by_role("button", name="Probedatei schreiben").click()
            await expect(page.get_by_role("alert")).to_contain_text("Bitte verbinden Sie das Laufwerk")
            await cockpit.assign_by_cockpit(ORDER, cockpit.demo.proof.file, "--title", "Wartet")
            await eventually(lambda: _says(page, f"Auftrag {ORDER}"))
            clerk = await open_as("clerk", "/desk")
            fault = clerk.locator(".message-warning li", has_text=f"Auftrag {ORDER}: Wartet_v1.pdf")
            await expect(fault).to_contain_text("Die Auftragsordner sind nicht zu finden.")
            await expect(fault).to_contain_text(re.compile(r"Nächster Versuch: \d\d\.\d\d\.\d{4}"))
        finally:
            away.rename(root)

        # It is back: one click, and the file lies where the new path says.
        await page.get_by_role("button", name="Jetzt alle noch einmal versuchen").click()
        folder = root / "Aufträge" / "2026" / f"AB {ORDER}" / "Freigabemuster"
        await eventually(folder.is_dir)
        await eventually(lambda: [file.name for file in folder.glob("*.pdf")], is_=["Wartet_v1.pdf"])
        assert (folder / "Wartet_v1.pdf").read_bytes() == cockpit.demo.proof.file.read_bytes()
        await eventually(lambda: _is_gone(fault))
    finally:
        await page.goto("/admin/order-folder")
        await page.fill("[name=pattern]", "")
        await page.get_by_role("button", name="Pfad speichern").click()
    await expect(page.locator("[name=pattern]")).to_have_value("{year}/{order_number}")


async def _is_gone(part: Locator) -> bool:
    await part.page.goto("/desk")
    await expect(part.page.get_by_role("heading", level=1)).to_be_visible()
    return await part.count() == 0


async def _says(page: Page, words: str) -> bool:
    await page.goto("/admin/order-folder")
    return words in await page.inner_text("main")
