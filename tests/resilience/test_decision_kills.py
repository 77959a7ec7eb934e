"""A correction, a new version approved with changes, and these confirmed, with a kill at every step."""

from pathlib import Path

import aiohttp
import pytest

from shared.api.approvals import Version, VersionRow, VersionRows
from shared.web import Identity
from tests.resilience.cdh import Cdh
from tests.resilience.harness import (
    Servers,
    check_that_no_mail_repeats,
    count_dead_letters,
    count_rows,
    course_of_events,
    draw_proof,
    is_settled,
    persist,
    product_to_kill,
)
from tests.resilience.people import CLERK, EVA, PASSWORD, bring_in
from tests.resilience.steps import DECISION_STEPS
from tests.support import eventually
from tests.support.browsing import Browser
from tests.support.cockpit import Product

ORDER = "2026-7004"
OPERATOR = Identity(role="operator")


class Proofs:
    def __init__(self, product: Product, session: aiohttp.ClientSession) -> None:
        self._product = product
        self._approvals = product.client(session, "approvals")

    async def find(self, version: int, state: str) -> VersionRow:
        async def find() -> VersionRow:
            rows = (await self._approvals.get("/versions", VersionRows, who=OPERATOR)).versions
            found = [row for row in rows if (row.version, row.state) == (version, state)]
            assert found, rows
            return found[0]

        row: VersionRow = await persist(find)
        return row

    async def do(self, email: str, form_at: str, to: str, version: VersionRow, *, comment: str = "") -> None:
        """Send the form once, whatever becomes of it; the proof's page says afterwards where it stands."""
        async with Browser(self._product.url) as browser:
            await browser.log_in(email, PASSWORD, start="/desk" if email == CLERK else "/")
            await browser.fill(form_at, {"comment": comment} if comment else {}, to=to)

    async def decide(self, version: VersionRow, form: str, comment: str, state: str) -> None:
        path = f"/proofs/{version.version_id}/{form}"

        async def attempt() -> None:
            await self.do(EVA, path, path, version, comment=comment)
            assert (await self._get(version)).state == state

        await persist(attempt)

    async def confirm(self, version: VersionRow) -> None:
        page, to = f"/proofs/{version.version_id}", f"/desk/proofs/{version.version_id}/confirm-changes"

        async def attempt() -> None:
            await self.do(CLERK, page, to, version)
            decision = (await self._get(version)).decision
            assert decision is not None
            assert decision.confirmed_by == "Maria Berger"

        await persist(attempt)

    async def _get(self, version: VersionRow) -> Version:
        return await self._approvals.get(f"/versions/{version.version_id}", Version, who=OPERATOR)


@pytest.mark.timeout("400")
@pytest.mark.parametrize("bus", ["rabbitmq", "postgresql"])
@pytest.mark.usefixtures("bus")
async def test_corrections_and_confirmed_changes_survive_a_kill_at_every_step(
    servers: Servers, tmp_path: Path
) -> None:
    async with (
        product_to_kill(servers, "service", tmp_path / "product", DECISION_STEPS) as (product, nurse),
        aiohttp.ClientSession() as session,
    ):
        cdh = await Cdh.open(product, session)
        await bring_in(product, session, cdh, ORDER)
        proofs = Proofs(product, session)
        async with nurse.at_work(), course_of_events(product):
            await cdh.assign(ORDER, draw_proof(), customer_number="10001", contact_id="K1")
            first = await proofs.find(1, "pending")
            await eventually(lambda: count_mails(product, EVA) == 1, seconds=120)
            await proofs.decide(first, "request-changes", "Bitte größer.", "changes_requested")
            await cdh.assign(ORDER, draw_proof("navy"), customer_number="10001", contact_id="K1")
            second = await proofs.find(2, "pending")
            await eventually(lambda: count_mails(product, EVA) == 3, seconds=120)
            await proofs.decide(second, "approve-with-changes", "120 Stück.", "approved_with_changes")
            await eventually(lambda: count_mails(product, EVA) == 4, seconds=120)
            await proofs.confirm(second)
            await eventually(nurse.missing, is_=set(), seconds=120)
            # Two requests, a record of each decision, and that the changes are confirmed.
            await eventually(lambda: count_mails(product, EVA) == 5, seconds=120)
            samples = product.stack.order_folder_root / "2026" / ORDER / "Freigabemuster"
            await eventually(lambda: len(_files(samples)) == 4, seconds=120)
            await eventually(lambda: is_settled(product), seconds=120)

        assert await count_rows(product, "approvals", "decision") == 2
        assert await count_rows(product, "approvals", "confirmation") == 1
        assert len(_files(samples)) == 4
        assert count_mails(product, EVA) == 5
        await check_that_no_mail_repeats(product, may_repeat=False)
        assert await count_dead_letters(product, servers) == 0


def count_mails(product: Product, recipient: str) -> int:
    return sum(mail.recipients[0] == recipient for mail in product.mails.list_mails())


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.glob("*") if not file.name.startswith(".")]
