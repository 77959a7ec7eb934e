"""Runs one service as one process: database, bus, loops and HTTP come up, and go down in order."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import structlog
import uvloop
from aiohttp import web

from shared.database import Pool, Waker, create_pool, migrate, wait_until_reachable
from shared.effects import run_effects
from shared.logging import configure_logging
from shared.messaging import Subscription, run_messaging
from shared.settings import ServiceSettings

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)
STOP_SECONDS = 20.0

_log = structlog.get_logger()


@dataclass(frozen=True)
class EffectLoop:
    """A loop of seam 3: woken by NOTIFY on `channel`, or by its own clock alone."""

    name: str
    channel: str | None
    perform_next: Callable[[], Awaitable[bool | timedelta]]


@dataclass(frozen=True)
class Service:
    """What app.py constructs: the one place where a service is put together."""

    application: web.Application
    subscriptions: Sequence[Subscription] = ()
    loops: Sequence[EffectLoop] = ()


def run_service(
    name: str,
    settings: SettingsT,
    create_service: Callable[[SettingsT, Pool], Service],
    *,
    migrations: Path,
) -> None:
    """Run until SIGTERM or SIGINT; then stop taking, finish what is in hand, and return."""
    configure_logging(name, level=settings.log_level, form=settings.log_form)
    uvloop.run(_run_service(name, settings, create_service, migrations))


async def _run_service(
    name: str, settings: SettingsT, create_service: Callable[[SettingsT, Pool], Service], migrations: Path
) -> None:
    stopping, answered = _stop_on_signals(), asyncio.Event()
    database_url = settings.database_url.get_secret_value()
    preparing = asyncio.create_task(_prepare_database(database_url, migrations))
    if await _is_stopped_before(preparing, stopping):
        _log.info("stopped")
        return
    pool = await create_pool(database_url)
    service = create_service(settings, pool)
    channels = {loop.channel for loop in service.loops if loop.channel}
    waker = Waker(database_url, *channels)

    runner = await _listen(service.application, settings)
    _log.info("started", address=f"{settings.host}:{settings.port}")
    try:
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(waker.run()) if channels else None
            working = [
                tasks.create_task(
                    run_messaging(
                        service=name,
                        settings=settings,
                        pool=pool,
                        subscriptions=service.subscriptions,
                        stopping=answered,
                    )
                )
            ]
            working += [
                tasks.create_task(
                    run_effects(
                        loop.name,
                        loop.perform_next,
                        wake=waker.event(loop.channel) if loop.channel else asyncio.Event(),
                        stopping=answered,
                    )
                )
                for loop in service.loops
            ]
            await stopping.wait()
            await runner.cleanup()
            answered.set()  # what the last requests told still goes out
            _, cut = await asyncio.wait(working, timeout=STOP_SECONDS)
            for task in cut:
                _log.warning("cut_at_stop", task=task.get_name())
                task.cancel()
            if listening:
                listening.cancel()
    finally:
        await runner.cleanup()
        await asyncio.wait_for(pool.close(), timeout=5)
    _log.info("stopped")


async def _prepare_database(database_url: str, migrations: Path) -> None:
    await wait_until_reachable(database_url)
    await migrate(database_url, migrations)


async def _is_stopped_before(preparing: asyncio.Task[None], stopping: asyncio.Event) -> bool:
    """Wait for what is prepared, or give it up when we shall stop; raises what it raises."""
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait([preparing, stopped], return_when=asyncio.FIRST_COMPLETED)
    if is_given_up := not preparing.done():
        preparing.cancel()
    stopped.cancel()
    await asyncio.wait([preparing, stopped])
    if not preparing.cancelled():
        preparing.result()
    return is_given_up


def _stop_on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stopping.set)
    return stopping


async def _listen(application: web.Application, settings: ServiceSettings) -> web.AppRunner:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=10)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port, reuse_port=False).start()
    return runner
