"""A person of a customer: invited, registered with an own address, in again after a forgotten password."""

import aiohttp
import pytest
from playwright.async_api import Page, expect

from shared.api.auth import CreateAccount
from shared.web import SYSTEM
from tests.e2e.conftest import OpenPage, link_in, log_in, log_in_as
from tests.e2e.telling import tell_document
from tests.support import eventually
from tests.support.cockpit import Cockpit

CUSTOMER, COMPANY = "10428", "Softwarehaus Bitbaum GmbH"
INVITED, OWN = "leonie.kraemer@bitbaum.example", "leonie@kraemer-privat.example"
COLLEAGUE, ORDER = "nele.arndt@bitbaum.example", "2026-7501"
FIRST, SECOND = "drei helle lampen", "vier leise boote"


@pytest.mark.timeout("240")
async def test_from_the_invitation_to_a_forgotten_password(cockpit: Cockpit, open_page: OpenPage) -> None:
    # The clerk invites a contact from the customer's page.
    clerk = await open_page()
    await clerk.goto(f"/desk/customers/{CUSTOMER}/access?contact={CUSTOMER}-1")
    await log_in(clerk, cockpit, "clerk")
    await clerk.get_by_role("button", name="Einladung senden").click()
    await expect(clerk.get_by_role("status").first).to_contain_text("Einladung")

    # The mail's link says who invites for which company; scanners may open it, it stays good.
    invitation = await cockpit.wait_for_mail(INVITED, "Registrierung Partner-Cockpit")
    link = link_in(invitation, f"{cockpit.url}/register/")
    await _scan(link)
    page = await open_page(width=360)
    await page.goto(link)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Legen Sie Ihren Zugang an")
    await expect(page.locator("main")).to_contain_text("Miriam Berger")
    await expect(page.locator("main")).to_contain_text(COMPANY)
    assert await page.input_value("[name=email]") == INVITED

    # Too short a password is said at its field, everything else is still there.
    await page.fill("[name=email]", OWN)
    await page.fill("[name=password]", "kurz")
    await page.get_by_role("button", name="Zugang anlegen").click()
    await expect(page.get_by_role("link", name="Dieses Passwort ist zu kurz.")).to_be_visible()
    assert await page.input_value("[name=email]") == OWN
    assert await page.input_value("[name=password]") == ""

    # One may look at what one types; another address than the invited one is to be confirmed.
    await page.fill("[name=password]", FIRST)
    await page.get_by_role("button", name="Anzeigen").click()
    await expect(page.locator("[name=password]")).to_have_attribute("type", "text")
    await page.get_by_role("button", name="Zugang anlegen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bitte bestätigen Sie Ihre Adresse")
    await expect(page.locator("main")).to_contain_text(OWN)
    confirmation = link_in(await cockpit.wait_for_mail(OWN, "bestätigen Sie"), f"{cockpit.url}/confirm/")
    await _scan(confirmation)

    # Only who chose the password confirms the address: it may be a stranger's mailbox.
    await page.goto(confirmation)
    await page.fill("[name=password]", SECOND)
    await page.get_by_role("button", name="Adresse bestätigen und anmelden").click()
    await expect(
        page.get_by_role("link", name="Das ist nicht das Passwort, das Sie gewählt haben.")
    ).to_be_visible()
    await page.fill("[name=password]", FIRST)
    await page.get_by_role("button", name="Adresse bestätigen und anmelden").click()
    await expect(page.get_by_role("status").first).to_contain_text("Willkommen.")
    await _is_over(confirmation)
    await _is_over(link)

    # The clerk is told, also that it is another address.
    told = await cockpit.wait_for_mail(cockpit.login("clerk").email, OWN)
    assert "hat sich registriert" in f"{told.subject}\n{told.text}"
    assert INVITED in told.text

    # Forgotten: the page says the same for every address, the link sets a new password once.
    await page.get_by_role("button", name="Abmelden").click()
    await page.get_by_role("link", name="Passwort vergessen?").click()
    await page.fill("[name=email]", OWN)
    await page.get_by_role("button", name="Link senden").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bitte sehen Sie in Ihre Mails")
    reset = link_in(await cockpit.wait_for_mail(OWN, "Neues Passwort"), f"{cockpit.url}/reset/")
    await _scan(reset)
    await page.goto(reset)
    await page.fill("[name=password]", SECOND)
    await page.get_by_role("button", name="Passwort ändern").click()
    await expect(page).to_have_url(f"{cockpit.url}/login")
    await expect(page.get_by_role("status").first).to_contain_text("Ihr Passwort ist geändert.")
    await _is_over(reset)
    await log_in_as(page, OWN, FIRST)
    await expect(page.get_by_role("alert")).to_contain_text("stimmt nicht")
    await log_in_as(page, OWN, SECOND)
    await expect(page).to_have_url(f"{cockpit.url}/")
    notice = await cockpit.wait_for_mail(OWN, "Passwort zurückgesetzt")
    assert "/reset/" not in notice.text

    # Log-out everywhere: here and on the other device.
    other = await open_page()
    await other.goto("/login")
    await log_in_as(other, OWN, SECOND)
    await expect(other).to_have_url(f"{cockpit.url}/")
    await page.goto("/account")
    await page.get_by_role("button", name="Überall abmelden").click()
    await expect(page.get_by_role("status").first).to_contain_text("Sie sind überall abgemeldet.")
    await _is_logged_out(other)
    await log_in_as(page, OWN, SECOND)
    await _a_colleague_registers(cockpit, open_page, clerk, page)


async def _a_colleague_registers(cockpit: Cockpit, open_page: OpenPage, clerk: Page, first: Page) -> None:
    """The customer's second person, who sees the same documents; the clerk's page lists both."""
    await tell_document(cockpit, "order", ORDER, customer_number=CUSTOMER, contact_id=f"{CUSTOMER}-1")
    await clerk.goto(f"/desk/customers/{CUSTOMER}")
    await clerk.get_by_role("link", name="Weitere Person einladen").click()
    await clerk.get_by_label("Jemand anderes").check()
    await clerk.fill("[name=email]", COLLEAGUE)
    await clerk.fill("[name=name]", "Nele Arndt")
    await clerk.get_by_role("button", name="Einladung senden").click()
    invitation = await cockpit.wait_for_mail(COLLEAGUE, "Registrierung Partner-Cockpit")
    second = await open_page(width=360)
    await second.goto(link_in(invitation, f"{cockpit.url}/register/"))
    await second.fill("[name=password]", FIRST)
    await second.get_by_role("button", name="Zugang anlegen").click()
    await expect(second.get_by_role("status").first).to_contain_text("Willkommen.")
    for page in (first, second):
        await page.goto("/orders")
        await expect(page.get_by_role("link", name=ORDER, exact=True)).to_have_count(1)
    await clerk.goto(f"/desk/customers/{CUSTOMER}")
    registered = clerk.get_by_role("table", name="Registriert")
    for email in (OWN, COLLEAGUE):
        await expect(registered).to_contain_text(email)


@pytest.mark.timeout("240")
async def test_a_person_changes_his_address_and_his_password(cockpit: Cockpit, open_page: OpenPage) -> None:
    before, after = "amir.rahimi@bitbaum.example", "amir@rahimi.example"
    async with aiohttp.ClientSession() as session:
        account = CreateAccount(
            role="customer", name="Amir Rahimi", email=before, password=FIRST, customer_number=CUSTOMER
        )
        await cockpit.client(session, "auth").call("POST", "/accounts", who=SYSTEM, body=account)
    page, other = await open_page(width=360, scripts=False), await open_page()
    for each in (page, other):
        await each.goto("/account")
        await log_in_as(each, before, FIRST)
        await expect(each.get_by_role("heading", level=1)).to_have_text("Ihr Konto")

    # The address counts once it is confirmed; the former one is told.
    await page.get_by_role("link", name="Ändern E-Mail-Adresse").click()
    await page.fill("[name=email]", after)
    await page.fill("[name=password]", FIRST)
    await page.get_by_role("button", name="Bestätigung senden").click()
    await expect(page.get_by_role("status").first).to_contain_text("Mail an die neue Adresse")
    await expect(page.locator("main")).to_contain_text(before)
    link = link_in(await cockpit.wait_for_mail(after, "bestätigen Sie"), f"{cockpit.url}/confirm/")
    await _scan(link)
    await page.goto(link)
    await page.get_by_role("button", name="Adresse bestätigen und anmelden").click()
    await expect(page.get_by_role("status").first).to_contain_text("Ihre neue E-Mail-Adresse ist bestätigt.")
    await expect(page.locator("main")).to_contain_text(after)
    await cockpit.wait_for_mail(before, "E-Mail-Adresse wurde geändert")

    # The password: with the present one only, and everywhere else one is logged out.
    await page.goto("/account/password")
    await page.fill("[name=present_password]", "falsch geraten")
    await page.fill("[name=new_password]", SECOND)
    await page.get_by_role("button", name="Passwort ändern").click()
    await expect(page.get_by_role("link", name="Das ist nicht Ihr jetziges Passwort.")).to_be_visible()
    await page.fill("[name=present_password]", FIRST)
    await page.fill("[name=new_password]", SECOND)
    await page.get_by_role("button", name="Passwort ändern").click()
    await expect(page.get_by_role("status").first).to_contain_text("Ihr Passwort ist geändert.")
    await _is_logged_out(other)
    await log_in_as(other, after, SECOND)
    await expect(other.get_by_role("heading", level=1)).to_be_visible()


async def _scan(link: str) -> None:
    """As programs that look into mails do."""
    async with aiohttp.ClientSession() as session:
        for method in ("GET", "HEAD") * 10:
            async with session.request(method, link) as response:
                assert response.status == 200
                assert "session" not in response.cookies


async def _is_over(link: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(link) as response:
        assert response.status == 404


async def _is_logged_out(page: Page) -> None:
    async def at_the_login() -> bool:
        await page.goto("/account")
        return "/login" in page.url

    await eventually(at_the_login)
