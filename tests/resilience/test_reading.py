"""What a customer reads needs neither sync nor mailer nor the broker; nor does his decision."""

from pathlib import Path

import aiohttp
import pytest

from shared.api.approvals import VersionRow, VersionRows
from shared.api.auth import CreateAccount
from shared.web import SYSTEM, Identity
from tests.resilience.cdh import Cdh
from tests.resilience.harness import Servers, draw_proof, persist
from tests.support.browsing import Browser
from tests.support.cockpit import Product, cloud_event, running_product

EMAIL, CLERK, PASSWORD = "eva@kunde.example", "berger@haendler.example", "Rhabarber-im-Regen"
ORDER = "2026-7003"


@pytest.mark.timeout("240")
async def test_a_customer_reads_and_decides_while_sync_mailer_and_the_broker_are_away(
    servers: Servers, tmp_path: Path
) -> None:
    assert servers.rabbitmq is not None
    async with (
        running_product(
            tmp_path,
            admin_url=servers.postgres.url(),
            amqp_url=servers.rabbitmq.url,
            prefix="reading_",
        ) as product,
        aiohttp.ClientSession() as session,
    ):
        version = await _bring_in(product, session)
        for service in ("sync", "mailer"):
            await product.stack.kill(service)
        servers.rabbitmq.kill()
        running = {process.name for process in product.stack.processes if process.is_running}
        assert running == {"gateway", "auth", "documents", "approvals"}
        assert not servers.rabbitmq.is_running

        async with Browser(product.url) as browser:
            await browser.log_in(EMAIL, PASSWORD)
            proof = f"/proofs/{version.version_id}"
            for path in ("/", "/orders", "/proofs", f"/orders/{version.document_id}", proof):
                status, page = await browser.open(path)
                assert (path, status) == (path, 200)
                assert ORDER in page, path
            assert ORDER in (await browser.open(f"/orders?q={ORDER}"))[1]
            for path, kind in ((f"{proof}/pages/1", "image/"), (f"{proof}/file", "image/png")):
                assert (await browser.fetch(path)).headers["Content-Type"].startswith(kind), path
            for path in ("/quotes", "/invoices", "/account", "/imprint"):
                assert (path, (await browser.open(path))[0]) == (path, 200)
            assert await browser.fill(f"{proof}/approve", {}) == (200, f"{proof}/decided")
            assert "Freigegeben am" in (await browser.open(proof + "/decided"))[1]
        async with Browser(product.url) as browser:
            await browser.log_in(CLERK, PASSWORD, start="/desk")
            for path in ("/desk", "/desk/customers/10001", f"/orders/{version.document_id}"):
                status, page = await browser.open(path)
                assert (path, status) == (path, 200)
            assert ORDER in page


async def _bring_in(product: Product, session: aiohttp.ClientSession) -> VersionRow:
    """A person, an order and a proof that waits for him."""
    person = CreateAccount(
        role="customer",
        name="Eva Kunde",
        email=EMAIL,
        password=PASSWORD,
        customer_number="10001",
        may_approve=True,
    )
    clerk = CreateAccount(role="clerk", name="Maria Berger", email=CLERK, password=PASSWORD, clerk_code="MB")
    for account in (person, clerk):
        await product.client(session, "auth").call("POST", "/accounts", who=SYSTEM, body=account)
    cdh = await Cdh.open(product, session)
    await cdh.send(
        cloud_event("cdh.customer.changed", {"customer_number": "10001", "name": "Kunde GmbH"}),
        cloud_event("cdh.clerk.changed", {"clerk_code": "MB", "name": "Maria Berger"}),
    )
    await cdh.assign(ORDER, draw_proof(), customer_number="10001", contact_id="")

    async def pending() -> VersionRow:
        approvals = product.client(session, "approvals")
        rows = await approvals.get("/versions", VersionRows, who=Identity(role="operator"))
        assert [row.state for row in rows.versions] == ["pending"]
        return rows.versions[0]

    version: VersionRow = await persist(pending)
    return version
