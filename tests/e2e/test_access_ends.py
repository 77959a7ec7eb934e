"""Whoever is deleted or disabled is out of the pages, too: the gateway keeps a look-up for a second."""

from uuid import uuid4

import aiohttp
import pytest

from shared.api.auth import Account, ChangeAccount, CreateAccount
from shared.web import SYSTEM, Identity
from tests.support import eventually
from tests.support.browsing import Browser
from tests.support.cockpit import Cockpit

OPERATOR = Identity(role="operator", account_id=uuid4(), name="Olaf Operator")


@pytest.mark.parametrize("how", ["delete", "change"])
async def test_an_open_session_dies_with_its_access(cockpit: Cockpit, how: str) -> None:
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


async def _is_in(browser: Browser) -> bool:
    _, page = await browser.open("/")
    return "Gerd Gehtbald" in page


async def _is_out(browser: Browser) -> bool:
    return not await _is_in(browser)
