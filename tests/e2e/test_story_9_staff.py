"""From an empty portal to its staff: the first operator by the one-time link, a clerk by his invitation."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from deploy.local.postgres import RunningPostgres
from tests.e2e.conftest import OpenPage, log_in_as
from tests.e2e.looks import LOCALES, look_at
from tests.support import eventually
from tests.support.cockpit import Product, running_product

OPERATOR, CLERK, SECOND = "it@haendler.example", "berger@haendler.example", "falk@haendler.example"
OPERATORS_PASSWORD, CLERKS_PASSWORD = "fünf grüne server", "sechs rote mappen"


@pytest.mark.timeout("240")
async def test_the_first_operator_invites_a_clerk_and_shuts_him_out_again(
    postgres_server: RunningPostgres, tmp_path: Path, open_page: OpenPage
) -> None:
    async with running_product(
        tmp_path, admin_url=postgres_server.url(), amqp_url=None, prefix="staff_"
    ) as product:
        # The one-time link makes the first operator, and leads to the administration.
        link = await _one_time_link(product)
        for locale in LOCALES:
            page = await open_page(url=product.url, locale=locale)
            await look_at(page, "setup", link)
        operator = await open_page(url=product.url)
        await operator.goto(link)
        await operator.fill("[name=name]", "Katrin Vogt")
        await operator.fill("[name=email]", OPERATOR)
        await operator.fill("[name=password]", OPERATORS_PASSWORD)
        await operator.get_by_role("button", name="Betreiber anlegen und anmelden").click()
        await expect(operator).to_have_url(f"{product.url}/admin")
        await expect(operator.get_by_role("status").first).to_contain_text("der erste Betreiber")

        # He invites a clerk; the link is shown once, in case no mail gets through.
        await operator.get_by_role("link", name="Mitarbeiter").last.click()
        await operator.get_by_role("link", name="Jemanden einladen").click()
        await operator.fill("[name=name]", "Sabine Berger")
        await operator.fill("[name=email]", CLERK)
        await operator.get_by_role("button", name="Einladung senden").click()
        await expect(operator.get_by_role("alert")).to_contain_text("Kürzel")
        await operator.fill("[name=clerk_code]", "SB")
        await operator.get_by_role("button", name="Einladung senden").click()
        invitation = await operator.locator("#link").inner_text()
        await operator.goto("/admin/staff")
        assert invitation not in await operator.content()
        await product.wait_for_mail(CLERK, "Ihr Zugang zum Partner-Cockpit")

        # The clerk chooses a password and is at the desk; the administration is not for him.
        clerk = await open_page(url=product.url, width=360)
        await clerk.goto(invitation)
        await expect(clerk.locator("main")).to_contain_text("lädt Sie als Sachbearbeiter ein")
        await clerk.fill("[name=password]", CLERKS_PASSWORD)
        await clerk.get_by_role("button", name="Zugang anlegen").click()
        await expect(clerk).to_have_url(f"{product.url}/desk")
        await expect(clerk.get_by_role("status").first).to_contain_text("Willkommen.")
        refused = await clerk.goto("/admin/users")
        assert refused is not None
        assert refused.status == 403

        # Locked, his open browser is out; unlocked, he may come back.
        await operator.goto("/admin/staff")
        await operator.get_by_role("link", name="Sabine Berger").click()
        await operator.get_by_role("button", name="Zugang sperren").click()
        await expect(operator.locator("main")).to_contain_text("Gesperrt")
        await eventually(lambda: _is_at_the_login(clerk))
        await log_in_as(clerk, CLERK, CLERKS_PASSWORD)
        await expect(clerk.get_by_role("alert")).to_contain_text("stimmt nicht")
        await operator.get_by_role("button", name="Zugang entsperren").click()
        await expect(operator.get_by_role("status").first).to_contain_text("entsperrt")
        await log_in_as(clerk, CLERK, CLERKS_PASSWORD)
        await expect(clerk).to_have_url(f"{product.url}/desk")

        # A second operator comes the same way, sees the administration, and is shut out as well.
        await operator.goto("/admin/staff")
        await operator.get_by_role("link", name="Jemanden einladen").click()
        await operator.check("[name=role][value=operator]")
        await operator.fill("[name=name]", "Jonas Falk")
        await operator.fill("[name=email]", SECOND)
        await operator.get_by_role("button", name="Einladung senden").click()
        second = await open_page(url=product.url)
        await second.goto(await operator.locator("#link").inner_text())
        await second.fill("[name=password]", CLERKS_PASSWORD)
        await second.get_by_role("button", name="Zugang anlegen").click()
        await expect(second).to_have_url(f"{product.url}/desk")
        await second.get_by_role("link", name="Verwaltung").first.click()
        await expect(second).to_have_url(f"{product.url}/admin")
        await operator.goto("/admin/staff")
        await operator.get_by_role("link", name="Jonas Falk").click()
        await operator.get_by_role("button", name="Zugang sperren").click()
        await expect(operator.locator("main")).to_contain_text("Gesperrt")
        await eventually(lambda: _is_at_the_login(second))

        # The one-time link is over.
        over = await clerk.goto(link)
        assert over is not None
        assert over.status == 404


async def _one_time_link(product: Product) -> str:
    """As the operator finds it: in the log of auth."""
    log = product.stack.folder / "logs" / "auth.log"
    await eventually(lambda: "/setup/" in log.read_text())
    found = re.search(rf"{re.escape(product.url)}/setup/[\w-]+", log.read_text())
    assert found
    return found[0]


async def _is_at_the_login(page: Page) -> bool:
    await page.goto("/desk")
    return "/login" in page.url
