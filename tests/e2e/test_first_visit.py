"""How much a first visit fetches: HTML, styles and scripts of real pages, as gzip packs them."""

import gzip
import re

import aiohttp

from services.gateway.lists import PAGE_SIZE
from shared.api.approvals import VersionRows
from tests.e2e.telling import CLERK
from tests.support.browsing import Browser
from tests.support.cockpit import Cockpit

MOST = 60_000  # bytes
MOST_FOR_A_PROOF = 200_000
STYLES_AND_SCRIPTS = re.compile(r'<(?:link rel="stylesheet"|script)[^>]*?(?:href|src)="([^"]+)"')


async def test_a_first_visit_to_the_pages_that_people_come_to_is_small(cockpit: Cockpit) -> None:
    async with Browser(cockpit.url) as stranger:
        assert await _size(stranger, "/login") <= MOST
    customer, clerk = cockpit.login("customer"), cockpit.login("clerk")
    async with Browser(cockpit.url) as browser:
        await browser.log_in(customer.email, customer.password)
        assert await _size(browser, "/") <= MOST
        assert await _size(browser, await _proof_of_most_pages(cockpit)) <= MOST_FOR_A_PROOF
    async with Browser(cockpit.url) as browser:  # a clerk's list has a column more
        await browser.fill("/login", {"email": clerk.email, "password": clerk.password})
        _, page = await browser.open("/orders")
        assert page.count('class="fact row-number"') == PAGE_SIZE
        assert await _size(browser, "/orders") <= MOST


async def _size(browser: Browser, path: str) -> int:
    """Of the page with all that it loads but pictures, compressed one by one."""
    status, page = await browser.open(path)
    assert status == 200
    loaded = STYLES_AND_SCRIPTS.findall(page)
    assert {address.rpartition(".")[2] for address in loaded} == {"css", "js"}
    contents = [page.encode(), *[(await browser.fetch(address)).content for address in loaded]]
    return sum(len(gzip.compress(content, 6)) for content in contents)


async def _proof_of_most_pages(cockpit: Cockpit) -> str:
    async with aiohttp.ClientSession() as session:
        approvals = cockpit.client(session, "approvals")
        rows = await approvals.get("/versions", VersionRows, who=CLERK, query={"size": "500"})
    own = [row for row in rows.versions if row.customer_number == "10014" and row.state == "pending"]
    return f"/proofs/{max(own, key=lambda row: row.page_count).version_id}"
