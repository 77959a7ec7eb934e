"""The running product and a real browser."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, BrowserContext, Page, StorageState, async_playwright, expect

from deploy.local.mails import CaughtMail
from deploy.local.postgres import RunningPostgres
from deploy.local.rabbitmq import RunningRabbit, start_rabbitmq
from shared.api.documents import StatusGroups
from shared.api.sync import ChangeStatuses
from tests.e2e.states import OPERATOR
from tests.support.cockpit import Cockpit, running_cockpit

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# A new frame for each page and a process made in advance cost a third of its load. The others are what
# Playwright turns off and pages like ours could meet: its own list does not count where there is one here.
WITHOUT = (
    "RenderDocument", "SpareRendererForSitePerProcess",
    "HttpsUpgrades", "MediaRouter", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
)  # fmt: skip
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    f"--disable-features={','.join(WITHOUT)}",
    "--js-flags=--no-opt --no-maglev",  # no page lives long enough for them to pay off
]

expect.set_options(timeout=40_000)  # the machine does other things meanwhile

OpenPage = Callable[..., Awaitable[Page]]
OpenAs = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
def rabbitmq_server(servers_folder: Path) -> Iterator[RunningRabbit]:
    """A node of its own: the queues of a running product would hear the events of other tests."""
    server = start_rabbitmq(servers_folder / "rabbitmq_of_product")
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def cockpit(
    postgres_server: RunningPostgres, rabbitmq_server: RunningRabbit, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Cockpit]:
    async with running_cockpit(
        tmp_path_factory.mktemp("cockpit"),
        admin_url=postgres_server.url(),
        amqp_url=rabbitmq_server.url,
        prefix="e2e_",
    ) as running:
        yield running


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        await running.close()


@pytest.fixture
async def open_page(cockpit: Cockpit, browser: Browser) -> AsyncIterator[OpenPage]:
    """`await open_page(width=360, scripts=False)`: a browser of its own; a script's fault fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    async def open_one(
        *,
        width: int = 1280,
        locale: str = "de-DE",
        scripts: bool = True,
        url: str = "",
        session: StorageState | None = None,
    ) -> Page:
        context = await browser.new_context(
            base_url=url or cockpit.url,
            locale=locale,
            java_script_enabled=scripts,
            viewport={"width": width, "height": 800},
            accept_downloads=True,
            reduced_motion="reduce",  # else a colour may still be on its way to the next when it is looked at
            storage_state=session,
        )
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        return page

    yield open_one
    for context in contexts:
        await context.close()
    assert faults == []


@pytest.fixture
async def statuses_as_before(cockpit: Cockpit) -> AsyncIterator[None]:
    """What a test adds to the status bar goes with it, also where it fails: others count the steps."""
    groups, statuses = await _status_ids(cockpit)
    yield
    added_groups, added_statuses = await _status_ids(cockpit)
    wish = ChangeStatuses(
        removed_group_ids=tuple(added_groups - groups), removed_status_ids=tuple(added_statuses - statuses)
    )
    if wish != ChangeStatuses():
        async with aiohttp.ClientSession() as session:
            await cockpit.client(session, "sync").call("POST", "/statuses", who=OPERATOR, body=wish)


async def _status_ids(cockpit: Cockpit) -> tuple[set[str], set[str]]:
    async with aiohttp.ClientSession() as session:
        known = await cockpit.client(session, "documents").get("/status-groups", StatusGroups, who=OPERATOR)
    statuses = {status.status_id for group in known.groups for status in group.statuses}
    return {group.group_id for group in known.groups}, statuses


@pytest.fixture(scope="session")
def sessions() -> dict[tuple[str, str], StorageState]:
    """By role and language: a log-in is slow on purpose, and most tests are about what comes after it."""
    return {}


@pytest.fixture
def open_as(cockpit: Cockpit, open_page: OpenPage, sessions: dict[tuple[str, str], StorageState]) -> OpenAs:
    """`await open_as("clerk", "/desk", width=360, locale="en-GB")`: the page, after its login."""

    async def open_one(role: str, path: str = "/", *, locale: str = "de-DE", **how: Any) -> Page:
        page = await open_page(locale=locale, session=sessions.get((role, locale)), **how)
        await page.goto(path)
        if page.url.startswith(f"{cockpit.url}/login"):
            await log_in(page, cockpit, role)
            if locale[:2] == "en":  # the demo's people read German
                async with page.expect_navigation():
                    await page.get_by_role("button", name="English").click()
            sessions[role, locale] = await page.context.storage_state()
        return page

    return open_one


async def log_in(page: Page, cockpit: Cockpit, role: str) -> None:
    """From whatever page asks for it: fill the form and go on."""
    login = cockpit.login(role)
    await log_in_as(page, login.email, login.password)


async def log_in_as(page: Page, email: str, password: str) -> None:
    await page.fill("[name=email]", email)
    await page.fill("[name=password]", password)
    async with page.expect_navigation():
        await page.click("main form button:not([type=button])")


def link_in(mail: CaughtMail, start: str) -> str:
    """The address in the mail that begins like this, e.g. f"{cockpit.url}/register/"."""
    return next(word for word in mail.text.split() if word.startswith(start))
