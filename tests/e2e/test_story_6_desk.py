"""The clerk's buttons of CDH, as pages of the desk: access, view, assigning, what waits for whom."""

import base64
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest
from playwright.async_api import Locator, expect

from deploy.demo.company import CUSTOMERS, DEMO_CUSTOMER
from shared.api.approvals import VersionRow, VersionRows
from shared.api.documents import NumberedDocuments
from shared.web import Identity
from tests.e2e.conftest import OpenAs
from tests.e2e.telling import tell_document
from tests.support import eventually
from tests.support.cockpit import Cockpit, cloud_event
from tests.support.pdfs import LOCKED_PDF, PDF

CLERK = Identity(role="clerk", name="Miriam Berger", clerk_code="MB")
WITHOUT_ACCESS = next(one for one in CUSTOMERS if one.name == "Bäckerei Kornblick")
DROP = """([selector, files]) => {
  const transfer = new DataTransfer();
  for (const [name, type, content] of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  const zone = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
  }
}"""


def _pdf(text: str) -> bytes:
    return PDF + f"% {text}\n".encode()


async def _make_order(cockpit: Cockpit, number: str) -> UUID:
    """An order of the demo's customer with three positions, as CDH tells it."""
    positions = [
        {"position_key": str(count), "number": str(count), "text": f"T-Shirt {count}", "quantity": "10"}
        for count in (1, 2, 3)
    ]
    order = {
        "kind": "order",
        "number": number,
        "customer_number": DEMO_CUSTOMER.customer_number,
        "contact_id": DEMO_CUSTOMER.contacts[0].contact_id,
        "clerk_code": CLERK.clerk_code,
        "document_date": "2026-11-20",
        "subject": "Nachbestellung",
        "positions": positions,
    }
    await cockpit.tell(cloud_event("cdh.document.changed", order))
    async with aiohttp.ClientSession() as session:
        documents = cockpit.client(session, "documents")

        async def find() -> UUID | None:
            found = await documents.get(f"/numbers/order/{number}", NumberedDocuments, who=CLERK)
            return found.documents[0].document_id if found.documents else None

        await eventually(find)
        document_id = await find()
    assert document_id is not None
    return document_id


async def _versions(cockpit: Cockpit, order_number: str) -> list[VersionRow]:
    async with aiohttp.ClientSession() as session:
        approvals = cockpit.client(session, "approvals")
        query = {"size": "500"}
        rows = (await approvals.get("/versions", VersionRows, who=CLERK, query=query)).versions
    return [row for row in rows if row.order_number == order_number]


def _folder(cockpit: Cockpit, order_number: str) -> Path:
    return cockpit.stack.order_folder_root / "2026" / order_number / "Freigabemuster"


async def test_the_button_on_a_customer_without_access_leads_to_the_invitation(
    cockpit: Cockpit, open_as: OpenAs
) -> None:
    number, contact = WITHOUT_ACCESS.customer_number, WITHOUT_ACCESS.contacts[0]
    page = await open_as("clerk", f"/desk/go/customer/{number}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(WITHOUT_ACCESS.name)
    await expect(page.locator("main")).to_contain_text("noch kein Zugang")

    await page.locator(".page-head").get_by_role("link", name="Zugang anlegen").click()
    await expect(page.get_by_label(contact.name)).to_be_checked()
    await page.get_by_role("button", name="Einladung senden").click()

    await expect(page.locator("main")).to_contain_text("Die Einladung ist unterwegs.")
    await expect(page.locator(".invitations")).to_contain_text(contact.email)
    mail = await cockpit.wait_for_mail(contact.email, "/register/")
    assert f"{cockpit.url}/register/" in mail.text


async def test_an_open_quote_leads_to_the_invitation_of_its_contact(
    cockpit: Cockpit, open_as: OpenAs
) -> None:
    contact = {"contact_id": "2", "name": "Hanna Eich", "email": "eich@moebel-eich.example"}
    contacts = [{"contact_id": "1", "name": "Paul Buche", "email": "buche@moebel-eich.example"}, contact]
    customer = {"customer_number": "10778", "name": "Möbel Eich GmbH", "contacts": contacts}
    await cockpit.tell(cloud_event("cdh.customer.changed", customer))
    await tell_document(cockpit, "quote", "AN-7601", customer_number="10778", contact_id="2")
    page = await open_as("clerk", "/quotes?q=AN-7601", width=360)
    await page.get_by_role("link", name="AN-7601", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Angebot AN-7601")

    await page.get_by_role("link", name="Kundenzugang erstellen").click()
    await expect(page.get_by_label(contact["name"])).to_be_checked()
    asked = page.url
    await page.goto("/desk/go/quote/AN-7601?action=access")  # the same as CDH's button
    await expect(page).to_have_url(asked)
    await page.get_by_role("button", name="Einladung senden").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Möbel Eich GmbH")
    await expect(page.locator(".invitations")).to_contain_text(contact["email"])
    mail = await cockpit.wait_for_mail(contact["email"], "/register/")
    assert mail.message["From"].addresses[0].addr_spec == cockpit.login("clerk").email


async def test_looking_at_what_the_customer_sees(cockpit: Cockpit, open_as: OpenAs) -> None:
    document_id = await _make_order(cockpit, "2026-7601")
    await cockpit.assign_by_cockpit("2026-7601", cockpit.demo.proof.file, "--title", "Nur schauen")
    await eventually(lambda: _is_pending(cockpit, "2026-7601"), seconds=60)
    page = await open_as("clerk", "/desk/go/order/2026-7601?action=view")

    await page.get_by_role("button", name="Sehen, was der Kunde sieht").click()
    await expect(page).to_have_url(f"{cockpit.url}/orders/{document_id}")
    await expect(page.locator(".view-banner")).to_contain_text(f"Sie sehen, was {DEMO_CUSTOMER.name} sieht.")
    await page.get_by_role("link", name="Nur schauen").click()
    await expect(page.locator("main")).to_contain_text("Hier hat der Kunde die Knöpfe")
    await expect(page.get_by_role("link", name="freigeben")).to_have_count(0)
    await page.goto("/desk")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nur in Ihrer eigenen Ansicht")
    await page.locator("main").get_by_role("button", name="Ansicht beenden").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Was auf wen wartet")
    await expect(page.locator(".view-banner")).to_have_count(0)
    [version] = await _versions(cockpit, "2026-7601")
    assert version.seen_at is None


async def _is_pending(cockpit: Cockpit, number: str) -> bool:
    return [row.state for row in await _versions(cockpit, number)] == ["pending"]


async def test_two_actions_assign_a_proof_from_the_open_order(cockpit: Cockpit, open_as: OpenAs) -> None:
    document_id = await _make_order(cockpit, "2026-7602")
    page = await open_as("clerk", f"/orders/{document_id}")

    button = page.locator(".section-head").get_by_role("link", name="Freigabemuster zuordnen")
    await _expect_top_right(button, of=page.get_by_role("table", name="Positionen"))
    await button.click()
    await expect(page.locator(".drop")).to_be_visible()
    files = [
        [name, "application/pdf", base64.b64encode(_pdf(name)).decode()]
        for name in ("Rückseite.pdf", "Vorderseite.pdf")
    ]
    await page.evaluate(DROP, [".drop", files])

    await expect(page).to_have_url(f"{cockpit.url}/orders/{document_id}")
    await expect(page.locator("main")).to_contain_text("Zugeordnet.")
    await eventually(lambda: _names(cockpit, "2026-7602"), is_=["Rückseite_v1.pdf", "Vorderseite_v1.pdf"])
    await eventually(lambda: _count(cockpit, "2026-7602"), is_=2)
    customer = cockpit.login("customer")
    await cockpit.wait_for_mail(customer.email, "2026-7602")


async def _expect_top_right(part: Locator, *, of: Locator) -> None:
    box, beside = await part.bounding_box(), await of.bounding_box()
    assert box
    assert beside
    assert box["y"] + box["height"] <= beside["y"]
    assert box["x"] + box["width"] == pytest.approx(beside["x"] + beside["width"], abs=1)


def _names(cockpit: Cockpit, number: str) -> list[str]:
    folder = _folder(cockpit, number)
    return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []


async def test_several_files_for_a_chosen_position_by_choosing_them(
    cockpit: Cockpit, open_as: OpenAs
) -> None:
    document_id = await _make_order(cockpit, "2026-7603")
    page = await open_as("clerk", f"/orders/{document_id}", width=360)
    await page.get_by_role("link", name="Freigabemuster zuordnen zu Position 2").click()
    await expect(page.get_by_label("Pos. 2")).to_be_checked()
    files = [
        {"name": name, "mimeType": "application/pdf", "buffer": _pdf(name)}
        for name in ("vorn.pdf", "hinten.pdf")
    ]
    await page.set_input_files("#file", files)  # type: ignore[arg-type]  # playwright's own dictionary

    await expect(page.locator("main")).to_contain_text("Zugeordnet.")
    expected = ["Pos 2 hinten_v1.pdf", "Pos 2 vorn_v1.pdf"]
    await eventually(lambda: _names(cockpit, "2026-7603"), is_=expected)
    await eventually(lambda: _count(cockpit, "2026-7603"), is_=2)
    assert {row.position_numbers for row in await _versions(cockpit, "2026-7603")} == {("2",)}


async def _count(cockpit: Cockpit, number: str) -> int:
    return len(await _versions(cockpit, number))


async def test_without_scripts_bad_files_are_named_and_a_reload_assigns_once(
    cockpit: Cockpit, open_as: OpenAs, tmp_path: Path
) -> None:
    document_id = await _make_order(cockpit, "2026-7604")
    good, locked = tmp_path / "gut.pdf", tmp_path / "zu.pdf"
    good.write_bytes(_pdf("good"))
    locked.write_bytes(LOCKED_PDF)
    page = await open_as("clerk", f"/desk/orders/{document_id}/assign", scripts=False)
    await page.locator("summary").click()
    await page.fill("[name=title]", "Karte")
    await page.set_input_files("#file", [good, locked])
    await page.locator("main").get_by_role("button", name="Zuordnen").click()

    await expect(page.locator("main")).to_contain_text("Zugeordnet: gut.pdf")
    await expect(page.locator(".error-summary")).to_contain_text(
        "zu.pdf: Die PDF-Datei ist mit einem Passwort"
    )
    await expect(page.locator("[name=title]")).to_have_value("Karte")
    await page.reload()
    await expect(page.locator("main")).to_contain_text("Zugeordnet: gut.pdf")
    await eventually(lambda: _count(cockpit, "2026-7604"), is_=1)
    assert [row.version for row in await _versions(cockpit, "2026-7604")] == [1]


async def test_a_sample_waits_for_its_order_and_goes_to_the_customer_once_it_is_there(
    cockpit: Cockpit, open_as: OpenAs
) -> None:
    await cockpit.assign_by_cockpit("2026-7607", cockpit.demo.proof.file, "--title", "Zu früh")
    await eventually(lambda: _count(cockpit, "2026-7607"), is_=1)
    page = await open_as("clerk", "/desk?whose=all")
    row = page.locator(".desk-row", has_text="Auftrag 2026-7607")
    await expect(row.locator(".chip")).to_have_text("Wartet auf den Auftrag")
    await expect(row).to_contain_text("Der Auftrag ist noch nicht aus CDH angekommen.")

    await _make_order(cockpit, "2026-7607")
    await cockpit.wait_for_mail(cockpit.login("customer").email, "Zu früh")
    await page.reload()
    await expect(row.locator(".chip")).to_have_text("Wartet auf den Kunden")


async def test_a_sample_with_a_wrong_position_says_so_at_the_desk(cockpit: Cockpit, open_as: OpenAs) -> None:
    await _make_order(cockpit, "2026-7606")
    file = cockpit.demo.proof.file
    await cockpit.assign_by_cockpit("2026-7606", file, "--position", "9", "--title", "Vertippt")
    await eventually(lambda: _count(cockpit, "2026-7606"), is_=1)
    page = await open_as("clerk", "/desk")
    row = page.locator(".desk-row", has_text="Vertippt")
    await expect(row).to_contain_text("Position 9 gibt es in diesem Auftrag (noch) nicht.")
    await expect(page.get_by_role("link", name="Nur meine")).to_have_attribute("aria-current", "true")
    everybody = await page.locator(".desk-row").count()
    await page.get_by_role("link", name="Alle", exact=True).click()
    await expect(page.get_by_role("link", name="Alle", exact=True)).to_have_attribute("aria-current", "true")
    assert await page.locator(".desk-row").count() > everybody


async def test_the_buttons_of_cdh_work_from_a_workstation(cockpit: Cockpit) -> None:
    customer = WITHOUT_ACCESS.customer_number
    email = "neu@baeckerei-kornblick.example"
    code, said = await cockpit.run_cockpit("request-access", "--customer", customer, "--email", email)
    assert (code, said) == (
        0,
        f"Die Einladung für Kunde {customer} ist angefragt. Wer schon einen Zugang hat, bekommt keine.\n",
    )
    await cockpit.wait_for_mail(email, "/register/")
    code, said = await cockpit.run_cockpit("request-access", "--customer", "99999")
    assert code == 1
    assert "Diese Kundennummer ist nicht bekannt." in said
    code, said = await cockpit.run_cockpit("open", "--print-only", "--order", "2026-1042")
    assert (code, said.strip()) == (0, f"{cockpit.url}/desk/go/order/2026-1042")
