"""Scanners of mails open whatever stands in them, and nothing comes of it."""

import re
import time
from dataclasses import dataclass, field
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from deploy.demo.company import DEMO_CUSTOMER
from deploy.local.databases import SERVICES
from shared.api.auth import Accepted, AcceptInvitation, Invitation, InviteCustomer
from shared.events.sync import DocumentKind, document_id
from shared.messaging.topology import checked_in_topology
from shared.web import SYSTEM
from tests.e2e.conftest import OpenAs, link_in
from tests.e2e.telling import CLERK
from tests.support import eventually
from tests.support.cockpit import COLLECTING_SECONDS, Cockpit

# What a link could use up, confirm, make seen or decide. Log, throttle and outbox go on by themselves.
OF_PEOPLE = {
    "auth": (
        "account", "session", "invitation", "invitation_link", "pending_registration", "password_reset",
        "email_change",
    ),
    "approvals": ("version", "decision", "confirmation", "audit_entry"),
    "mailer": ("mail",),
}  # fmt: skip

# A large proof may be prepared for longer than all else is still.
AT_WORK = (
    ("approvals.version", '"state": "preparing"'),
    ("approvals.version", '"mail_state": "queued"'),
    ("mailer.mail", '"state": "queued"'),
)
STILL_SECONDS = 2 * COLLECTING_SECONDS  # a mail that is still being collected would show by then


@dataclass
class Watch:
    """Looks whether what the demo and earlier stories set going has come to its end."""

    cockpit: Cockpit
    seen: dict[str, list[str]] = field(default_factory=dict)
    changed_at: float = 0.0

    async def rests(self) -> bool:
        """Every event is told and heard, every proof can be looked at, every mail is sent, and nothing has
        changed for a while."""
        found = await _everything(self.cockpit)
        if found != self.seen:
            self.seen, self.changed_at = found, time.monotonic()
        is_still = time.monotonic() - self.changed_at > STILL_SECONDS
        is_at_work = any(word in row for table, word in AT_WORK for row in found[table])
        return is_still and not is_at_work and await _is_all_heard(self.cockpit)


@pytest.mark.timeout("300")
async def test_no_link_of_any_mail_does_anything_by_being_opened(cockpit: Cockpit, open_as: OpenAs) -> None:
    await _register_somebody(cockpit)
    kinds = {"register", "proofs", "desk", "imprint", "privacy"}
    await eventually(
        lambda: {re.split("[/?]", path)[1] for path in _linked_paths(cockpit)} >= kinds, seconds=60
    )
    clerk = await open_as("clerk")
    await eventually(Watch(cockpit).rests, seconds=120)
    # A mail about several proofs leads to their order; whether one went out depends on how quick all was.
    order = document_id(DocumentKind.ORDER, cockpit.demo.proof.order_number)
    paths = _linked_paths(cockpit) | {f"/orders/{order}"}

    before = await _everything(cockpit)
    async with aiohttp.ClientSession(cockpit.url) as nobody:
        for path in sorted(paths):
            for method in ("HEAD", "GET", "HEAD", "GET"):
                async with nobody.request(method, path) as response:
                    assert response.status in {200, 404, 410}, (method, path, response.status)
            opened = await clerk.context.request.fetch(path, method="GET")
            assert opened.status < 500, path

    assert await _everything(cockpit) == before


async def _register_somebody(cockpit: Cockpit) -> None:
    """The clerk is told, by a mail that leads to the desk."""
    email, start = f"{uuid4()}@kunde.example", f"{cockpit.url}/register/"
    wish = InviteCustomer(customer_number=DEMO_CUSTOMER.customer_number, email=email, name="Ina Invited")
    async with aiohttp.ClientSession() as session:
        auth = cockpit.client(session, "auth")
        await auth.post("/invitations/customers", wish, Invitation, who=CLERK)
        token = link_in(await cockpit.wait_for_mail(email, "/register/"), start).removeprefix(start)
        answer = AcceptInvitation(
            token=token, name="Ina", email=email, password="Segelboot-Kante-12", locale="de"
        )
        await auth.post("/invitations/accept", answer, Accepted, who=SYSTEM)


def _linked_paths(cockpit: Cockpit) -> set[str]:
    """Of all mails that went out so far."""
    return {
        path.rstrip(".,)")
        for mail in cockpit.mails.list_mails()
        for path in re.findall(rf"{re.escape(cockpit.url)}(/\S+)", mail.text)
    }


async def _is_all_heard(cockpit: Cockpit) -> bool:
    told: set[tuple[str, str]] = set()
    heard: dict[str, set[str]] = {}
    for service in SERVICES:
        connection = await asyncpg.connect(cockpit.stack.database_url(service), timeout=5)
        try:
            told |= set(map(tuple, await connection.fetch("SELECT event_name, event_id::text FROM outbox")))
            heard[service] = {row[0] for row in await connection.fetch("SELECT event_id::text FROM inbox")}
        finally:
            await connection.close()
    return all(
        event_id in heard[service]
        for service, names in checked_in_topology().bindings.items()
        for name, event_id in told
        if name in names
    )


async def _everything(cockpit: Cockpit) -> dict[str, list[str]]:
    """All rows of the tables, but for the time until which a session that is used goes on."""
    found = {}
    for service, tables in OF_PEOPLE.items():
        connection = await asyncpg.connect(cockpit.stack.database_url(service), timeout=5)
        try:
            for table in tables:
                rows = await connection.fetch(
                    f"SELECT to_jsonb(one) - 'idle_until' AS row FROM {table} AS one"  # noqa: S608 - of the list above
                )
                found[f"{service}.{table}"] = sorted(row["row"] for row in rows)
        finally:
            await connection.close()
    return found
