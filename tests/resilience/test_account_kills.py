"""From the wish for an access to an account and a new password, with a kill -9 at every single step.

Whatever dies: one account for each person, one used invitation, each mail that was told goes out once, and no
link of any mail opens anything afterwards.
"""

import re
from collections import Counter
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from deploy.local.mails import CaughtMail
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
from tests.resilience.steps import ACCOUNT_STEPS
from tests.support import eventually
from tests.support.browsing import Browser
from tests.support.cockpit import Product, cloud_event

CLERK = "berger@haendler.example"
EVA, EVA_AT_HOME = "eva@kunde.example", "eva@zuhause.example"
NORA = "nora@neu.example"
ORDER = "2026-7002"
PASSWORD, NEW_PASSWORD = "Rhabarber-im-Regen", "Drei-nasse-Steine"
_LINK = re.compile(r"/(register|confirm|reset)/([A-Za-z0-9_-]{43})")
# Template and recipient of the mails of which there is exactly one.
ONE_MAIL_EACH = {
    ("customer_invited", EVA),
    ("customer_invited", CLERK),  # the copy
    ("approval_requested", NORA),
    ("approval_requested", CLERK),  # the copy
    ("password_reset", EVA_AT_HOME),
}
# A person who gets no answer asks again, and gets one more: as many as auth has told.
AS_TOLD = {
    ("email_confirmation", EVA_AT_HOME): "auth.email_confirmation_requested.v1",
    ("password_reset_requested", EVA_AT_HOME): "auth.password_reset_requested.v1",
    ("account_registered", CLERK): "auth.account_registered.v1",
}


class Person:
    """Somebody with a mailbox and a browser, who tries again until it works."""

    def __init__(self, product: Product) -> None:
        self._product = product

    async def register(self, mailbox: str, *, email: str) -> None:
        """By the link of the newest mail; with another address until the page asks to look into the mails."""

        async def attempt() -> None:
            path = self._newest_link(mailbox, "register")
            fields = {"name": "Eine Person", "email": email, "password": PASSWORD}
            async with Browser(self._product.url) as browser:
                status, page = await browser.open(path)
                if status == 404:  # it worked the last time, only the answer was lost
                    await browser.log_in(email, PASSWORD)
                    return
                assert status == 200
                if email == mailbox or email not in page:
                    assert (await browser.fill(path, fields))[0] == 200
                if email != mailbox:
                    assert email in (await browser.open(path))[1]

        await persist(attempt)

    async def confirm(self) -> None:
        async def attempt() -> None:
            async with Browser(self._product.url) as browser:
                for path in self._links(EVA_AT_HOME, "confirm"):
                    if (await browser.open(path))[0] == 200:
                        assert (await browser.fill(path, {"password": PASSWORD})) == (200, "/")
                await browser.log_in(EVA_AT_HOME, PASSWORD)

        await persist(attempt)

    async def forget_password(self) -> None:
        async def attempt() -> None:
            if self._links(EVA_AT_HOME, "reset"):
                return  # it worked before, only the answer was lost; and mails are counted
            async with Browser(self._product.url) as browser:
                status, _ = await browser.fill("/forgot-password", {"email": EVA_AT_HOME})
                assert status == 200

        await persist(attempt)

    async def reset_password(self) -> None:
        async def attempt() -> None:
            async with Browser(self._product.url) as browser:
                for path in self._links(EVA_AT_HOME, "reset"):
                    if (await browser.open(path))[0] == 200:
                        assert (await browser.fill(path, {"password": NEW_PASSWORD}))[0] == 200
                await browser.log_in(EVA_AT_HOME, NEW_PASSWORD)

        await persist(attempt)

    async def tries_every_link_again(self) -> Counter[int]:
        """How the pages of all links of all mails answer."""
        async with Browser(self._product.url) as browser:
            paths = {
                match[0] for mail in self._product.mails.list_mails() for match in _LINK.finditer(mail.text)
            }
            return Counter([(await browser.open(path))[0] for path in paths])

    def _newest_link(self, mailbox: str, kind: str) -> str:
        links = self._links(mailbox, kind)
        assert links, f"no mail with a link to {kind}"
        return links[0]

    def _links(self, mailbox: str, kind: str) -> list[str]:
        mails: list[CaughtMail] = self._product.mails.list_mails()
        return [
            match[0]
            for mail in mails
            if mailbox in mail.recipients
            for match in _LINK.finditer(mail.text)
            if match[1] == kind
        ]


async def prepare(product: Product, cdh: Cdh) -> None:
    """Two customers of whom nobody is registered, in peace."""
    await cdh.send(
        cloud_event(
            "cdh.customer.changed",
            {
                "customer_number": "10001",
                "name": "Kunde GmbH",
                "contacts": [{"contact_id": "K1", "name": "Eva Kunde", "email": EVA}],
            },
        ),
        cloud_event(
            "cdh.customer.changed",
            {
                "customer_number": "10002",
                "name": "Neu GmbH",
                "contacts": [{"contact_id": "N1", "name": "Nora Neu", "email": NORA}],
            },
        ),
        cloud_event("cdh.clerk.changed", {"clerk_code": "MB", "name": "Maria Berger", "email": CLERK}),
    )
    await eventually(lambda: count_rows(product, "auth", "customer"), is_=2)
    await eventually(lambda: count_rows(product, "mailer", "clerk"), is_=1)


def wish_for_access() -> dict[str, object]:
    wish = {"customer_number": "10001", "contact_id": "K1", "clerk_code": "MB"}
    return cloud_event("cdh.access.requested", wish)


@pytest.mark.timeout("400")
@pytest.mark.parametrize("bus", ["rabbitmq", "postgresql"])
@pytest.mark.usefixtures("bus")
async def test_accounts_survive_a_kill_at_every_step(servers: Servers, tmp_path: Path) -> None:
    async with (
        product_to_kill(servers, "service", tmp_path / "product", ACCOUNT_STEPS) as (product, nurse),
        aiohttp.ClientSession() as session,
    ):
        cdh, person = await Cdh.open(product, session), Person(product)
        await prepare(product, cdh)
        async with nurse.at_work(), course_of_events(product):
            wish = wish_for_access()
            await persist(lambda: cdh.send(wish))
            await person.register(EVA, email=EVA_AT_HOME)
            await person.confirm()
            await person.forget_password()
            await person.reset_password()
            # Nobody of this customer is registered: request and invitation come in one mail.
            await cdh.assign(ORDER, draw_proof(), customer_number="10002", contact_id="N1")
            await person.register(NORA, email=NORA)
            await eventually(nurse.missing, is_=set(), seconds=120)
            await eventually(lambda: is_settled(product), seconds=120)

        assert await count_rows(product, "auth", "account") == 2
        assert await count_rows(product, "auth", "invitation") == 2
        assert await count_rows(product, "auth", "invitation", "accepted_at IS NOT NULL") == 2
        for table in ("invitation_link", "pending_registration", "password_reset", "email_change"):
            assert await count_rows(product, "auth", table) == 0
        assert set(await person.tries_every_link_again()) == {404}
        await check_mails(product)
        assert await count_dead_letters(product, servers) == 0


async def check_mails(product: Product) -> None:
    queued, told = await read_mails(product), await read_told(product)
    assert told["auth.account_registered.v1"] == 2
    assert told["auth.password_changed.v1"] == 1
    expected = dict.fromkeys(ONE_MAIL_EACH, 1)
    assert queued == expected | {mail: told[event] for mail, event in AS_TOLD.items()}
    assert await check_that_no_mail_repeats(product, may_repeat=True) == sum(queued.values())


async def read_mails(product: Product) -> Counter[tuple[str, str]]:
    connection = await asyncpg.connect(product.stack.database_url("mailer"), timeout=5)
    try:
        rows = await connection.fetch("SELECT template, recipient FROM mail")
    finally:
        await connection.close()
    return Counter((row["template"], row["recipient"]) for row in rows)


async def read_told(product: Product) -> Counter[str]:
    connection = await asyncpg.connect(product.stack.database_url("auth"), timeout=5)
    try:
        rows = await connection.fetch("SELECT event_name FROM outbox")
    finally:
        await connection.close()
    return Counter(row["event_name"] for row in rows)
