"""A box without RabbitMQ: PostgreSQL is the bus, from the invitation to the decision and a new password."""

import hashlib
import re
from pathlib import Path

import aiohttp
import pytest

from deploy.local.mails import CaughtMail
from deploy.local.postgres import RunningPostgres
from shared.api.approvals import VersionRow, VersionRows
from shared.api.sync import ApiKey, CreateApiKey
from shared.web import SYSTEM, Identity
from tests.support import eventually
from tests.support.browsing import Browser
from tests.support.cockpit import Product, cloud_event, running_product
from tests.support.pdfs import PDF

INVITED, EMAIL, CLERK_EMAIL = "info@kunde.example", "eva@kunde.example", "berger@haendler.example"
PASSWORD, NEW_PASSWORD = "Freigabe-4711", "Segelboot-Kante-12"
ORDER = "2026-7001"


@pytest.mark.timeout("240")
async def test_from_the_invitation_to_a_new_password_without_a_broker(
    postgres_server: RunningPostgres, tmp_path: Path
) -> None:
    async with (
        running_product(tmp_path, admin_url=postgres_server.url(), amqp_url=None, prefix="alone_") as product,
        aiohttp.ClientSession() as session,
    ):
        await _bring_in(product, session)
        invitation = await product.wait_for_mail(INVITED, ORDER)
        version = await _version(product, session)
        async with Browser(product.url) as browser:
            person = {"name": "Eva Kunde", "email": EMAIL, "password": PASSWORD}
            assert (await browser.fill(_link(invitation, "register"), person))[0] == 200
            confirmation = await product.wait_for_mail(EMAIL, "/confirm/")
            assert (await browser.fill(_link(confirmation, "confirm"), {"password": PASSWORD}))[0] == 200
            await product.wait_for_mail(CLERK_EMAIL, EMAIL)
            status, path = await browser.fill(f"/proofs/{version.version_id}/approve", {})
            assert (status, path) == (200, f"/proofs/{version.version_id}/decided")
        folder = product.stack.order_folder_root / "2026" / ORDER / "Freigabemuster"
        await eventually(lambda: len(list(folder.glob("*.pdf"))) == 2, seconds=60)
        for reader in (EMAIL, CLERK_EMAIL):
            mail = await product.wait_for_mail(reader, "Freigabeprotokoll")
            assert [one.content.startswith(b"%PDF") for one in mail.attachments] == [True]
        async with Browser(product.url) as browser:
            assert (await browser.fill("/forgot-password", {"email": EMAIL}))[0] == 200
            reset = await product.wait_for_mail(EMAIL, "/reset/")
            assert (await browser.fill(_link(reset, "reset"), {"password": NEW_PASSWORD}))[0] == 200
            await product.wait_for_mail(EMAIL, "Passwort")
            await browser.log_in(EMAIL, NEW_PASSWORD)


def _link(mail: CaughtMail, page: str) -> str:
    """The path of the mail's one-time link."""
    found = re.search(rf"/{page}/[\w-]{{43}}", mail.text)
    assert found, mail.text
    return found[0]


async def _bring_in(product: Product, session: aiohttp.ClientSession) -> None:
    """A customer of whom nobody is registered, and an order with its proof, as CDH tells them."""
    sync = product.client(session, "sync")
    key = (await sync.post("/api-keys", CreateApiKey(name="CDH"), ApiKey, who=SYSTEM)).api_key
    headers = {"Authorization": f"Bearer {key}"}
    sha256 = hashlib.sha256(PDF).hexdigest()
    async with session.put(f"{product.url}/cdh/v1/files/{sha256}", data=PDF, headers=headers) as response:
        assert response.status == 200, await response.text()
    position = {"position_key": "1", "number": "1", "text": "T-Shirt", "quantity": "100"}
    events = [
        cloud_event(
            "cdh.customer.changed", {"customer_number": "10001", "name": "Kunde GmbH", "email": INVITED}
        ),
        cloud_event("cdh.clerk.changed", {"clerk_code": "MB", "name": "Maria Berger", "email": CLERK_EMAIL}),
        cloud_event(
            "cdh.document.changed",
            {
                "kind": "order",
                "number": ORDER,
                "customer_number": "10001",
                "clerk_code": "MB",
                "document_date": "2026-11-02",
                "positions": [position],
            },
        ),
        cloud_event(
            "cdh.sample.assigned",
            {"order_number": ORDER, "clerk_code": "MB", "file": {"sha256": sha256, "name": "Muster.pdf"}},
        ),
    ]
    headers["Content-Type"] = "application/cloudevents-batch+json"
    async with session.post(f"{product.url}/cdh/v1/events", json=events, headers=headers) as response:
        assert {one["status"] for one in (await response.json())["results"]} == {"accepted"}


async def _version(product: Product, session: aiohttp.ClientSession) -> VersionRow:
    rows = await product.client(session, "approvals").get(
        "/versions", VersionRows, who=Identity(role="operator")
    )
    [version] = rows.versions
    return version
