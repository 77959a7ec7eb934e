"""The operator looks after accesses: finds them, takes rights, deletes; and after open registrations."""

import aiohttp
import pytest
from playwright.async_api import Page, expect

from shared.api.auth import CreateAccount
from shared.api.documents import DocumentRows
from shared.web import SYSTEM, Identity
from tests.e2e.conftest import OpenPage, link_in, log_in, log_in_as
from tests.support import eventually
from tests.support.cockpit import Cockpit

CUSTOMER, COMPANY = "10451", "Spedition Weitblick GmbH"
NAME, EMAIL, PASSWORD = "Holger Pohl", "holger.pohl@spedition-weitblick.example", "acht volle laster"
TITLE = "Plane Seitenwand"


@pytest.mark.timeout("240")
async def test_a_deleted_access_is_shut_out_at_once_and_its_approval_keeps_the_name(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    await _register(cockpit)
    order_number = await _order_of_the_customer(cockpit)
    await cockpit.assign_by_cockpit(order_number, cockpit.demo.proof.file, "--title", TITLE)
    request = await cockpit.wait_for_mail(EMAIL, TITLE)

    # The person approves.
    person = await open_page(width=360)
    await person.goto(link_in(request, f"{cockpit.url}/"))
    await log_in_as(person, EMAIL, PASSWORD)
    await person.get_by_role("link", name="Version 1 freigeben").click()
    await person.get_by_role("button", name="Version 1 verbindlich freigeben").click()
    await expect(person.get_by_role("heading", level=1)).to_contain_text("Freigegeben am")
    approved = person.url.removesuffix("/decided")

    # The operator finds the person, takes the right to approve and, after a check, deletes the access.
    operator = await open_page()
    await operator.goto("/admin")
    await log_in(operator, cockpit, "operator")
    await operator.get_by_role("link", name="Zugänge").last.click()
    await operator.fill("[name=q]", "weitblick pohl")
    await operator.get_by_role("button", name="Anwenden").last.click()
    await expect(operator.locator("main")).to_contain_text("1 Zugang")
    await operator.get_by_role("link", name=NAME).click()
    await operator.get_by_role("button", name="Freigaben entziehen").click()
    await expect(operator.get_by_role("status").first).to_contain_text("nur noch ansehen")
    await operator.get_by_role("link", name="Zugang löschen").click()
    await expect(operator.get_by_role("heading", level=1)).to_have_text("Bitte prüfen")
    await person.goto("/")
    assert "/login" not in person.url
    await operator.get_by_role("button", name=f"Zugang von {NAME} löschen").click()
    await expect(operator.get_by_role("status").first).to_contain_text("Der Zugang ist gelöscht")

    # The open browser is out, the way back is shut, the approval has its name.
    await eventually(lambda: _is_at_the_login(person))
    await log_in_as(person, EMAIL, PASSWORD)
    await expect(person.get_by_role("alert")).to_contain_text("stimmt nicht")
    await operator.goto(approved)
    await expect(operator.locator("main")).to_contain_text(NAME)


@pytest.mark.timeout("240")
async def test_open_registrations_are_sent_again_withdrawn_and_taken_as_a_file(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    email = "ewa.nowak@spedition-weitblick.example"
    operator = await open_page()
    await operator.goto(f"/desk/customers/{CUSTOMER}/access?contact={CUSTOMER}-2")
    await log_in(operator, cockpit, "operator")
    await operator.get_by_role("button", name="Einladung senden").click()
    first = link_in(await cockpit.wait_for_mail(email, "Registrierung"), f"{cockpit.url}/register/")

    # Sent again: a new link, the older one is over.
    await operator.goto("/admin/invitations?q=nowak")
    await expect(operator.locator("main")).to_contain_text("1 Einladung")
    await operator.get_by_role("button", name="Erneut senden").click()
    await expect(operator.get_by_role("status").first).to_contain_text("noch einmal unterwegs")
    again = await cockpit.wait_for_mail(email, "Registrierung", count=2)
    second = link_in(again, f"{cockpit.url}/register/")
    assert (await _status(first), await _status(second)) == (404, 200)

    # The list as a file.
    await operator.goto("/admin/invitations?q=nowak")
    async with operator.expect_download() as download:
        await operator.get_by_role("link", name="Als CSV laden").click()
    file = await download.value
    assert file.suggested_filename.startswith("Registrierungen ")
    head, row = (await file.path()).read_text("utf-8-sig").splitlines()
    assert head.startswith('"Name";"E-Mail-Adresse"')
    assert f'"Ewa Nowak";"{email}"' in row
    assert COMPANY in row

    # Withdrawn: no link is left.
    await operator.get_by_role("button", name="Zurückziehen").click()
    await expect(operator.get_by_role("status").first).to_contain_text("zurückgezogen")
    assert await _status(second) == 404


async def _register(cockpit: Cockpit) -> None:
    account = CreateAccount(
        role="customer",
        name=NAME,
        email=EMAIL,
        password=PASSWORD,
        customer_number=CUSTOMER,
        may_approve=True,
    )
    async with aiohttp.ClientSession() as session:
        await cockpit.client(session, "auth").call("POST", "/accounts", who=SYSTEM, body=account)


async def _order_of_the_customer(cockpit: Cockpit) -> str:
    who = Identity(role="customer", customer_number=CUSTOMER)
    async with aiohttp.ClientSession() as session:
        found = await cockpit.client(session, "documents").get(
            "/documents", DocumentRows, who=who, query={"kind": "order"}
        )
    return found.rows[0].number


async def _is_at_the_login(page: Page) -> bool:
    await page.goto("/")
    return "/login" in page.url


async def _status(link: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(link) as response:
        return response.status
