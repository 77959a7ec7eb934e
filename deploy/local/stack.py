"""The six services as processes, wired to one another and to given servers. For `make run` and for tests."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

import aiohttp
import asyncpg

from deploy.local.databases import BUS, PREFIX, SERVICES, create_databases
from deploy.local.errors import LauncherError, reason_of
from deploy.local.ports import free_port
from deploy.local.processes import ChildProcess
from deploy.local.secret_files import private_folder, remembered_secret
from deploy.local.settings import REPOSITORY

GATEWAY = "gateway"
HOST = "127.0.0.1"
MAIL_FROM = "partner-cockpit@example.de"
READY_TIMEOUT = 60.0  # seconds
LARGEST_LOG = 10_000_000  # bytes; a larger one is put aside when its service starts

# These mean something else to a service than to the person who starts the stack.
NOT_INHERITED = (
    "DATABASE_URL",
    "BUS_DATABASE_URL",
    "AMQP_URL",
    "SMTP_URL",
    "HOST",
    "PORT",
    "INTERNAL_SECRET",
)


@dataclass(frozen=True)
class ServiceProcess:
    """One copy of a service. `number` counts the copies from 1."""

    name: str
    number: int
    port: int
    environment: Mapping[str, str]
    child: ChildProcess

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def is_running(self) -> bool:
        return self.child.exit_code is None


class Stack:
    """`async with Stack(folder, admin_url=…, amqp_url=…, smtp_url=…) as stack:` and all six answer.

    `admin_url` may make databases; without `amqp_url` the bus is PostgreSQL. `environment` goes to every
    service, `copies` says of which there is more than one, `code` is the folder with the package `services`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        admin_url: str,
        amqp_url: str | None,
        smtp_url: str,
        gateway_port: int | None = None,
        public_url: str | None = None,
        order_folder_root: Path | None = None,
        cdh_file_root: Path | None = None,
        own_roles: bool = False,
        prefix: str = PREFIX,
        copies: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        code: Path = REPOSITORY,
    ) -> None:
        self.folder = folder.resolve()
        self.order_folder_root = (order_folder_root or self.folder / "orders").resolve()
        self.cdh_file_root = (cdh_file_root or self.folder / "cdh").resolve()
        self._admin_url = admin_url
        self._amqp_url = amqp_url
        self._smtp_url = smtp_url
        self._gateway_port = gateway_port
        self._public_url = public_url
        self._own_roles = own_roles
        self._prefix = prefix
        self._copies = copies or {}
        self._environment = environment or {}
        self.code = code
        self._ports: dict[tuple[str, int], int] = {}
        self._processes: dict[tuple[str, int], ServiceProcess] = {}
        self._role_passwords: dict[str, str] = {}
        self.internal_secret = ""

    async def __aenter__(self) -> Self:
        await self._prepare()
        try:
            for name in SERVICES:
                for number in range(1, self._copies.get(name, 1) + 1):
                    self._spawn(name, number, self._settings_of(name, number))
            await asyncio.gather(*(self._wait_until_ready(process) for process in self.processes))
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def gateway_url(self) -> str:
        return self.url_of(GATEWAY)

    @property
    def public_url(self) -> str:
        return self._public_url or self.gateway_url

    @property
    def processes(self) -> list[ServiceProcess]:
        return list(self._processes.values())

    def url_of(self, name: str) -> str:
        return f"http://{HOST}:{self._ports[name, 1]}"

    def database_url(self, name: str) -> str:
        """As the service itself enters its database, or the bus: `name` is that of a service or "bus"."""
        return self._database_url(name, role=name if name != BUS else SERVICES[0])

    def process(self, name: str, number: int = 1) -> ServiceProcess:
        return self._processes[name, number]

    async def kill(self, name: str, number: int = 1) -> None:
        """kill -9, and nobody starts it again."""
        await asyncio.to_thread(self.process(name, number).child.kill)

    async def start(
        self, name: str, number: int = 1, *, environment: Mapping[str, str] | None = None
    ) -> ServiceProcess:
        """Starts it again after it has ended, on its old port; returns when it answers."""
        process = self.start_again(name, number, environment=environment)
        await self._wait_until_ready(process)
        return process

    def start_again(
        self, name: str, number: int = 1, *, environment: Mapping[str, str] | None = None
    ) -> ServiceProcess:
        """The same without waiting. `environment` is for this start only."""
        self.process(name, number).child.kill()  # whatever the ended process has left of its group
        return self._spawn(name, number, self._settings_of(name, number) | dict(environment or {}))

    async def stop(self) -> None:
        """All at once, each with the time it needs to finish what it has in hand."""
        processes = self.processes
        self._processes.clear()
        await asyncio.gather(*(asyncio.to_thread(process.child.stop, timeout=30) for process in processes))

    async def _prepare(self) -> None:
        for folder in (self.folder, self.folder / "secrets", self.folder / "storage", self.folder / "logs"):
            private_folder(folder)
        self.order_folder_root.mkdir(parents=True, exist_ok=True)
        self.cdh_file_root.mkdir(parents=True, exist_ok=True)
        self.internal_secret = remembered_secret(self.folder / "secrets" / "internal_secret")
        if self._own_roles:
            self._role_passwords = {
                service: remembered_secret(self.folder / "secrets" / f"{service}_database_password")
                for service in SERVICES
            }
        self._ports = {
            (name, number): free_port()
            for name in SERVICES
            for number in range(1, self._copies.get(name, 1) + 1)
        }
        if self._gateway_port is not None:
            self._ports[GATEWAY, 1] = self._gateway_port
        await self._create_databases()

    async def _create_databases(self) -> None:
        try:
            await create_databases(
                self._admin_url, role_passwords=self._role_passwords or None, prefix=self._prefix
            )
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            server = urlsplit(self._admin_url).netloc.rpartition("@")[2]
            raise LauncherError(f"The databases cannot be made on {server}: {reason_of(error)}") from error

    def _settings_of(self, name: str, number: int) -> dict[str, str]:
        settings = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
        settings |= {
            "HOST": HOST,
            "PORT": str(self._ports[name, number]),
            "INTERNAL_SECRET": self.internal_secret,
            "STORAGE_FOLDER": str(self.folder / "storage"),
            "PUBLIC_URL": self.public_url,
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": self._database_url(name, role=name),
        }
        if self._amqp_url is None:
            settings["BUS_DATABASE_URL"] = self._database_url(BUS, role=name)
        else:
            settings["AMQP_URL"] = self._amqp_url
        if name == GATEWAY:
            others = (service for service in SERVICES if service != GATEWAY)
            settings |= {f"{service.upper()}_URL": self.url_of(service) for service in others}
        if name == "mailer":
            settings["SMTP_URL"] = self._smtp_url
            settings.setdefault("MAIL_FROM", MAIL_FROM)
        if name == "sync":
            settings["ORDER_FOLDER_ROOT"] = str(self.order_folder_root)
            settings["CDH_FILE_ROOT"] = str(self.cdh_file_root)
        return settings | dict(self._environment)

    def _database_url(self, database: str, *, role: str) -> str:
        parts = urlsplit(self._admin_url)
        address = parts.netloc
        if self._role_passwords:
            server = parts.netloc.rpartition("@")[2]
            address = f"{self._prefix}{role}:{quote(self._role_passwords[role], safe='')}@{server}"
        return urlunsplit(parts._replace(netloc=address, path=f"/{self._prefix}{database}"))

    def _spawn(self, name: str, number: int, settings: dict[str, str]) -> ServiceProcess:
        log = self.folder / "logs" / (f"{name}.log" if number == 1 else f"{name}-{number}.log")
        if log.is_file() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        child = ChildProcess(
            [sys.executable, "-m", f"services.{name}"], environment=settings, log=log, folder=self.code
        )
        process = ServiceProcess(name, number, self._ports[name, number], settings, child)
        self._processes[name, number] = process
        return process

    async def _wait_until_ready(self, process: ServiceProcess) -> None:
        deadline = asyncio.get_running_loop().time() + READY_TIMEOUT
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as client:
            while not (await _answers(client, f"{process.url}/health/ready") and process.is_running):
                if not process.is_running:
                    raise LauncherError(
                        f"The service {process.name} ended at its start{process.child.last_words()}"
                    )
                if asyncio.get_running_loop().time() > deadline:
                    raise LauncherError(
                        f"The service {process.name} was not ready within {READY_TIMEOUT:.0f} s"
                        f"{process.child.last_words()}"
                    )
                await asyncio.sleep(0.05)  # between two questions


async def _answers(client: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with client.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
