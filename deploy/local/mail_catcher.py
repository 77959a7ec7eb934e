"""`python -m deploy.local.mail_catcher`: takes every mail by SMTP, keeps it as a file, shows it on a page.

For `make run`, the demo of compose and tests only. It delivers nothing and asks nobody for a password.
"""

import asyncio
import signal
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.local.mail_pages import MailPages
from deploy.local.mails import MailFolder
from shared.settings import TimeZone

LARGEST_MAIL = 50_000_000  # bytes


class MailCatcherSettings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    mail_folder: Path
    host: str = "127.0.0.1"
    smtp_port: int = Field(default=1025, ge=0, le=65535)
    port: int = Field(default=8025, ge=0, le=65535)
    """Of the page."""
    time_zone: TimeZone = "Europe/Berlin"


class MailCatcher:
    """`async with MailCatcher(folder, …)`: listens until the block ends."""

    def __init__(
        self,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        smtp_port: int,
        page_port: int,
        time_zone: str = "Europe/Berlin",
    ) -> None:
        self.smtp_url = f"smtp://{host}:{smtp_port}"
        self.page_url = f"http://{host}:{page_port}"
        self._folder = MailFolder(folder)
        self._host = host
        self._smtp_port = smtp_port
        self._page_port = page_port
        self._runner = web.AppRunner(
            MailPages(self._folder, ZoneInfo(time_zone)).application(), access_log=None, shutdown_timeout=1
        )
        self._server: asyncio.Server | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        await asyncio.to_thread(self._folder.add, envelope)
        return "250 Message accepted for delivery"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, hostname="mail-catcher", enable_SMTPUTF8=True, data_size_limit=LARGEST_MAIL),
            self._host,
            self._smtp_port,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._page_port).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.close()
        await self._runner.cleanup()


async def _run(settings: MailCatcherSettings) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with MailCatcher(
        settings.mail_folder,
        host=settings.host,
        smtp_port=settings.smtp_port,
        page_port=settings.port,
        time_zone=settings.time_zone,
    ) as catcher:
        print(f"Mails are taken at {catcher.smtp_url} and shown at {catcher.page_url}", flush=True)
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(_run(MailCatcherSettings()))
