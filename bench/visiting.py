"""Visitors who open one page again and again: how long they wait, and what it costs each process."""

import asyncio
import re
import statistics
import time
from dataclasses import dataclass

import aiohttp

from bench.processes import cpu_seconds


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


async def log_in(session: aiohttp.ClientSession, email: str, password: str) -> None:
    async with session.get("/login") as response:
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', await response.text())
    assert token
    form = {"email": email, "password": password, "form_token": token[1]}
    async with session.post("/login", data=form) as response:
        assert response.status == 200


async def visit(session: aiohttp.ClientSession, path: str, *, visitors: int, count: int) -> list[float]:
    """Milliseconds of each of `count` visits."""
    durations: list[float] = []

    async def one_visitor() -> None:
        while len(durations) < count:
            started = time.perf_counter()
            async with session.get(path) as response:
                await response.read()
                assert response.status == 200
            durations.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*(one_visitor() for _ in range(visitors)))
    return durations


async def measure(
    session: aiohttp.ClientSession,
    path: str,
    pids: dict[str, int],
    *,
    visitors: int,
    warm_up: int,
    count: int,
) -> Run:
    await visit(session, path, visitors=visitors, count=warm_up)
    before = {part: cpu_seconds(pid) for part, pid in pids.items()}
    started = time.perf_counter()
    durations = await visit(session, path, visitors=visitors, count=count)
    elapsed = time.perf_counter() - started
    pages = len(durations)
    cpu = {part: (cpu_seconds(pid) - before[part]) * 1000 / pages for part, pid in pids.items()}
    return Run(visitors, pages / elapsed, durations, cpu)
