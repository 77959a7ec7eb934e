"""A clerk assigns a proof and invites a person in the browser, with a kill -9 at every single step.

Who gets no answer sends the same form again. Whatever dies: one proof, one file, one mail that asks for the
decision, one invitation; and of each try that broke off the audit log says that its outcome is not known.
"""

from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from shared.events.sync import DocumentKind, document_id
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
from tests.resilience.people import CLERK, EVA, OTTO, PASSWORD, bring_in
from tests.resilience.steps import DESK_STEPS
from tests.support import eventually
from tests.support.browsing import Browser
from tests.support.cockpit import Product

ORDER = "2026-7003"


async def assign(browser: Browser) -> None:
    """With one form, that is sent until the order's page comes."""
    order = document_id(DocumentKind.ORDER, ORDER)
    path = f"/desk/orders/{order}/assign"
    hidden = await browser.hidden_fields(path)
    assert "form_key" in hidden
    proof = draw_proof()

    async def attempt() -> None:
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, value in (*hidden.items(), ("position", "1")):
            form.add_field(name, value)
        form.add_field("file", proof, filename="Muster.png", content_type="image/png")
        assert await browser.send(path, form) == (200, f"/orders/{order}")

    await persist(attempt)


async def invite(browser: Browser) -> None:
    path = "/desk/customers/10001/access"
    hidden = await browser.hidden_fields(path)
    assert "form_key" in hidden
    fields = {**hidden, "person": "contact-K2", "locale": "de"}

    async def attempt() -> None:
        assert await browser.send(path, fields) == (200, "/desk/customers/10001")

    await persist(attempt)


def count_mails(product: Product) -> Counter[str]:
    return Counter(mail.recipients[0] for mail in product.mails.list_mails())


@pytest.mark.timeout("400")
@pytest.mark.parametrize("bus", ["rabbitmq", "postgresql"])
@pytest.mark.usefixtures("bus")
async def test_the_desk_survives_a_kill_at_every_step(servers: Servers, tmp_path: Path) -> None:
    async with (
        product_to_kill(servers, "service", tmp_path / "product", DESK_STEPS) as (product, nurse),
        aiohttp.ClientSession() as session,
        Browser(product.url) as browser,
    ):
        await bring_in(product, session, await Cdh.open(product, session), ORDER)
        await browser.log_in(CLERK, PASSWORD, start="/desk")
        async with nurse.at_work(), course_of_events(product):
            await persist(lambda: assign(browser))
            await persist(lambda: invite(browser))
            await eventually(nurse.missing, is_=set(), seconds=120)
            # The request and the invitation, and a copy of each.
            mails = {EVA: 1, OTTO: 1, CLERK: 2}
            await eventually(lambda: count_mails(product), is_=mails, seconds=120)
            await eventually(lambda: is_settled(product), seconds=120)

        assert await count_rows(product, "approvals", "version") == 1
        samples = product.stack.order_folder_root / "2026" / ORDER / "Freigabemuster"
        assert [file.read_bytes() for file in samples.iterdir()] == [draw_proof()]
        assert await count_rows(product, "auth", "invitation") == 1
        assert await count_rows(product, "auth", "invitation_link") == 1
        assert count_mails(product) == mails
        await check_that_no_mail_repeats(product, may_repeat=False)
        begun, ended = [await count_rows(product, "gateway", f"audit_{row}") for row in ("entry", "outcome")]
        assert begun - ended == len(DESK_STEPS["gateway"])
        assert await count_dead_letters(product, servers) == 0
