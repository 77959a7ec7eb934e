"""The main job: a clerk assigns a proof, the customer is asked, looks, decides; both get the record."""

import hashlib
from pathlib import Path

import aiohttp
import pypdfium2
import pytest
from playwright.async_api import Locator, Page, expect

from deploy.local.mails import CaughtMail
from shared.api.auth import CreateAccount
from shared.web import SYSTEM
from tests.e2e.conftest import OpenPage, log_in, log_in_as
from tests.e2e.telling import entry, position, tell_document
from tests.support import eventually
from tests.support.cockpit import Cockpit, cloud_event

ENGLISH_CUSTOMER = "10790"
PASSWORD = "three-words-in-a-row"


def _link(mail: CaughtMail, public_url: str) -> str:
    return next(word for word in mail.text.split() if word.startswith(f"{public_url}/"))


def _folder(cockpit: Cockpit, order_number: str) -> Path:
    return cockpit.stack.order_folder_root / order_number[:4] / order_number / "Freigabemuster"


async def _shown(page: Page) -> bool:
    """Whether every picture on the page has really been drawn."""
    drawn = await page.evaluate("[...document.images].map(image => image.complete && image.naturalWidth > 0)")
    return bool(drawn) and all(drawn)


@pytest.mark.timeout("240")
async def test_from_the_clerks_action_to_the_record_in_both_mails(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    customer, assign = cockpit.login("customer"), cockpit.demo.proof
    await cockpit.assign_by_cockpit(assign.order_number, assign.file, "--position", assign.position)

    # The sample lies in the order's folder, and the customer has a mail.
    folder = _folder(cockpit, assign.order_number)
    await eventually(lambda: folder.is_dir() and [*folder.glob("[!.]*")] != [])
    assert [file.read_bytes() for file in folder.glob("[!.]*")] == [assign.file.read_bytes()]
    request = await cockpit.wait_for_mail(customer.email, f"Auftrag {assign.order_number}")
    assert request.subject.startswith(f"Auftrag {assign.order_number}:")

    # Three taps from the mail to the decision: the link, the button, the confirmation.
    page = await open_page(width=360)
    await page.goto(_link(request, cockpit.url))
    await log_in(page, cockpit, "customer")
    await expect(page.locator("h1")).to_be_visible()
    await eventually(lambda: _shown(page))
    await page.get_by_role("link", name="Version 1 freigeben").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bitte prüfen")
    await page.get_by_role("button", name="Version 1 verbindlich freigeben").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Freigegeben am")
    await expect(page.locator("main")).to_contain_text("Das Protokoll kommt per Mail.")

    # The record joins the sample, and the same bytes reach customer and clerk.
    await eventually(lambda: len([*folder.glob("[!.]*")]) == 2, seconds=60)
    record = next(file for file in folder.glob("[!.]*") if file.name.startswith("Freigabeprotokoll"))
    mails = await _mails_with_record(cockpit, count=2)
    assert {mail.recipients for mail in mails} == {(customer.email,), (cockpit.login("clerk").email,)}
    for mail in mails:
        assert [attachment.content for attachment in mail.attachments] == [record.read_bytes()]

    # The order shows its status bar and the approved proof; the record can be fetched.
    await page.reload()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Freigabeprotokoll").click()
    fetched = await (await download.value).path()
    assert hashlib.sha256(fetched.read_bytes()).digest() == hashlib.sha256(record.read_bytes()).digest()
    await page.get_by_role("link", name=f"Zum Auftrag {assign.order_number}").click()
    await expect(page.locator("[aria-current=step]")).to_contain_text("Bestätigt")
    await expect(page.locator("main")).to_contain_text("1 von 1 freigegeben")


@pytest.mark.timeout("240")
async def test_without_scripts_a_customer_asks_for_changes(cockpit: Cockpit, open_page: OpenPage) -> None:
    title, order_number = "Ohne Skripte", "2026-7101"
    await tell_document(cockpit, "order", order_number)
    await cockpit.assign_by_cockpit(order_number, cockpit.demo.proof.file, "--title", title)
    [request, *_] = await _mails_about(cockpit, title, count=1)

    page = await open_page(width=360, scripts=False)
    await page.goto(_link(request, cockpit.url))
    await log_in(page, cockpit, "customer")
    await page.get_by_role("link", name="Korrektur anfordern").click()

    # Without a word it is refused with a sentence at the field; with words it is sent.
    send = page.get_by_role("button", name="Korrektur anfordern")
    await send.click()
    await expect(page.locator("a[href='#comment']")).to_be_visible()
    await page.fill("[name=comment]", "Die Telefonnummer endet auf 45.")
    await send.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Korrektur angefordert am")
    await expect(page.locator("main")).to_contain_text("Die Telefonnummer endet auf 45.")

    # The clerk reads what is to be corrected, and both have the record.
    mails = await _mails_about(cockpit, title, count=2, with_record=True)
    readers = {recipient for mail in mails for recipient in mail.recipients}
    assert {cockpit.login(role).email for role in ("customer", "clerk")} <= readers
    assert all("endet auf 45" in mail.text for mail in mails)


@pytest.mark.timeout("240")
async def test_a_reader_of_english_is_asked_decides_and_is_answered_in_english(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    order_number, email = "2026-7941", "grace.hall@harbour-coffee.example"
    await _make_english_reader(cockpit, email)
    await tell_document(
        cockpit,
        "order",
        order_number,
        customer_number=ENGLISH_CUSTOMER,
        contact_id="1",
        positions=[position("1")],
        status_entries=[entry("order.confirmed", "2026-11-20T10:00:00Z")],
    )
    await cockpit.assign_by_cockpit(order_number, cockpit.demo.proof.file, "--title", "Apron")
    request = await cockpit.wait_for_mail(email, order_number)
    assert request.subject == f"Order {order_number}: please approve the print proof"
    assert f"Please look at the print proof for your order {order_number}" in request.text

    page = await open_page(width=360, locale="en-GB")
    await page.goto(_link(request, cockpit.url))
    await log_in_as(page, email, PASSWORD)
    # By the keyboard alone.
    await _enter(page, page.get_by_role("link", name="Approve version 1"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Please check")
    await _enter(page, page.get_by_role("button", name="Approve version 1 (binding)"))
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Approved on")
    await expect(page.locator("main")).to_contain_text("The record will come by mail.")

    answer = await cockpit.wait_for_mail(email, "You approved the print proof")
    assert answer.subject == f"Order {order_number}: your approval arrived (Apron)"
    [record] = answer.attachments
    pdf = pypdfium2.PdfDocument(record.content)
    text = " ".join(sheet.get_textpage().get_text_range() for sheet in pdf)
    pdf.close()
    for said in (
        "Approval record",
        f"Order {order_number}",
        "Text agreed to",
        "Grace Hall, Harbour Coffee Ltd",
    ):
        assert said in text

    await _enter(page, page.get_by_role("link", name=f"Go to order {order_number}"))
    await expect(page.locator(".status-now")).to_have_text("Step 2 of 5: Confirmed")
    await expect(page.locator("main")).to_contain_text("1 of 1 approved")
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def _enter(page: Page, target: Locator) -> None:
    """As somebody without a mouse: by Tab until it has the focus, then Enter."""
    await expect(target).to_be_visible()
    for _ in range(60):
        if await target.evaluate("one => one === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await expect(target).to_be_focused()
    await page.keyboard.press("Enter")


async def _make_english_reader(cockpit: Cockpit, email: str) -> None:
    """A person whose language is English, of a customer of his own."""
    contact = {"contact_id": "1", "name": "Grace Hall", "email": email}
    customer = {"customer_number": ENGLISH_CUSTOMER, "name": "Harbour Coffee Ltd", "contacts": [contact]}
    await cockpit.tell(cloud_event("cdh.customer.changed", customer))
    account = CreateAccount(
        role="customer",
        name=contact["name"],
        email=email,
        password=PASSWORD,
        locale="en",
        customer_number=ENGLISH_CUSTOMER,
        contact_id="1",
        may_approve=True,
    )
    async with aiohttp.ClientSession() as session:
        await cockpit.client(session, "auth").call("POST", "/accounts", who=SYSTEM, body=account)


async def _mails_about(
    cockpit: Cockpit, title: str, *, count: int, with_record: bool = False
) -> list[CaughtMail]:
    def found() -> list[CaughtMail]:
        mails = cockpit.mails.list_mails()
        return [mail for mail in mails if title in mail.text and bool(mail.attachments) == with_record]

    await eventually(lambda: len(found()) >= count, seconds=60)
    return found()


async def _mails_with_record(cockpit: Cockpit, *, count: int) -> list[CaughtMail]:
    def found() -> list[CaughtMail]:
        return [
            mail
            for mail in cockpit.mails.list_mails()
            if mail.attachments and cockpit.demo.proof.order_number in mail.subject
        ]

    await eventually(lambda: len(found()) == count, seconds=60)
    return found()
