"""What `make run` has printed, read and used as a person does it."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from deploy.local.settings import REPOSITORY
from tests.support import eventually
from tests.support.browsing import Browser

ORDER = "2026-1042"


@dataclass(frozen=True)
class PrintedRun:
    url: str
    said: str

    def printed(self, pattern: str) -> str:
        """The one line of this kind."""
        [line] = re.findall(rf"^ *({pattern})$", self.said, re.MULTILINE)
        return str(line)

    @property
    def logins(self) -> list[tuple[str, str, str]]:
        """Role, address and password of each."""
        return re.findall(r"^ *(Customer|Clerk|Operator) +(\S+) +password (\S+)", self.said, re.MULTILINE)

    @property
    def customer(self) -> tuple[str, str]:
        """Address and password of the one who is asked."""
        return next((email, password) for role, email, password in self.logins if role == "Customer")

    async def links_in_mails(self, recipient: str, order: str) -> set[str]:
        """To proofs of an order, as paths."""
        address = self.printed(r"Mails .*").split()[1]
        async with aiohttp.ClientSession() as client, client.get(f"{address}/mails.json") as answer:
            mails = [mail for mail in await answer.json() if recipient in mail["recipients"]]
        texts = " ".join(mail["text"] for mail in mails if order in mail["subject"])
        return set(re.findall(rf"{self.url}(/proofs/[\w-]+)", texts))

    async def approve(self) -> str:
        """The customer follows the link of the request's mail and approves; returns the path of the proof."""
        email, password = self.customer
        await eventually(lambda: self.links_in_mails(email, ORDER), seconds=150)
        [proof] = await self.links_in_mails(email, ORDER)
        async with Browser(self.url) as browser:
            await browser.log_in(email, password)
            status, path = await browser.fill(f"{proof}/approve", {})
            assert (status, path) == (200, f"{proof}/decided")
        return proof


async def shell(line: str, *, folder: Path = REPOSITORY) -> str:
    """What a printed line says when it is copied into a terminal."""
    process = await asyncio.create_subprocess_shell(line, stdout=asyncio.subprocess.PIPE, cwd=folder)
    said, _ = await process.communicate()
    assert process.returncode == 0, line
    return said.decode()
