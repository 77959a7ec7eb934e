"""The operator makes the portal his company's own: its look, its texts, its status bar, its passwords."""

import io

import aiohttp
import pytest
from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, Page, expect

from deploy.demo.company import DEMO_CUSTOMER
from shared.api.auth import CreateAccount
from shared.web import SYSTEM
from tests.e2e.conftest import OpenAs, OpenPage, log_in, log_in_as
from tests.support.cockpit import Cockpit

NAME, COLOUR, LINE = "Werbetex Story GmbH", "#aa0000", "Werbetex Story GmbH, Kiel"


def logo() -> FilePayload:
    drawn = Image.new("RGBA", (600, 160))
    ImageDraw.Draw(drawn).rounded_rectangle((0, 0, 599, 159), radius=40, fill=COLOUR)
    written = io.BytesIO()
    drawn.save(written, "PNG")
    return {"name": "logo.png", "mimeType": "image/png", "buffer": written.getvalue()}


@pytest.mark.timeout("240")
async def test_a_company_puts_its_name_on_the_portal_and_its_mails(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    page, stranger = await open_page(), await open_page(width=360)
    await page.goto("/admin")
    await log_in(page, cockpit, "operator")
    await page.get_by_role("link", name="Firma").last.click()
    before = {name: await page.input_value(f"[name={name}]") for name in ("company_name", "colour")}

    # What is no colour is said at its field; a preview shows the look before anybody sees it.
    await page.fill("[name=company_name]", NAME)
    await page.fill("[name=colour]", "rot")
    await page.get_by_role("button", name="Name und Farbe speichern").click()
    await expect(page.get_by_role("alert")).to_contain_text("#0f5c8c")
    await page.fill("[name=colour]", COLOUR)
    await page.fill("[name=mail_imprint]", LINE)
    await page.get_by_role("button", name="Vorschau").click()
    await expect(page.get_by_role("status").first).to_contain_text("Noch ist nichts gespeichert.")
    await stranger.goto("/login")
    await expect(stranger.get_by_role("banner")).not_to_contain_text(NAME)

    try:
        # Saved, it is on every page at once, in the company's colour.
        await page.get_by_role("button", name="Name und Farbe speichern").click()
        await expect(page.get_by_role("status").first).to_contain_text("gespeichert")
        await stranger.reload()
        await expect(stranger.get_by_role("banner")).to_contain_text(NAME)
        button = stranger.get_by_role("button", name="Anmelden")
        await expect(button).to_have_css("background-color", "rgb(170, 0, 0)")

        # The logo takes the place of the name, and keeps it for those who cannot see it.
        await page.set_input_files("[name=logo]", files=[logo()])
        await page.get_by_role("button", name="Logo hochladen").click()
        await expect(page.get_by_role("status").first).to_contain_text("Das Logo ist gespeichert.")
        await stranger.reload()
        shown = stranger.get_by_role("banner").get_by_role("img", name=NAME)
        await expect(shown).to_be_visible()
        assert await shown.evaluate("image => image.naturalWidth") > 0

        # The next mail bears name, lines and logo.
        email = cockpit.login("customer").email
        await stranger.goto("/forgot-password")
        await stranger.fill("[name=email]", email)
        await stranger.locator("main form button").click()
        mail = await cockpit.wait_for_mail(email, LINE)
        assert NAME in mail.text
        assert any(part.get_content_type() == "image/png" for part in mail.message.walk())

        await _write_the_imprint(page, stranger)
    finally:
        await _restore(page, before)
    await stranger.goto("/login")
    await expect(stranger.get_by_role("banner")).to_contain_text(before["company_name"])


async def _write_the_imprint(page: Page, stranger: Page) -> None:
    """The sample is marked as one until it is replaced."""
    await stranger.goto("/imprint")
    await expect(stranger.locator("main")).to_contain_text("Mustertext")
    await page.get_by_role("link", name="Impressum bearbeiten").click()
    await page.get_by_label("Deutsch").fill("# Angaben\n\nWerbetex Story GmbH\nHafenstraße 1")
    await page.get_by_role("button", name="Vorschau").click()
    await expect(page.get_by_role("heading", name="Angaben")).to_be_visible()
    await page.get_by_role("button", name="Texte speichern").click()
    await stranger.reload()
    await expect(stranger.get_by_role("heading", name="Angaben")).to_be_visible()
    await expect(stranger.locator("main")).not_to_contain_text("Mustertext")


async def _restore(page: Page, before: dict[str, str]) -> None:
    await page.goto("/admin/company/texts/imprint")
    await page.get_by_label("Deutsch").fill("")
    await page.get_by_role("button", name="Texte speichern").click()
    await page.goto("/admin/company")
    for name, value in (before | {"mail_imprint": ""}).items():
        await page.fill(f"[name={name}]", value)
    await page.get_by_role("button", name="Name und Farbe speichern").click()
    await page.get_by_role("button", name="Logo entfernen").click()
    await expect(page.get_by_role("status").first).to_contain_text("Das Logo ist entfernt.")


@pytest.mark.timeout("240")
@pytest.mark.usefixtures("statuses_as_before")
async def test_a_step_is_added_to_the_status_bar_and_taken_away_again(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    customer, page = await open_page(width=360), await open_page()
    await customer.goto(f"/orders?q={cockpit.demo.proof.order_number}")
    await log_in(customer, cockpit, "customer")
    await customer.get_by_role("link", name=cockpit.demo.proof.order_number).first.click()
    await expect(customer.locator("main")).to_contain_text("von 5")

    # A new group is the last step, and moves up.
    await page.goto("/admin/statuses")
    await log_in(page, cockpit, "operator")
    order = page.get_by_role("region", name="Auftrag")
    await order.get_by_role("link", name="Neue Gruppe").click()
    await page.fill("[name=name]", "Im Versandlager")
    await page.get_by_role("button", name="Gruppe anlegen").click()
    await expect(page.get_by_role("status").first).to_contain_text("Gespeichert.")
    await page.get_by_role("button", name="Im Versandlager nach oben").click()
    names = order.locator(".rung-name")
    await expect(names.nth(4)).to_have_text("Im Versandlager")
    await customer.reload()
    await expect(customer.locator("main")).to_contain_text("von 6")
    await expect(customer.locator("main")).to_contain_text("Im Versandlager")

    # A status belongs to it; as long as it is there, the group stays. What is shipped stays anyway.
    await page.get_by_role("link", name="Im Versandlager").click()
    await page.fill("[name=status_name]", "Kommissioniert")
    await page.get_by_role("button", name="Status anlegen").click()
    await expect(page.locator("main")).to_contain_text("Solange ein Status zu der Gruppe gehört")
    await page.get_by_role("link", name="Kommissioniert").click()
    await page.get_by_role("button", name="Status „Kommissioniert“ löschen").click()
    await page.get_by_role("button", name="Gruppe „Im Versandlager“ löschen").click()
    await expect(names).to_have_count(5)
    await customer.reload()
    await expect(customer.locator("main")).to_contain_text("von 5")
    await order.get_by_role("link", name="Bestätigt").click()
    await expect(page.locator("main")).to_contain_text("Diese Gruppe gehört zu den Vorgaben.")


@pytest.mark.timeout("240")
async def test_a_shorter_password_than_the_operator_set_is_refused(
    cockpit: Cockpit, open_as: OpenAs, open_page: OpenPage
) -> None:
    email, present, wanted = "rita@regel.example", "zwei alte regeln", "neun neue regeln"
    async with aiohttp.ClientSession() as session:
        account = CreateAccount(
            role="customer",
            name="Rita Muster",
            email=email,
            password=present,
            customer_number=DEMO_CUSTOMER.customer_number,
        )
        await cockpit.client(session, "auth").call("POST", "/accounts", who=SYSTEM, body=account)
    person, page = await open_page(width=360), await open_as("operator", "/admin/passwords")
    before = await page.get_by_label("Zeichen mindestens").input_value()
    try:
        await _set_length(page, str(len(wanted) + 1))
        await person.goto("/account/password")
        await log_in_as(person, email, present)
        await expect(person.locator("main")).to_contain_text(f"Mindestens {len(wanted) + 1} Zeichen")
        await _change_password(person, present, wanted)
        await expect(person.get_by_role("link", name="Dieses Passwort ist zu kurz.")).to_be_visible()
    finally:
        await _set_length(page, before)
    await _change_password(person, present, wanted)
    await expect(person.get_by_role("status").first).to_contain_text("Ihr Passwort ist geändert.")


async def _set_length(page: Page, length: str) -> None:
    await page.goto("/admin/passwords")
    await page.get_by_label("Zeichen mindestens").fill(length)
    await page.get_by_role("button", name="Speichern").click()
    await expect(page.get_by_role("status").first).to_contain_text("Die neue Länge gilt")


async def _change_password(page: Page, present: str, wanted: str) -> None:
    await page.fill("[name=present_password]", present)
    await page.fill("[name=new_password]", wanted)
    await page.get_by_role("button", name="Passwort ändern").click()
