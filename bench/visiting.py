"""Visitors who open one page again and again: how long they wait, and what it costs each process."""

import asyncio
import re
import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from bench.processes import cpu_seconds

_LENGTH = re.compile(rb"(?i)\r\nContent-Length: (\d+)")


@dataclass(frozen=True)
class Run:
    """Milliseconds of each visit, and of CPU per page by part."""

    visitors: int
    pages_per_second: float
    milliseconds: list[float]
    cpu_per_page: dict[str, float]

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.milliseconds, n=100)[98]

    @property
    def cpu(self) -> float:
        return sum(self.cpu_per_page.values())

    def report(self) -> str:
        parts = " + ".join(f"{part} {spent:.2f}" for part, spent in self.cpu_per_page.items())
        return (
            f"{self.visitors} visitors: {self.pages_per_second:.0f} pages/s, p50 {self.median:.1f} ms, "
            f"p99 {self.p99:.1f} ms, CPU {self.cpu:.2f} ms a page = {parts}"
        )


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in. His visits cost little: he shares the cores with what is measured."""

    host: str
    port: int
    cookies: str

    @classmethod
    async def log_in(cls, url: str, email: str, password: str) -> Self:
        async with aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with session.get("/login") as response:
                token = re.search(r'name="form_token" value="([0-9a-f]+)"', await response.text())
            assert token
            form = {"email": email, "password": password, "form_token": token[1]}
            async with session.post("/login", data=form) as response:
                assert response.status == 200
            cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in session.cookie_jar)
        address = urlsplit(url)
        return cls(address.hostname or "", address.port or 80, cookies)

    async def visit(self, path: str) -> AsyncGenerator[float, None]:
        """The page again and again over one connection; the milliseconds of each visit."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        request = f"GET {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nCookie: {self.cookies}\r\n\r\n"
        try:
            while True:
                started = time.perf_counter()
                writer.write(request.encode())
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                assert head.startswith(b"HTTP/1.1 200 "), head
                assert length, head
                await reader.readexactly(int(length[1]))
                yield (time.perf_counter() - started) * 1000
        finally:
            writer.close()


async def visit(visitor: Visitor, path: str, *, visitors: int, count: int) -> list[float]:
    """Milliseconds of each of `count` visits."""
    durations: list[float] = []

    async def one_visitor() -> None:
        async with aclosing(visitor.visit(path)) as visits:
            async for duration in visits:
                durations.append(duration)
                if len(durations) >= count:
                    return

    await asyncio.gather(*(one_visitor() for _ in range(visitors)))
    return durations


async def measure(
    visitor: Visitor,
    path: str,
    pids: dict[str, int],
    *,
    visitors: int,
    warm_up: int,
    count: int,
) -> Run:
    await visit(visitor, path, visitors=visitors, count=warm_up)
    before = {part: cpu_seconds(pid) for part, pid in pids.items()}
    started = time.perf_counter()
    durations = await visit(visitor, path, visitors=visitors, count=count)
    elapsed = time.perf_counter() - started
    pages = len(durations)
    cpu = {part: (cpu_seconds(pid) - before[part]) * 1000 / pages for part, pid in pids.items()}
    return Run(visitors, pages / elapsed, durations, cpu)
