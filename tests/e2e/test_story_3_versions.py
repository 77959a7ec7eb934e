"""A newer version takes the place of the older one; a changed position takes the approval away."""

import re
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import BrowserContext, Page, expect

from shared.api.approvals import VersionRow, VersionRows, VersionState
from tests.e2e.conftest import OpenAs
from tests.e2e.telling import CLERK, position, tell_document
from tests.support import eventually
from tests.support.cockpit import Cockpit
from tests.support.pdfs import PDF

OUTDATED = "Überholt \N{EN DASH} neu freigeben"
POSITIONS = [position("1"), position("2")]


async def _assign(cockpit: Cockpit, number: str, folder: Path, *, version: int) -> VersionRow:
    """From a clerk's workstation: each version is another file of one name."""
    file = folder / "Brustdruck.pdf"
    file.write_bytes(PDF + f"% version {version}\n".encode())
    await cockpit.assign_by_cockpit(number, file, "--position", "1", "--title", f"Brustdruck {number}")
    return await _wait_for(cockpit, number, version, "pending")


async def _wait_for(cockpit: Cockpit, number: str, version: int, state: VersionState) -> VersionRow:
    async with aiohttp.ClientSession() as session:
        approvals = cockpit.client(session, "approvals")

        async def find() -> VersionRow | None:
            query = {"size": "500"}
            rows = (await approvals.get("/versions", VersionRows, who=CLERK, query=query)).versions
            fits = (row for row in rows if row.order_number == number and row.version == version)
            return next((row for row in fits if row.state == state), None)

        await eventually(find, seconds=60)
        found = await find()
    assert found is not None
    return found


async def _approve(page: Page, version: int) -> None:
    await page.get_by_role("link", name=f"Version {version} freigeben").click()
    await page.get_by_role("button", name=f"Version {version} verbindlich freigeben").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Freigegeben am")


@pytest.mark.timeout("240")
async def test_who_opens_the_old_version_is_led_to_the_new_one_and_decides_there(
    cockpit: Cockpit, open_as: OpenAs, tmp_path: Path
) -> None:
    await tell_document(cockpit, "order", "2026-7901", positions=POSITIONS)
    old = await _assign(cockpit, "2026-7901", tmp_path, version=1)
    page = await open_as("customer", f"/proofs/{old.version_id}/approve", width=360)
    await expect(page.get_by_role("button", name="Version 1 verbindlich freigeben")).to_be_visible()
    new = await _assign(cockpit, "2026-7901", tmp_path, version=2)

    # He had the old one open already: his decision on it is not taken.
    await page.get_by_role("button", name="Version 1 verbindlich freigeben").click()
    await expect(page.locator("main")).to_contain_text("Ihre Entscheidung wurde nicht gespeichert")
    await page.goto(f"/proofs/{old.version_id}")
    await expect(page.locator(".page-head .chip")).to_have_text("Durch neuere Version ersetzt")
    await expect(page.locator("main")).to_contain_text("Es gibt eine neuere Version")
    await expect(page.get_by_role("link", name="Version 1 freigeben")).to_have_count(0)

    await page.get_by_role("link", name="Zu Version 2").click()
    await expect(page).to_have_url(f"{cockpit.url}/proofs/{new.version_id}")
    await expect(page.locator(".versions")).to_contain_text("Version 1")
    await _approve(page, 2)
    await page.get_by_role("link", name="Zum Auftrag 2026-7901").click()
    await expect(page.locator("main")).to_contain_text(re.compile(r"1 von \d freigegeben"))
    assert (await _wait_for(cockpit, "2026-7901", 1, "superseded")).decision is None


@pytest.mark.timeout("240")
async def test_changes_that_the_customer_asks_for_are_confirmed_by_the_clerk(
    cockpit: Cockpit, open_as: OpenAs, tmp_path: Path
) -> None:
    await tell_document(cockpit, "order", "2026-7902", positions=POSITIONS)
    proof = await _assign(cockpit, "2026-7902", tmp_path, version=1)
    customer = await open_as("customer", f"/proofs/{proof.version_id}", width=360)
    await customer.get_by_role("link", name="Freigeben mit Änderungen").click()
    await customer.fill("[name=comment]", "Bitte das Rot etwas dunkler.")
    await customer.get_by_role("button", name="Version 1 mit diesen Änderungen freigeben").click()
    await expect(customer.get_by_role("heading", level=1)).to_contain_text("Freigegeben mit Änderungen am")

    clerk = await open_as("clerk", "/desk/queues/clerk")
    row = clerk.locator(".desk-row", has_text="Brustdruck 2026-7902")
    await expect(row).to_contain_text("Bitte das Rot etwas dunkler.")
    await row.get_by_role("link", name="Brustdruck 2026-7902").click()
    await clerk.get_by_role("button", name="Änderungen bestätigen").click()
    await expect(clerk.locator("main")).to_contain_text(f"{CLERK.name} hat die Änderungen")
    await customer.goto(f"/proofs/{proof.version_id}")
    await expect(customer.locator("main")).to_contain_text(f"{CLERK.name} hat die Änderungen")
    await clerk.goto("/desk/queues/clerk")
    await expect(row).to_have_count(0)


@pytest.mark.timeout("240")
async def test_a_position_changed_after_the_approval_makes_it_outdated_for_both(
    cockpit: Cockpit, open_as: OpenAs, tmp_path: Path
) -> None:
    await tell_document(cockpit, "order", "2026-7903", positions=POSITIONS)
    proof = await _assign(cockpit, "2026-7903", tmp_path, version=1)
    customer = await open_as("customer", f"/proofs/{proof.version_id}", width=360)
    await _approve(customer, 1)

    # Another position is no matter of this approval; its own one is.
    await tell_document(cockpit, "order", "2026-7903", positions=[POSITIONS[0], position("2", quantity="99")])
    await tell_document(
        cockpit,
        "order",
        "2026-7903",
        positions=[position("1", quantity="12"), position("2", quantity="99")],
    )
    outdated = await _wait_for(cockpit, "2026-7903", 1, "outdated")
    assert outdated.decision is not None  # what was approved stays known

    await customer.goto(f"/proofs/{proof.version_id}")
    await expect(customer.locator(".page-head .chip")).to_have_text(OUTDATED)
    await expect(customer.locator("main")).to_contain_text("Diese Freigabe gilt nicht mehr")
    [change] = await customer.locator(".changed li").all()
    await expect(change).to_contain_text("Position 1")
    await expect(change.locator("del")).to_contain_text("10")
    await expect(change.locator("ins")).to_contain_text("12")
    await customer.goto(f"/orders/{proof.document_id}")
    await expect(customer.locator(".proof-card")).to_contain_text(OUTDATED)

    clerk = await open_as("clerk", "/desk/queues/clerk")
    row = clerk.locator(".desk-row", has_text="Brustdruck 2026-7903")
    await expect(row.locator(".chip")).to_have_text(OUTDATED)
    await row.get_by_role("link", name="Brustdruck 2026-7903").click()
    await expect(clerk.get_by_role("link", name="Neue Version zuordnen")).to_be_visible()

    # The next version is asked for, approved, and the order is in order again.
    await _assign(cockpit, "2026-7903", tmp_path, version=2)
    await customer.goto(f"/proofs/{proof.version_id}")
    await customer.get_by_role("link", name="Zu Version 2").click()
    await _approve(customer, 2)


@pytest.mark.timeout("240")
async def test_an_order_that_is_changed_while_its_proof_is_checked_is_looked_at_once_more(
    cockpit: Cockpit, open_as: OpenAs, tmp_path: Path
) -> None:
    await tell_document(cockpit, "order", "2026-7905", positions=POSITIONS)
    proof = await _assign(cockpit, "2026-7905", tmp_path, version=1)
    customer = await open_as("customer", f"/proofs/{proof.version_id}", width=360)
    await customer.get_by_role("link", name="Version 1 freigeben").click()
    await expect(customer.locator(".proof-positions")).to_contain_text("T-Shirt 1 · 10")

    await tell_document(cockpit, "order", "2026-7905", positions=[position("1", quantity="777")])
    await eventually(lambda: _shows(customer.context, cockpit, proof, "· 777"))
    await customer.get_by_role("button", name="Version 1 verbindlich freigeben").click()

    await expect(customer.get_by_role("alert")).to_contain_text("Ihre Entscheidung wurde nicht gespeichert")
    await expect(customer.get_by_role("alert")).to_contain_text("oder sein Auftrag geändert")
    await expect(customer.locator(".proof-positions")).to_contain_text("T-Shirt 1 · 777")
    await _approve(customer, 1)


async def _shows(browser: BrowserContext, cockpit: Cockpit, proof: VersionRow, words: str) -> bool:
    """In another tab: the page that the customer has open stays as it is."""
    answer = await browser.request.get(f"{cockpit.url}/proofs/{proof.version_id}")
    return words in await answer.text()


@pytest.mark.timeout("240")
async def test_each_position_has_its_own_proof_and_its_own_decision(
    cockpit: Cockpit, open_as: OpenAs, tmp_path: Path
) -> None:
    await tell_document(cockpit, "order", "2026-7906", positions=POSITIONS)
    chest = await _assign(cockpit, "2026-7906", tmp_path, version=1)
    back = ("--position", "2", "--title", "Rückendruck")
    await cockpit.assign_by_cockpit("2026-7906", cockpit.demo.proof.file, *back)
    await cockpit.wait_for_mail(cockpit.login("customer").email, "Rückendruck")

    customer = await open_as("customer", f"/proofs/{chest.version_id}", width=360)
    await _approve(customer, 1)
    await customer.get_by_role("link", name="Zum Auftrag 2026-7906").click()
    await customer.locator(".proof-card", has_text="Rückendruck").click()
    await customer.get_by_role("link", name="Korrektur anfordern").click()
    await customer.fill("[name=comment]", "Bitte ohne Schatten.")
    await customer.get_by_role("button", name="Korrektur anfordern").click()
    await expect(customer.get_by_role("heading", level=1)).to_contain_text("Korrektur angefordert am")

    await customer.get_by_role("link", name="Zum Auftrag 2026-7906").click()
    await expect(customer.locator("main")).to_contain_text("1 von 2 freigegeben")
    at_positions = customer.locator(".positions .pos-article")
    await expect(at_positions.nth(0).locator(".pos-proof .chip")).to_have_text("Freigegeben")
    await expect(at_positions.nth(1).locator(".pos-proof .chip")).to_have_text("Korrektur nötig")


@pytest.mark.timeout("240")
async def test_a_proof_is_enlarged_where_it_is_touched_and_back_leads_to_the_proof(
    cockpit: Cockpit, open_as: OpenAs
) -> None:
    await tell_document(cockpit, "order", "2026-7904", positions=POSITIONS)
    await cockpit.assign_by_cockpit("2026-7904", cockpit.demo.proof.file, "--title", "Rücken")
    version = await _wait_for(cockpit, "2026-7904", 1, "pending")
    page = await open_as("customer", f"/proofs/{version.version_id}", width=360)
    small, viewer = page.locator(".picture-link img").first, page.locator("dialog.viewer")
    box = await small.bounding_box()
    assert box

    await small.click(position={"x": box["width"] * 0.7, "y": box["height"] * 0.5})
    await expect(viewer).to_be_visible()
    seen = await viewer.evaluate(
        """viewer => {
          const {width, height} = viewer.querySelector("img").getBoundingClientRect();
          return [(viewer.scrollLeft + viewer.clientWidth / 2) / width,
                  (viewer.scrollTop + viewer.clientHeight / 2) / height];
        }"""
    )
    assert seen == pytest.approx([0.7, 0.5], abs=0.05)

    await page.go_back()
    await expect(viewer).to_have_count(0)
    await expect(page).to_have_url(f"{cockpit.url}/proofs/{version.version_id}")
    await small.click()
    await page.get_by_role("button", name="Schließen").click()
    await expect(viewer).to_have_count(0)
    await page.get_by_role("link", name="Version 1 freigeben").click()
    await page.go_back()
    await expect(page).to_have_url(f"{cockpit.url}/proofs/{version.version_id}")
