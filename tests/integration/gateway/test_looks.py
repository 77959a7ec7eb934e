"""The company's look in several copies of the gateway, and while its database is away."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from services.gateway.looks import Looks
from services.gateway.pages.assets import Assets
from services.gateway.repository.branding import CHANGED
from services.gateway.settings import GatewaySettings
from shared.database import Waker, create_pool
from shared.effects import run_effects
from shared.storage import FolderStorage
from tests.integration.gateway.conftest import Browser, StartGateway
from tests.integration.gateway.neighbours import SECRET
from tests.support import eventually
from tests.support.proxy import Proxy


@asynccontextmanager
async def copy_of_the_gateway(database_url: str, folder: Path) -> AsyncIterator[Looks]:
    """The part of a gateway that keeps the look, with the loop that refreshes it."""
    settings = GatewaySettings.model_validate(
        {
            "internal_secret": SECRET,
            "storage_folder": folder,
            "port": 1,
            "database_url": database_url,
            "bus_database_url": database_url,
            "public_url": "http://127.0.0.1",
            "auth_url": "",
            "documents_url": "",
            "approvals_url": "",
            "mailer_url": "",
            "sync_url": "",
            "company_name": "Musterdruck",
        }
    )
    pool = await create_pool(database_url)
    looks, waker, stopping = (
        Looks(settings, pool, Assets(), FolderStorage(folder)),
        Waker(database_url, CHANGED),
        asyncio.Event(),
    )
    await looks.load()
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(waker.run())
        loop = tasks.create_task(
            run_effects("look", looks.refresh, wake=waker.event(CHANGED), stopping=stopping)
        )
        yield looks
        stopping.set()
        await loop
        listening.cancel()
    await pool.close()


async def rename(database_url: str, name: str, *, logo: str = "") -> None:
    """`logo` is the SHA-256 of one of 96 x 32 pixels."""
    connection = await asyncpg.connect(database_url, timeout=10)
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO branding (revision, company_name, colour, mail_imprint, logo_sha256, logo_size,"
            " logo_width, logo_height, changed_at)"
            " VALUES (1, $1, '', '', $2, $3::int, 3 * $3::int, $3::int, now())"
            " ON CONFLICT (is_only) DO UPDATE SET (revision, company_name) = (branding.revision + 1, $1)",
            name,
            logo,
            32 if logo else 0,
        )
        await connection.execute(f"NOTIFY {CHANGED}")
    await connection.close()


async def test_every_copy_is_woken_by_a_change(database_url: str, tmp_path: Path) -> None:
    async with (
        copy_of_the_gateway(database_url, tmp_path) as one,
        copy_of_the_gateway(database_url, tmp_path) as other,
    ):
        assert one.now.company_name == other.now.company_name == "Musterdruck"
        await rename(database_url, "Werbetex Nord")
        await eventually(lambda: {one.now.company_name, other.now.company_name}, is_={"Werbetex Nord"})


async def test_the_last_look_stays_while_the_database_is_away(database_url: str, tmp_path: Path) -> None:
    await rename(database_url, "Werbetex Nord")
    async with Proxy(database_url) as proxy, copy_of_the_gateway(proxy.url, tmp_path) as looks:
        assert looks.now.company_name == "Werbetex Nord"
        proxy.cut()
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await looks.refresh()
        assert looks.now.company_name == "Werbetex Nord"
        await rename(database_url, "Werbetex Süd")
        proxy.mend()
        await eventually(lambda: looks.now.company_name, is_="Werbetex Süd")


async def test_a_logo_whose_storage_comes_after_the_start_is_shown_then(
    database_url: str, tmp_path: Path
) -> None:
    content, storage = b"a logo", FolderStorage(tmp_path)
    await rename(database_url, "Werbetex Nord", logo=hashlib.sha256(content).hexdigest())
    async with copy_of_the_gateway(database_url, tmp_path) as looks:
        assert (looks.now.company_name, looks.now.logo) == ("Werbetex Nord", None)
        await storage.add(content)
        await looks.refresh()
        assert looks.now.logo
        assert (looks.now.logo.width, looks.now.logo.height) == (96, 32)


async def test_a_start_without_database_shows_the_settings(tmp_path: Path) -> None:
    async with copy_of_the_gateway("postgresql://127.0.0.1:1/nothing", tmp_path) as looks:
        assert looks.now.company_name == "Musterdruck"


async def test_an_old_address_of_the_style_sheet_gives_the_present_one_for_once(browser: Browser) -> None:
    page = (await browser.get("/login")).text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    present = await browser.get(address)
    old = await browser.get("/static/cockpit-0123456789ab.css")
    assert old.body == present.body
    assert "immutable" in present.headers["Cache-Control"]
    assert old.headers["Cache-Control"] == "no-store"
    assert (await browser.get("/static/nothing-0123456789ab.css")).status == 404


async def test_a_name_that_was_set_before_the_start_is_on_the_first_page(
    start_gateway: StartGateway, database_url: str, browser: Browser
) -> None:
    await rename(database_url, "Werbetex <Nord>")
    browser.address = await start_gateway()
    assert "Werbetex &lt;Nord&gt;" in (await browser.get("/login")).text
