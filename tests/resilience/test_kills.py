"""One main job during which something is ended with kill -9 at one step after the other, and started again.

Whatever dies, the customer's approval is there once, each mail went out once (but for the one step that
docs/faults.md names), and each file lies in the order's folder once.
"""

import hashlib
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from deploy.local.mails import CaughtMail
from shared.api.approvals import VersionRow, VersionRows
from shared.api.auth import CreateAccount
from shared.web import SYSTEM, Identity
from tests.resilience.cdh import Cdh
from tests.resilience.harness import (
    Servers,
    Victim,
    check_that_no_mail_repeats,
    count_dead_letters,
    count_rows,
    course_of_events,
    draw_proof,
    is_settled,
    persist,
    product_to_kill,
)
from tests.resilience.steps import MAIN_STEPS
from tests.support import eventually
from tests.support.browsing import Browser
from tests.support.cockpit import Product, cloud_event

ORDER = "2026-7001"
EMAIL, PASSWORD = "eva@kunde.example", "Freigabe-4711"
CLERK_EMAIL = "berger@haendler.example"
# What goes out: the request with its copy for the clerk, the confirmation, the receipt.
MAILS = {(EMAIL, False): 1, (CLERK_EMAIL, False): 1, (CLERK_EMAIL, True): 1, (EMAIL, True): 1}


class MainJob:
    """The clerk's and the customer's part; each may be repeated until it is answered."""

    def __init__(self, product: Product, session: aiohttp.ClientSession, cdh: Cdh) -> None:
        self._product, self._session, self._cdh = product, session, cdh
        self.proof = draw_proof()
        self.sha256 = hashlib.sha256(self.proof).hexdigest()

    async def prepare(self) -> None:
        """People, in peace."""
        auth = self._product.client(self._session, "auth")
        account = CreateAccount(
            role="customer",
            name="Eva Kunde",
            email=EMAIL,
            password=PASSWORD,
            customer_number="10001",
            contact_id="K1",
            may_approve=True,
        )
        await auth.call("POST", "/accounts", who=SYSTEM, body=account)
        contact = {"contact_id": "K1", "name": "Eva Kunde", "email": EMAIL}
        clerk = {"clerk_code": "MB", "name": "Maria Berger", "email": CLERK_EMAIL}
        await self._cdh.send(
            cloud_event(
                "cdh.customer.changed",
                {"customer_number": "10001", "name": "Kunde GmbH", "contacts": [contact]},
            ),
            cloud_event("cdh.clerk.changed", clerk),
        )
        await eventually(lambda: count_rows(self._product, "mailer", "account"))

    async def assign(self) -> None:
        await self._cdh.assign(ORDER, self.proof, customer_number="10001", contact_id="K1")

    async def decide(self, version: VersionRow) -> None:
        """Log in and approve, again and again until the page says that it is done."""

        async def approve() -> None:
            async with Browser(self._product.url) as browser:
                await browser.log_in(EMAIL, PASSWORD)
                path = f"/proofs/{version.version_id}"
                await browser.fill(f"{path}/approve", {})
                status, page = await browser.open(f"{path}/decided")
                assert status == 200
                assert "Freigegeben am" in page
                # A second click, on a page that was still open: harmless.
                status, _ = await browser.fill("/", {"sha256": self.sha256}, to=f"{path}/approve")
                assert status == 200

        await persist(approve)

    async def versions(self) -> tuple[VersionRow, ...]:
        approvals = self._product.client(self._session, "approvals")
        return (await approvals.get("/versions", VersionRows, who=Identity(role="operator"))).versions

    async def wait_for_state(self, state: str) -> VersionRow:
        async def in_state() -> VersionRow:
            versions = await self.versions()
            assert [version.state for version in versions] == [state]
            return versions[0]

        version: VersionRow = await persist(in_state)
        return version


@pytest.mark.timeout("400")
@pytest.mark.parametrize(
    ("bus", "victim"),
    [
        ("rabbitmq", "service"),
        ("rabbitmq", "rabbitmq"),
        ("rabbitmq", "postgres"),
        ("postgresql", "service"),
        ("postgresql", "postgres"),
    ],
)
@pytest.mark.usefixtures("bus")
async def test_the_main_job_survives_a_kill_at_every_step(
    servers: Servers, victim: Victim, tmp_path: Path
) -> None:
    async with (
        product_to_kill(servers, victim, tmp_path / "product", MAIN_STEPS) as (product, nurse),
        aiohttp.ClientSession() as session,
    ):
        job = MainJob(product, session, await Cdh.open(product, session))
        await job.prepare()
        async with nurse.at_work(), course_of_events(product):
            await job.assign()
            version = await job.wait_for_state("pending")
            # He follows the link of his mail: whoever decides before it is written is not asked by mail.
            await _wait_for_mails(product, to=EMAIL, at_least=1)
            await job.decide(version)
            samples = product.stack.order_folder_root / "2026" / ORDER / "Freigabemuster"
            await eventually(lambda: len(_files(samples)) == 2, seconds=120)
            await _wait_for_mails(product, to=EMAIL, at_least=2)
            await _wait_for_mails(product, to=CLERK_EMAIL, at_least=2)
            await eventually(nurse.missing, is_=set(), seconds=120)
            await eventually(lambda: is_settled(product), seconds=120)

        [version] = await job.versions()
        assert version.state == "approved"
        assert await count_rows(product, "approvals", "decision") == 1
        assert len(_files(samples)) == 2
        assert _files(samples)[0].read_bytes().startswith(b"%PDF")
        assert _files(samples)[1].read_bytes() == job.proof
        await check_that_no_mail_repeats(product, may_repeat=victim == "service")
        unique = {str(mail.message["Message-ID"]): mail for mail in product.mails.list_mails()}.values()
        assert Counter((mail.recipients[0], bool(mail.attachments)) for mail in unique) == MAILS
        assert await count_dead_letters(product, servers) == 0


async def _wait_for_mails(product: Product, *, to: str, at_least: int) -> None:
    def arrived() -> list[CaughtMail]:
        return [mail for mail in product.mails.list_mails() if to in mail.recipients]

    await eventually(lambda: len(arrived()) >= at_least, seconds=120)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*") if not file.name.startswith("."))
