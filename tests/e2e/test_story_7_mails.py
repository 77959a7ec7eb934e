"""Mails of the clerks: request and invitation in one, and by setting as drafts for his own Outlook."""

import email
import email.policy
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenPage, link_in, log_in
from tests.e2e.looks import small_targets
from tests.support import eventually
from tests.support.cockpit import Cockpit, cloud_event
from tests.support.pdfs import PDF

NAME, EMAIL, PASSWORD = "Ole Hansen", "ole.hansen@kranbau-kueste.example", "drei kräne am kai"
CUSTOMER, COMPANY, ORDER = "10777", "Kranbau Küste GmbH", "2026-7701"
SHA256 = hashlib.sha256(PDF).hexdigest()


@pytest.mark.timeout("240")
async def test_who_is_not_registered_gets_request_and_invitation_in_one_mail(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    clerk = cockpit.login("clerk")
    await _tell(cockpit, *_customer_with_order(CUSTOMER, EMAIL, ORDER), _assigned(ORDER, "Kranhaken"))

    # One mail from the clerk, with both; his copy lets nobody in.
    mail = await cockpit.wait_for_mail(EMAIL, ORDER)
    assert mail.message["From"].addresses[0].addr_spec == clerk.email
    assert "Kranhaken" in mail.text
    link = link_in(mail, f"{cockpit.url}/register/")
    copy = await cockpit.wait_for_mail(clerk.email, f"Kopie: Auftrag {ORDER}")
    assert "/register/" not in copy.text + copy.html

    # A scanner of links opens it first; the customer registers all the same, and decides.
    async with aiohttp.ClientSession() as scanner, scanner.get(link) as response:
        assert response.status == 200
    person = await open_page(width=360)
    await person.goto(link)
    await person.fill("[name=name]", NAME)
    await person.fill("[name=email]", EMAIL)
    await person.fill("[name=password]", PASSWORD)
    await person.click("main form button:not([type=button])")
    await person.wait_for_url(f"{cockpit.url}/")
    await person.get_by_role("link", name="Kranhaken").first.click()
    await person.get_by_role("link", name="Version 1 freigeben").click()
    await person.get_by_role("button", name="Version 1 verbindlich freigeben").click()
    await expect(person.get_by_role("heading", level=1)).to_contain_text("Freigegeben am")

    # The clerk hears of both.
    registered = await cockpit.wait_for_mail(clerk.email, f"{COMPANY}: {NAME} hat sich registriert")
    assert EMAIL in registered.text
    decided = await cockpit.wait_for_mail(clerk.email, f"Auftrag {ORDER}: Freigabemuster freigegeben")
    assert [one.content.startswith(b"%PDF") for one in decided.attachments] == [True]


@pytest.mark.timeout("240")
async def test_by_setting_a_clerks_mail_waits_as_a_draft_for_his_outlook(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    order = "2026-7702"
    await _tell(cockpit, *_customer_with_order("10779", "ole@kranbau-ost.example", order))
    operator = await open_page()
    await operator.goto("/admin/mail")
    await log_in(operator, cockpit, "operator")
    async with _drafts_for_outlook(operator):
        await _tell(cockpit, _assigned(order, "Kranfahne"))

        # The desk says that a mail waits; the clerk opens it, in a file that Outlook would show.
        clerk = await open_page(width=360)
        await clerk.goto("/desk")
        await log_in(clerk, cockpit, "clerk")
        waits = clerk.get_by_role("link", name="aus Outlook verschicken")
        await eventually(lambda: _is_there_after_reload(waits), seconds=60)
        row = clerk.locator(".desk-row", has_text="Kranfahne")
        await eventually(
            lambda: _is_there_after_reload(row.filter(has_text="die Mail wartet auf Versand")), seconds=60
        )
        assert await small_targets(clerk) == []
        await waits.click()
        waiting = clerk.locator(".draft", has_text=order)
        async with clerk.expect_download() as download:
            await waiting.get_by_role("link", name="In Outlook öffnen").click()
        file = await download.value
        assert file.suggested_filename.endswith(".eml")
        draft = email.message_from_bytes((await file.path()).read_bytes(), policy=email.policy.default)
        assert draft["X-Unsent"] == "1"
        assert cockpit.login("clerk").email in draft["From"]
        assert order in draft["Subject"]
        assert not [mail for mail in cockpit.mails.list_mails() if "Kranfahne" in mail.text]

        # He says that he sent it, and the desk knows.
        await waiting.get_by_role("button", name="Als verschickt markieren").click()
        await expect(clerk.get_by_role("status").first).to_contain_text("Sie haben die Mail verschickt")
        await clerk.goto("/desk")
        await eventually(lambda: _is_there_after_reload(row.filter(has_text="Mail verschickt")), seconds=60)


@pytest.mark.timeout("240")
async def test_a_test_mail_says_what_is_wrong_before_anything_is_saved(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    operator = await open_page(width=360)
    await operator.goto("/admin/mail")
    await log_in(operator, cockpit, "operator")
    right = await operator.locator("#port").input_value()

    await operator.fill("#port", "1")
    await operator.get_by_role("button", name="Testmail senden").click()
    await expect(operator.get_by_role("alert")).to_contain_text("Auf diesem Port antwortet niemand.")
    assert await operator.locator("#port").input_value() == "1"

    await operator.select_option("#security", "tls")
    await operator.fill("#port", right)
    await operator.get_by_role("button", name="Testmail senden").click()
    await expect(operator.get_by_role("alert")).to_contain_text("verschlüsselt auf diesem Port nicht")

    await operator.select_option("#security", "none")
    await operator.fill("#recipient", "probe@werbeland.example")
    await operator.get_by_role("button", name="Testmail senden").click()
    await expect(operator.get_by_role("alert")).to_contain_text("hat die Testmail angenommen")
    await cockpit.wait_for_mail("probe@werbeland.example", "Testmail")
    await operator.goto("/admin/mail")
    await expect(operator.locator("main")).to_contain_text("Das sind die Werte der Installation")


@asynccontextmanager
async def _drafts_for_outlook(operator: Page) -> AsyncIterator[None]:
    """Chosen on the page, and taken back at the end: other tests wait for mails."""
    await operator.get_by_label("warten als Entwürfe für Outlook").check()
    await operator.get_by_role("button", name="Einstellungen speichern").click()
    await expect(operator.get_by_role("status").first).to_contain_text("Die Einstellungen sind gespeichert")
    try:
        yield
    finally:
        await operator.goto("/admin/mail")
        await operator.get_by_role("button", name="Werte der Installation wieder verwenden").click()
        await expect(operator.get_by_role("status").first).to_contain_text("gelten wieder")


async def _is_there_after_reload(part: Locator) -> bool:
    await part.page.reload()
    return await part.count() == 1


async def _tell(cockpit: Cockpit, *events: dict[str, object]) -> None:
    """As CDH does it."""
    headers = {"Authorization": f"Bearer {cockpit.demo.api_key}"}
    async with aiohttp.ClientSession(cockpit.url, headers=headers) as session:
        async with session.put(f"/cdh/v1/files/{SHA256}", data=PDF) as response:
            assert response.status == 200, await response.text()
        batch = {"Content-Type": "application/cloudevents-batch+json"}
        async with session.post("/cdh/v1/events", json=list(events), headers=batch) as response:
            assert {one["status"] for one in (await response.json())["results"]} == {"accepted"}


def _customer_with_order(customer_number: str, email: str, order_number: str) -> list[dict[str, object]]:
    contact = {"contact_id": "1", "name": NAME, "email": email}
    position = {"position_key": "1", "number": "1", "text": "Fahne", "quantity": "10"}
    return [
        cloud_event(
            "cdh.customer.changed",
            {"customer_number": customer_number, "name": COMPANY, "contacts": [contact]},
        ),
        cloud_event(
            "cdh.document.changed",
            {
                "kind": "order",
                "number": order_number,
                "customer_number": customer_number,
                "contact_id": "1",
                "clerk_code": "MB",
                "document_date": "2026-11-20",
                "positions": [position],
            },
        ),
    ]


def _assigned(order_number: str, title: str) -> dict[str, object]:
    file = {"sha256": SHA256, "name": f"{title}.pdf"}
    return cloud_event(
        "cdh.sample.assigned",
        {"order_number": order_number, "title": title, "clerk_code": "MB", "file": file},
    )
