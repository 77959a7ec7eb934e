"""The whole product as processes, with demo data and a mail catcher, for tests that use it as people do."""

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from deploy.demo.outcome import Login
from deploy.local.demo import Demo, load_demo_once
from deploy.local.launcher import TRIAL_SETTINGS
from deploy.local.mail_catcher import MailCatcher
from deploy.local.mails import CaughtMail, MailFolder
from deploy.local.ports import free_port
from deploy.local.stack import Stack
from shared.web import ServiceClient
from tests.support import eventually

AS_INSTALLED = Path(__file__).parent / "as_installed"
COLLECTING_SECONDS = 1
"""For so long a mail of several proofs is collected."""


@dataclass(frozen=True)
class Product:
    """The running product, with nothing in it yet."""

    stack: Stack
    mails: MailFolder

    @property
    def url(self) -> str:
        return self.stack.gateway_url

    def client(self, session: aiohttp.ClientSession, service: str) -> ServiceClient:
        return ServiceClient(session, self.stack.url_of(service), self.stack.internal_secret)

    async def wait_for_mail(self, recipient: str, containing: str, *, count: int = 1) -> CaughtMail:
        """The newest mail to `recipient` whose subject or text contains the words, once there are `count`."""

        def found() -> list[CaughtMail]:
            return [
                mail
                for mail in self.mails.list_mails()
                if recipient in mail.recipients and containing in f"{mail.subject}\n{mail.text}"
            ]

        await eventually(lambda: len(found()) >= count, seconds=60)
        return found()[0]


@dataclass(frozen=True)
class Cockpit(Product):
    """The running product with the demo data."""

    demo: Demo

    def login(self, role: str) -> Login:
        """The first demo login of this role."""
        return next(login for login in self.demo.logins if login.role == role)

    async def assign_by_cockpit(self, order_number: str, file: Path, *more: str) -> None:
        """As a clerk's workstation does it."""
        code, said = await self.run_cockpit("assign-sample", "--order", order_number, *more, str(file))
        assert code == 0, said

    async def run_cockpit(self, *arguments: str, api_key: str = "") -> tuple[int, str]:
        """The command line of a workstation, in a process of its own: exit code and what it said."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "cockpit",
            *arguments,
            env={
                "COCKPIT_URL": self.url,
                "COCKPIT_API_KEY": api_key or self.demo.api_key,
                "COCKPIT_CLERK": self.demo.proof.clerk_code,
                "PATH": "",
                "LANG": "C.UTF-8",
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await child.communicate()
        return child.returncode or 0, output.decode()

    async def tell(self, *events: dict[str, Any]) -> None:
        """As CDH does; each event must be accepted."""
        headers = {
            "Authorization": f"Bearer {self.demo.api_key}",
            "Content-Type": "application/cloudevents-batch+json",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/cdh/v1/events", json=list(events), headers=headers) as response,
        ):
            answer = await response.json()
        assert {one["status"] for one in answer["results"]} == {"accepted"}, answer


def cloud_event(event_type: str, data: dict[str, Any], *, event_id: str | None = None) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": "/cdh/test",
        "id": event_id or str(uuid.uuid4()),
        "type": event_type,
        "data": data,
    }


@asynccontextmanager
async def running_product(
    folder: Path,
    *,
    admin_url: str,
    amqp_url: str | None,
    prefix: str,
    environment: dict[str, str] | None = None,
) -> AsyncIterator[Product]:
    """Everything started; `prefix` keeps its databases apart from others on the same server."""
    temporary = folder / "tmp"  # what a killed service leaves there goes with the folder
    temporary.mkdir(parents=True, exist_ok=True)
    catcher = MailCatcher(folder / "mails", smtp_port=free_port(), page_port=free_port())
    stack = Stack(
        folder,
        admin_url=admin_url,
        amqp_url=amqp_url,
        smtp_url=catcher.smtp_url,
        prefix=prefix,
        environment={
            **TRIAL_SETTINGS,
            "REQUEST_MAIL_DELAY_SECONDS": str(COLLECTING_SECONDS),
            "TMPDIR": str(temporary),
            "PYTHONPATH": str(AS_INSTALLED),
            **(environment or {}),
        },
    )
    async with catcher, stack:
        yield Product(stack, MailFolder(folder / "mails"))


@asynccontextmanager
async def running_cockpit(
    folder: Path, *, admin_url: str, amqp_url: str | None, prefix: str
) -> AsyncIterator[Cockpit]:
    """Everything started and filled with the demo data."""
    async with running_product(folder, admin_url=admin_url, amqp_url=amqp_url, prefix=prefix) as product:
        demo = await load_demo_once(product.stack, database=prefix, say=print)
        yield Cockpit(product.stack, product.mails, demo)
