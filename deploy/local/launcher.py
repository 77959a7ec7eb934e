"""`make run`: brings up servers and services in order, keeps them up, takes them down in reverse order."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

import aio_pika
import asyncpg

from deploy.demo.company import DEALER
from deploy.local.demo import load_demo_once
from deploy.local.errors import LauncherError, reason_of
from deploy.local.mail_catcher import MailCatcher
from deploy.local.ports import free_port, remembered_port, require_free
from deploy.local.postgres import start_postgres
from deploy.local.rabbitmq import RunningRabbit, find_rabbitmq, rabbitmq_url, start_rabbitmq
from deploy.local.settings import REPOSITORY, LauncherSettings
from deploy.local.stack import ServiceProcess, Stack
from deploy.local.supervision import Watched, supervise
from deploy.local.welcome import welcome

REACHABLE_TIMEOUT = 5.0  # seconds
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# For those that the person has not given. The portal is that of the demo's dealer.
TRIAL_SETTINGS = {
    # People who try it out look for the mail at once; the minute is for clerks who assign several samples.
    "REQUEST_MAIL_DELAY_SECONDS": "3",
    "COMPANY_NAME": DEALER.name,
    "COMPANY_IMPRINT": f"{DEALER.name}|{DEALER.line}",
    "MAIL_FROM": f"partner-cockpit@{DEALER.domain}",
}
SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Server(Protocol):
    @property
    def is_running(self) -> bool: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


ServerT = TypeVar("ServerT", bound=Server)


class OwnServer(Generic[ServerT]):
    """A server that this run starts itself: stopped at the end, started again when it dies."""

    def __init__(self, name: str, start: Callable[[], ServerT]) -> None:
        self._name = name
        self._start = start
        self._server: ServerT | None = None

    def launch(self) -> ServerT:
        self._server = self._start()
        return self._server

    def stop(self) -> None:
        if self._server:
            self._server.stop()

    def watched(self) -> Watched:
        return Watched(self._name, self._is_running, self._start_again)

    def _is_running(self) -> bool:
        return self._server is not None and self._server.is_running

    async def _start_again(self) -> None:
        if self._server:
            self._server.kill()
        await asyncio.to_thread(self.launch)


def say(sentence: str) -> None:
    print(sentence, flush=True)


async def run(settings: LauncherSettings, *, code: Path = REPOSITORY) -> None:
    """Until a signal asks to stop. A second one ends this process at once: the guards then end the others.

    `code` is the folder with the packages of the services and the demo.
    """
    launching = asyncio.create_task(Launcher(settings, code).run())
    is_stopping = False

    def stop() -> None:
        nonlocal is_stopping
        if is_stopping:
            os._exit(1)
        is_stopping = True
        say("\nStopping …")
        launching.cancel()

    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await launching
    except asyncio.CancelledError:
        say("Stopped.")


class Launcher:
    def __init__(self, settings: LauncherSettings, code: Path) -> None:
        self._settings = settings
        self._code = code
        self._folder = settings.run_folder.resolve()
        self._started = AsyncExitStack()
        self._own: list[Watched] = []

    async def run(self) -> None:
        settings = self._settings
        require_free(settings.port, variable="PORT")
        if settings.mails_port and not settings.smtp_url:
            require_free(settings.mails_port, variable="MAILS_PORT")
        async with self._started:
            admin_url = await self._start_postgres()
            amqp_url, rabbit = await self._choose_bus()
            smtp_url, mails = await self._start_mail()
            stack = await self._started.enter_async_context(
                Stack(
                    self._folder,
                    admin_url=admin_url,
                    amqp_url=amqp_url,
                    smtp_url=smtp_url,
                    gateway_port=settings.port,
                    public_url=settings.public_url,
                    order_folder_root=settings.order_folder_root,
                    cdh_file_root=settings.cdh_file_root,
                    # Elsewhere this user may lack the right to make roles.
                    own_roles=settings.database_url is None,
                    environment={
                        name: value for name, value in TRIAL_SETTINGS.items() if name not in os.environ
                    },
                    code=self._code,
                )
            )
            say(f"The pages are there: {stack.public_url}")
            if rabbit:
                # Not before: it is slow, and people would wait for the pages meanwhile. Services wait for it.
                await _wait_until_ready(rabbit.launch())
            given = settings.database_url
            database = given.get_secret_value() if given else "own"
            demo = await load_demo_once(stack, database=database, say=say)
            say(welcome(stack, demo, mails=mails))
            services = [_watch(stack, process) for process in stack.processes]
            await supervise([*self._own, *services], say)

    async def _start_postgres(self) -> str:
        if self._settings.database_url:
            url = self._settings.database_url.get_secret_value()
            await _require_postgres(url)
            say(f"PostgreSQL: {_address(url)}, as DATABASE_URL says")
            return url
        folder, log = self._folder / "postgres", self._log("postgres")
        own = self._keep("PostgreSQL", lambda: start_postgres(folder, log=log))
        url = own.launch().url()
        say(f"PostgreSQL: a private one in {folder}")
        return url

    async def _choose_bus(self) -> tuple[str | None, OwnServer[RunningRabbit] | None]:
        """The address of RabbitMQ, None for the bus on PostgreSQL; and our own one, still to be launched."""
        if self._settings.amqp_url:
            url = self._settings.amqp_url.get_secret_value()
            await _require_amqp(url)
            say(f"Bus: RabbitMQ at {_address(url)}, as AMQP_URL says")
            return url, None
        if find_rabbitmq() is None:
            say("Bus: PostgreSQL, since no rabbitmq-server is installed here and no AMQP_URL is given")
            return None, None
        folder = self._folder / "rabbitmq"
        say(f"Bus: a private RabbitMQ in {folder}")
        return rabbitmq_url(folder), self._keep("RabbitMQ", lambda: start_rabbitmq(folder, wait=False))

    async def _start_mail(self) -> tuple[str, str]:
        """Where services send mails, and where people read them."""
        if self._settings.smtp_url:
            url = self._settings.smtp_url.get_secret_value()
            await _require_smtp(url)
            say(
                f"Mails go out through {_address(url)}, as SMTP_URL says: at the first start some 55 of the "
                "demo too, to addresses below .example that nobody has"
            )
            return url, f"go out through {_address(url)}, as SMTP_URL says"
        page_port = self._settings.mails_port or remembered_port(self._folder / "mails_port")
        catcher = MailCatcher(
            self._folder / "mails",
            smtp_port=free_port(),
            page_port=page_port,
            time_zone=self._settings.time_zone,
        )
        await self._started.enter_async_context(catcher)
        return catcher.smtp_url, f"{catcher.page_url} (caught, they reach nobody)"

    def _keep(self, name: str, start: Callable[[], ServerT]) -> OwnServer[ServerT]:
        """From here on it is stopped in its turn, which comes after the services', and watched."""
        own = OwnServer(name, start)
        self._started.callback(own.stop)
        self._own.append(own.watched())
        return own

    def _log(self, name: str) -> Path:
        folder = self._folder / "logs"
        folder.mkdir(exist_ok=True)
        return folder / f"{name}.log"


async def _wait_until_ready(rabbit: RunningRabbit) -> None:
    while (  # noqa: ASYNC110 - a process sets no event of ours
        rabbit.is_running and not await asyncio.to_thread(lambda: rabbit.is_ready)
    ):
        await asyncio.sleep(0.1)  # between two questions
    rabbit.wait_until_ready()  # is ready, or has ended and says why


def _watch(stack: Stack, process: ServiceProcess) -> Watched:
    async def start_again() -> None:
        await stack.start(process.name, process.number)

    return Watched(
        f"The service {process.name}",
        lambda: stack.process(process.name, process.number).is_running,
        start_again,
    )


async def _require_postgres(url: str) -> None:
    try:
        connection = await asyncpg.connect(url, timeout=REACHABLE_TIMEOUT)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        raise LauncherError(
            f"PostgreSQL at {_address(url)} (DATABASE_URL) is not reachable: {reason_of(error)}"
        ) from error
    await connection.close()


async def _require_amqp(url: str) -> None:
    try:
        connection = await aio_pika.connect(url, timeout=REACHABLE_TIMEOUT)
    except (aio_pika.exceptions.AMQPError, OSError, TimeoutError, ValueError) as error:
        raise LauncherError(
            f"RabbitMQ at {_address(url)} (AMQP_URL) is not reachable: {reason_of(error)}"
        ) from error
    await connection.close()


async def _require_smtp(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port or SMTP_PORTS[parts.scheme]
        async with asyncio.timeout(REACHABLE_TIMEOUT):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError, ValueError) as error:
        raise LauncherError(
            f"The mail server {_address(url)} (SMTP_URL) is not reachable: {reason_of(error)}"
        ) from error
    except KeyError as error:
        raise LauncherError(f"SMTP_URL must begin with one of {', '.join(SMTP_PORTS)}.") from error
    writer.close()
    await writer.wait_closed()


def _address(url: str) -> str:
    """Of a server, without user and password."""
    return urlsplit(url).netloc.rpartition("@")[2]
