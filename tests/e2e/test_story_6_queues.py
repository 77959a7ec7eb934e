"""What the desk tells of a proof that waits: mailed, seen or not yet; and whose address CDH does not know."""

import aiohttp
import pytest
from playwright.async_api import Locator, expect

from deploy.demo.company import DEALER
from shared.api.approvals import VersionRow, VersionRows
from shared.i18n import Formats
from tests.e2e.conftest import OpenAs, link_in
from tests.e2e.telling import CLERK, position, tell_document
from tests.support import eventually
from tests.support.cockpit import Cockpit, cloud_event

FORMATS = Formats("de", "Europe/Berlin")
FALLBACK = f"partner-cockpit@{DEALER.domain}"


async def _says(row: Locator, words: str) -> bool:
    """Whether the desk says it of this proof by now."""
    await row.page.goto("/desk")
    return await row.filter(has_text=words).count() == 1


@pytest.mark.timeout("240")
async def test_the_desk_tells_when_the_customer_has_seen_a_proof(cockpit: Cockpit, open_as: OpenAs) -> None:
    order, title = "2026-7621", "Brustlogo"
    await tell_document(cockpit, "order", order, positions=[position("1")])
    await cockpit.assign_by_cockpit(order, cockpit.demo.proof.file, "--title", title)
    clerk = await open_as("clerk", "/desk")
    waiting = clerk.locator("section", has=clerk.get_by_role("heading", name="Wartet auf den Kunden"))
    row = waiting.locator(".desk-row", has_text=f"Auftrag {order}")
    await eventually(lambda: _says(row, "Mail verschickt, noch nicht gesehen"), seconds=60)

    # The clerk's own look is none of the customer's.
    await row.get_by_role("link", name=f"Auftrag {order}").click()
    await clerk.get_by_role("button", name="Sehen, was der Kunde sieht").click()
    await clerk.locator(".proof-card").get_by_role("link", name=title).click()
    await expect(clerk.locator(".view-banner")).to_contain_text("nichts gilt als gesehen")
    await expect(clerk.locator(".picture img")).to_be_visible()
    await clerk.get_by_role("button", name="Ansicht beenden").click()
    await clerk.goto("/desk")
    await expect(row).to_contain_text("Mail verschickt, noch nicht gesehen")

    # The customer follows his mail; the desk and the proof tell when.
    request = await cockpit.wait_for_mail(cockpit.login("customer").email, f"Auftrag {order}")
    customer = await open_as("customer", link_in(request, f"{cockpit.url}/proofs/"), width=360)
    await expect(customer.get_by_role("link", name="Version 1 freigeben")).to_be_visible()
    seen = FORMATS.moment((await _version(cockpit, order)).seen_at)
    assert seen
    await clerk.reload()
    await expect(row).to_contain_text(f"gesehen am {seen}")
    await expect(row).not_to_contain_text("noch nicht gesehen")
    await row.get_by_role("link", name=title).click()
    history = clerk.locator(".timeline li", has_text="Vom Kunden gesehen")
    await expect(history).to_contain_text(seen)


async def _version(cockpit: Cockpit, order_number: str) -> VersionRow:
    async with aiohttp.ClientSession() as session:
        approvals = cockpit.client(session, "approvals")
        rows = await approvals.get("/versions", VersionRows, who=CLERK, query={"size": "500"})
    return next(row for row in rows.versions if row.order_number == order_number)


@pytest.mark.timeout("240")
async def test_a_clerk_without_address_and_picture_is_a_fault_and_his_mail_goes_to_the_fallback_address(
    cockpit: Cockpit, open_as: OpenAs
) -> None:
    order, new = "2026-7622", {"clerk_code": "OM", "name": "Olga Malik"}
    await cockpit.tell(cloud_event("cdh.clerk.changed", new))
    await tell_document(cockpit, "order", order, positions=[position("1")], clerk_code="OM")
    await cockpit.assign_by_cockpit(order, cockpit.demo.proof.file, "--title", "Ärmel", "--clerk", "OM")
    clerk = await open_as("clerk", "/desk")
    without_address = clerk.locator(".message-warning", has_text="Sachbearbeiter ohne E-Mail-Adresse")
    await expect(without_address).to_contain_text("Olga Malik")
    await expect(without_address).to_contain_text("Ihre Mails gehen an die Ersatzadresse")
    without_picture = clerk.locator(".message", has_text="Sachbearbeiter ohne Bild")
    await expect(without_picture).to_contain_text("Olga Malik")

    # The customer sees initials and no address, and decides; the mail says for whom it is.
    request = await cockpit.wait_for_mail(cockpit.login("customer").email, f"Auftrag {order}")
    customer = await open_as("customer", link_in(request, f"{cockpit.url}/proofs/"), width=360)
    card = customer.locator("section.person")
    await expect(card).to_contain_text("Olga Malik")
    await expect(card.locator(".face-letters")).to_have_text("OM")
    await expect(card.locator("a[href^='mailto:']")).to_have_count(0)
    await customer.get_by_role("link", name="Version 1 freigeben").click()
    await customer.get_by_role("button", name="Version 1 verbindlich freigeben").click()
    await expect(customer.get_by_role("heading", level=1)).to_contain_text("Freigegeben am")
    mail = await cockpit.wait_for_mail(FALLBACK, f"Auftrag {order}: Freigabemuster freigegeben")
    assert "weil für Olga Malik (OM) keine E-Mail-Adresse hinterlegt ist" in " ".join(mail.text.split())

    # As soon as CDH knows the address, the fault is gone.
    await cockpit.tell(cloud_event("cdh.clerk.changed", {**new, "email": f"malik@{DEALER.domain}"}))
    await eventually(lambda: _is_gone(without_address.filter(has_text="Olga Malik")))


async def _is_gone(part: Locator) -> bool:
    await part.page.reload()
    return await part.count() == 0
