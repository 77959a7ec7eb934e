"""Scanners of mails open whatever stands in them, and nothing comes of it."""

import re

import aiohttp
import asyncpg
import pytest

from deploy.local.databases import SERVICES
from shared.events.sync import DocumentKind, document_id
from shared.messaging.topology import checked_in_topology
from tests.e2e.conftest import OpenAs
from tests.support import eventually
from tests.support.cockpit import Cockpit

# What a link could use up, confirm, make seen or decide. Log, throttle and outbox go on by themselves.
OF_PEOPLE = {
    "auth": (
        "account", "session", "invitation", "invitation_link", "pending_registration", "password_reset",
        "email_change",
    ),
    "approvals": ("version", "decision", "confirmation", "audit_entry"),
    "mailer": ("mail",),
}  # fmt: skip

LOOKS = 10  # a quarter of a second apart: longer than a mail of several proofs is collected for


@pytest.mark.timeout("300")
async def test_no_link_of_any_mail_does_anything_by_being_opened(cockpit: Cockpit, open_as: OpenAs) -> None:
    kinds = {"register", "proofs", "desk", "imprint", "privacy"}
    await eventually(
        lambda: {re.split("[/?]", path)[1] for path in _linked_paths(cockpit)} >= kinds, seconds=60
    )
    clerk = await open_as("clerk")
    seen: list[dict[str, list[str]]] = []
    await eventually(lambda: _rests(cockpit, seen), seconds=120)
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


def _linked_paths(cockpit: Cockpit) -> set[str]:
    """Of all mails that went out so far."""
    return {
        path.rstrip(".,)")
        for mail in cockpit.mails.list_mails()
        for path in re.findall(rf"{re.escape(cockpit.url)}(/\S+)", mail.text)
    }


async def _rests(cockpit: Cockpit, seen: list[dict[str, list[str]]]) -> bool:
    """What the demo and earlier stories set going has come to its end: every event is told and heard, every
    mail is sent, and nothing has changed between many looks."""
    seen.append(await _everything(cockpit))
    is_sent = not any('"state": "queued"' in mail for mail in seen[-1]["mailer.mail"])
    is_still = len(seen) >= LOOKS and all(one == seen[-1] for one in seen[-LOOKS:])
    return is_sent and is_still and await _is_all_heard(cockpit)


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
