"""The whole product as processes, with demo data and a mail catcher, for tests that use it as people do."""

import asyncio
import hashlib
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from deploy.local.demo import Demo, DemoLogin, load_demo_once
from deploy.local.mail_catcher import MailCatcher
from deploy.local.mails import CaughtMail, MailFolder
from deploy.local.ports import free_port
from deploy.local.stack import Stack
from tests.support import eventually


@dataclass(frozen=True)
class Cockpit:
    """What a test needs of the running product."""

    stack: Stack
    demo: Demo
    mails: MailFolder
    cdh: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return self.stack.gateway_url

    def login(self, role: str) -> DemoLogin:
        """The first demo login of this role."""
        return next(login for login in self.demo.logins if login.role == role)

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

    async def assign_by_cockpit(self, order_number: str, file: Path, *more: str) -> None:
        """As a clerk's workstation does it: the command line, in a process of its own."""
        command = [
            sys.executable,
            "-m",
            "cockpit",
            "assign-sample",
            "--order",
            order_number,
            *more,
            str(file),
        ]
        child = await asyncio.create_subprocess_exec(
            *command,
            env={
                "COCKPIT_URL": self.url,
                "COCKPIT_API_KEY": self.demo.api_key,
                "PATH": "",
                "LANG": "C.UTF-8",
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await child.communicate()
        assert child.returncode == 0, output.decode()

    async def upload(self, content: bytes) -> str:
        """PUT a file as CDH does; returns its SHA-256."""
        sha256 = hashlib.sha256(content).hexdigest()
        async with self.cdh.put(f"/cdh/v1/files/{sha256}", data=content) as response:
            assert response.status in (200, 201), await response.text()
        return sha256

    async def send(self, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """POST a batch of CloudEvents; returns the results, one for each."""
        async with self.cdh.post(
            "/cdh/v1/events", json=events, headers={"Content-Type": "application/cloudevents-batch+json"}
        ) as response:
            answer = await response.json()
        results: list[dict[str, Any]] = answer["results"]
        return results


def cloud_event(event_type: str, data: dict[str, Any], *, event_id: str | None = None) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": "/cdh/test",
        "id": event_id or str(uuid.uuid4()),
        "type": event_type,
        "data": data,
    }


@asynccontextmanager
async def running_cockpit(
    folder: Path,
    *,
    admin_url: str,
    amqp_url: str | None,
    prefix: str,
    environment: dict[str, str] | None = None,
    copies: dict[str, int] | None = None,
) -> AsyncIterator[Cockpit]:
    """Everything started and filled; `prefix` keeps its databases apart from others on the same server."""
    catcher = MailCatcher(folder / "mails", smtp_port=free_port(), page_port=free_port())
    stack = Stack(
        folder,
        admin_url=admin_url,
        amqp_url=amqp_url,
        smtp_url=catcher.smtp_url,
        prefix=prefix,
        copies=copies,
        environment={"REQUEST_MAIL_DELAY_SECONDS": "1", **(environment or {})},
    )
    async with catcher, stack:
        demo = await load_demo_once(stack, database=prefix)
        headers = {"Authorization": f"Bearer {demo.api_key}"}
        async with aiohttp.ClientSession(stack.gateway_url, headers=headers) as cdh:
            yield Cockpit(stack, demo, MailFolder(folder / "mails"), cdh)
