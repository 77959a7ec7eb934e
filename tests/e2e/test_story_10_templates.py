"""The operator changes the words of a mail: faults are named, the preview shows it, the next mail has it."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenPage, log_in
from tests.support.cockpit import Cockpit

PATH = "/admin/mail/templates/password_reset_requested/de"
WORDS = "Moin {{ name }},\n\nhier geht es **schnell** zu einem neuen Passwort für {{ email }}."


@pytest.mark.timeout("240")
async def test_words_are_checked_previewed_saved_sent_and_taken_back(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    operator = await open_page()
    await operator.goto("/admin/mail/templates")
    await log_in(operator, cockpit, "operator")
    await operator.locator(f'a[href="{PATH}"]').click()
    await expect(operator.get_by_role("heading", level=1)).to_have_text("Passwort vergessen")

    # A field that does not exist is named with its line; what was typed stays.
    await operator.fill("#opening", "Moin\n{{ nmae }}")
    await operator.get_by_role("button", name="Texte speichern").click()
    await expect(operator.get_by_role("alert")).to_contain_text("Zeile 2: Ein Feld „nmae“ gibt es")
    assert await operator.locator("#opening").input_value() == "Moin\n{{ nmae }}"

    # The preview shows the mail on sample data, as a page and as text, and saves nothing.
    await operator.wait_for_load_state()  # with the frame that the preview comes into
    await operator.fill("#opening", WORDS)
    preview = operator.frame_locator("iframe.preview")
    await operator.get_by_role("button", name="Vorschau", exact=True).click()
    await expect(preview.locator("strong", has_text="schnell")).to_be_visible()
    await expect(preview.get_by_role("link", name="Neues Passwort wählen")).to_be_visible()
    await operator.get_by_role("button", name="Vorschau als Text").click()
    await expect(preview.locator("pre")).to_contain_text("Moin Erika Muster,")

    # A sample to oneself.
    await operator.get_by_role("button", name="Probemail an mich senden").click()
    await expect(operator.get_by_role("status").first).to_contain_text("Eine Probemail mit diesen Texten")
    sample = await cockpit.wait_for_mail(cockpit.login("operator").email, "hier geht es schnell")
    assert "<strong" in sample.html

    try:
        await _save(operator)
        # The next mail has the words.
        customer = await open_page(width=360)
        await customer.goto("/forgot-password")
        person = cockpit.login("customer")
        await customer.fill("[name=email]", person.email)
        await customer.click("main form button:not([type=button])")
        mail = await cockpit.wait_for_mail(person.email, "hier geht es schnell")
        assert f"neuen Passwort für {person.email}" in mail.text
        assert "/reset/" in mail.text, "the link is there whatever the words are"
    finally:
        await operator.goto(PATH)
        await operator.get_by_role("button", name="Mitgelieferte Texte wieder verwenden").click()
    await expect(operator.get_by_role("status").first).to_contain_text("gelten wieder")

    # The history knows both, and gives the own words back to be looked at.
    entries = operator.locator(".history li")
    await expect(entries.first).to_contain_text("mitgeliefert, gilt jetzt")
    await entries.nth(1).get_by_role("link").click()
    assert await operator.locator("#opening").input_value() == WORDS
    await expect(operator.get_by_role("status").first).to_contain_text("gelten sie wieder")


async def _save(operator: Page) -> None:
    await operator.get_by_role("button", name="Texte speichern").click()
    await expect(operator.get_by_role("status").first).to_contain_text("Die Texte sind gespeichert")
    await expect(operator.locator(".page-head")).to_contain_text("Eigene Texte")
