"""The main job: a clerk assigns a proof, the customer is asked, looks, decides; both get the record."""

import hashlib
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from deploy.local.mails import CaughtMail
from tests.e2e.conftest import OpenPage, log_in
from tests.support import eventually
from tests.support.cockpit import Cockpit


def _link(mail: CaughtMail, public_url: str) -> str:
    return next(word for word in mail.text.split() if word.startswith(f"{public_url}/"))


def _folder(cockpit: Cockpit, order_number: str) -> Path:
    return cockpit.stack.order_folder_root / order_number[:4] / order_number / "Freigabemuster"


async def _shown(page: Page) -> bool:
    """Whether every picture on the page has really been drawn."""
    drawn = await page.evaluate("[...document.images].map(image => image.complete && image.naturalWidth > 0)")
    return bool(drawn) and all(drawn)


@pytest.mark.timeout("180")
async def test_from_the_clerks_action_to_the_record_in_both_mails(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    customer, assign = cockpit.login("customer"), cockpit.demo.proof
    await cockpit.assign_by_cockpit(assign.order_number, assign.file, "--position", assign.position)

    # The sample lies in the order's folder, and the customer has a mail.
    folder = _folder(cockpit, assign.order_number)
    await eventually(lambda: folder.is_dir() and [*folder.iterdir()] != [])
    assert [file.read_bytes() for file in folder.iterdir()] == [assign.file.read_bytes()]
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
    await eventually(lambda: len([*folder.iterdir()]) == 2, seconds=60)
    record = next(file for file in folder.iterdir() if file.name.startswith("Freigabeprotokoll"))
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


async def _mails_with_record(cockpit: Cockpit, *, count: int) -> list[CaughtMail]:
    def found() -> list[CaughtMail]:
        return [
            mail
            for mail in cockpit.mails.list_mails()
            if mail.attachments and cockpit.demo.proof.order_number in mail.subject
        ]

    await eventually(lambda: len(found()) == count, seconds=60)
    return found()
