"""Scanners of mails open whatever stands in them, and nothing comes of it."""

import re

import aiohttp
import asyncpg
import pytest

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


@pytest.mark.timeout("240")
async def test_no_link_of_any_mail_does_anything_by_being_opened(cockpit: Cockpit, open_as: OpenAs) -> None:
    kinds = {"register", "orders", "imprint", "privacy"}
    await eventually(
        lambda: {re.split("[/?]", path)[1] for path in _linked_paths(cockpit)} >= kinds, seconds=60
    )
    clerk = await open_as("clerk")
    await eventually(lambda: _rests(cockpit), seconds=60)
    paths = _linked_paths(cockpit)

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


async def _rests(cockpit: Cockpit) -> bool:
    """What earlier stories set going has come to its end."""
    first = await _everything(cockpit)
    is_sent = not any('"state": "queued"' in mail for mail in first["mailer.mail"])
    return is_sent and await _everything(cockpit) == first


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
