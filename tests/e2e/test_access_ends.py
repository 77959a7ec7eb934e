"""Whoever is deleted or disabled is out of the pages, too, and who logs out leaves nothing in the browser."""

from uuid import uuid4

import aiohttp
import pytest

from shared.api.auth import Account, ChangeAccount, CreateAccount
from shared.web import SYSTEM, Identity
from tests.e2e.conftest import OpenPage, log_in
from tests.support import eventually
from tests.support.browsing import Browser
from tests.support.cockpit import Cockpit

OPERATOR = Identity(role="operator", account_id=uuid4(), name="Olaf Operator")


@pytest.mark.parametrize("how", ["delete", "change"])
async def test_an_open_session_dies_with_its_access(cockpit: Cockpit, how: str) -> None:
    """Within a second: so long the gateway keeps what it has looked up."""
    email, password = f"{how}@gehtbald.example", "rhabarber im regen"
    async with aiohttp.ClientSession() as session, Browser(cockpit.url) as browser:
        auth = cockpit.client(session, "auth")
        wanted = CreateAccount(
            role="customer", name="Gerd Gehtbald", email=email, password=password, customer_number="99998"
        )
        account = await auth.post("/accounts", wanted, Account, who=SYSTEM)
        await browser.log_in(email, password)
        assert await _is_in(browser)
        body = ChangeAccount(disabled=True) if how == "change" else None
        await auth.call("POST", f"/accounts/{account.account_id}/{how}", who=OPERATOR, body=body)
        await eventually(lambda: _is_out(browser))


async def test_no_picture_of_a_proof_is_left_in_the_browser_after_logging_out(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    page = await open_page()
    await page.goto("/proofs")
    await log_in(page, cockpit, "customer")
    await page.get_by_role("link", name="Visitenkarten Reuter").first.click()
    picture = await page.locator(".picture-link").first.get_attribute("href")
    ask = "async (picture) => (await fetch(picture)).headers.get('content-type')"
    assert await page.evaluate(ask, picture) == "image/webp"
    async with page.expect_navigation():
        await page.get_by_role("button", name="Abmelden").click()
    assert await page.evaluate(ask, picture) == "text/html; charset=utf-8"


async def _is_in(browser: Browser) -> bool:
    _, page = await browser.open("/")
    return "Gerd Gehtbald" in page


async def _is_out(browser: Browser) -> bool:
    return not await _is_in(browser)
