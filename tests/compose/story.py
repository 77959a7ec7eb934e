"""The story that is played on the running stack. Each step is a sentence; the first that fails ends it."""

import asyncio
import contextlib
import hashlib
import json
import os
import re
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from deploy.demo.outcome import Assign, Login, Outcome
from deploy.local.settings import REPOSITORY
from tests.compose.browser import Page, Visitor
from tests.compose.commands import TestComposeError, run
from tests.compose.engine import Engine
from tests.compose.stack import Container, Stack

Found = TypeVar("Found")

SERVICES = ("auth", "documents", "approvals", "mailer", "sync", "gateway")
ONE_SHOTS = ("secrets", "smtp-url", "databases", "demo")
COPIES = {"approvals": 3, "gateway": 2}
SETTING_SECRETS = {
    "gateway": {"database_url", "amqp_url", "internal_secret"},
    "auth": {"database_url", "amqp_url", "internal_secret"},
    "documents": {"database_url", "amqp_url", "internal_secret"},
    "approvals": {"database_url", "amqp_url", "internal_secret"},
    "mailer": {"database_url", "amqp_url", "internal_secret", "smtp_url"},
    "sync": {"database_url", "amqp_url", "internal_secret"},
    "postgres": {"password"},
}
START_TIMEOUT = 240.0  # seconds, without building and pulling
STEP_TIMEOUT = 90.0
LOGS = Path("build/test-compose.log")  # of a failed run

# Ends the service that the container's first process watches over, as a crash would.
CRASH = "import os, signal; os.kill(int(open('/proc/1/task/1/children').read().split()[0]), signal.SIGKILL)"
LIST_SECRETS = """
find /run/secrets -maxdepth 0 -printf '. %m\n'
find /run/secrets -mindepth 1 -printf '%f %m\n'
"""


class Story:
    def __init__(self, stack: Stack, folder: Path, *, url: str, mails_url: str) -> None:
        self._stack = stack
        self._folder = folder
        self._url = url
        self._mails_url = mails_url
        self._tls = ssl.create_default_context()
        self._demo: Outcome
        self._assign: Assign
        self._customer: Login
        self._approved: str  # the address of the proof

    @property
    def steps(self) -> tuple[Callable[[], Coroutine[Any, Any, None]], ...]:
        return (
            self.docker_compose_up_is_enough,
            self.the_proxy_speaks_tls_and_sends_plain_http_there,
            self.the_log_has_a_link_that_creates_the_first_operator,
            self.the_demo_joins_and_two_services_get_more_copies,
            self.nobody_runs_as_root_or_writes_outside_of_volumes,
            self.each_container_sees_its_own_secrets_only,
            self.only_the_proxy_has_ports_for_others,
            self.the_log_of_the_demo_has_logins_and_an_api_key,
            self.a_clerk_assigns_a_proof_and_it_lies_in_the_order_folder,
            self.the_customer_is_asked_by_mail_and_approves,
            self.the_record_is_in_the_order_folder_and_in_both_mails,
            self.each_copy_had_work,
            self.a_copy_that_crashes_comes_back_by_itself,
            self.a_second_up_changes_nothing,
            self.a_new_mail_server_restarts_the_mailer_alone,
            self.with_an_own_web_server_the_gateway_has_the_port,
            self.a_backup_brings_all_of_it_back_to_an_empty_machine,
            self.stopping_is_clean_and_down_leaves_nothing,
        )

    async def docker_compose_up_is_enough(self) -> None:
        # Nothing is built or made before: it does all that by itself.
        self._stack.compose("up", "--detach", timeout=900)
        self._wait_until_all_are_well()

    async def the_proxy_speaks_tls_and_sends_plain_http_there(self) -> None:
        (proxy,) = self._stack.of("proxy")
        authority = self._stack.execute(proxy, "cat", "/data/caddy/pki/authorities/local/root.crt")
        (self._folder / "authority.crt").write_text(authority)
        self._tls.load_verify_locations(cadata=authority)
        plain_url = f"http://localhost:{self._published_port(proxy, '8080/tcp')}/login"
        async with aiohttp.ClientSession() as client, client.get(plain_url, allow_redirects=False) as answer:
            assert answer.headers["Location"] == f"{self._url}/login", answer.headers
        async with Visitor(self._url, self._tls) as visitor:
            page = await visitor.open("/login")
            assert page.status == 200, page.status
            assert "default-src" in page.headers["Content-Security-Policy"]

    async def the_log_has_a_link_that_creates_the_first_operator(self) -> None:
        (auth,) = self._stack.of("auth")
        links = [
            event["url"] for event in self._stack.events(auth) if event["event"] == "first_operator_link"
        ]
        assert len(links) == 1, links
        assert links[0].startswith(f"{self._url}/setup/"), links
        async with Visitor(self._url, self._tls) as visitor:
            page = await visitor.open(links[0])
            form = page.form("name", "email", "password")
            desk = await visitor.send(
                page, form, name="Ina Betrieb", email="ina@example.com", password="drei kleine Igel"
            )
            assert desk.url == f"{self._url}/admin", (desk.url, desk.status)
        async with Visitor(self._url, self._tls) as stranger:
            assert (await stranger.open(links[0])).status == 404, "the link works twice"

    async def the_demo_joins_and_two_services_get_more_copies(self) -> None:
        self._up_with_demo_and_copies()
        for name, count in COPIES.items():
            assert len(self._stack.of(name)) == count

    async def nobody_runs_as_root_or_writes_outside_of_volumes(self) -> None:
        for container in self._stack.containers():
            inspected = self._stack.inspect(container)
            host = inspected["HostConfig"]
            user = inspected["Config"]["User"]
            assert not user.startswith(("0", "root")), container.name
            assert user, container.name
            assert host["ReadonlyRootfs"], container.name
            assert host["CapDrop"] == ["ALL"], container.name
            assert "no-new-privileges:true" in host["SecurityOpt"], container.name
            assert not host["Privileged"], container.name
            if container.state == "running":
                assert host["RestartPolicy"]["Name"] == "unless-stopped", container.name
                status = self._stack.execute(container, "cat", "/proc/self/status")
                assert not re.search(r"^Uid:\s.*\b0\b", status, re.MULTILINE), container.name
                refusal = self._stack.execute(container, "sh", "-c", "touch /etc/written 2>&1 || true")
                assert "Read-only" in refusal, (container.name, refusal)

    async def each_container_sees_its_own_secrets_only(self) -> None:
        values = set()
        for name, expected in SETTING_SECRETS.items():
            for container in self._stack.of(name):
                lines = self._stack.execute(container, "sh", "-c", LIST_SECRETS).splitlines()
                modes = dict(line.rsplit(" ", 1) for line in lines)
                assert modes.pop(".") == "750", (container.name, modes)
                assert modes.keys() == expected, (container.name, modes)
                assert set(modes.values()) == {"440"}, (container.name, modes)
                values |= {
                    self._stack.execute(container, "cat", f"/run/secrets/{file}")
                    for file in expected - {"smtp_url"}
                }
        for container in self._stack.containers():
            told = json.dumps(self._stack.inspect(container)) + self._stack.log(container)
            assert not any(value in told for value in values), f"{container.name} tells a secret"

    async def only_the_proxy_has_ports_for_others(self) -> None:
        for container in self._stack.containers():
            ports = self._stack.inspect(container)["HostConfig"]["PortBindings"] or {}
            addresses = {binding["HostIp"] for bindings in ports.values() for binding in bindings}
            if container.service == "mail-catcher":
                assert addresses == {"127.0.0.1"}, ports
            else:
                assert bool(ports) == (container.service == "proxy"), (container.name, ports)

    async def the_log_of_the_demo_has_logins_and_an_api_key(self) -> None:
        (demo,) = self._stack.of("demo")
        self._demo = Outcome.model_validate_json(self._copy(demo, "/var/lib/cockpit/demo/demo.json"))
        assert self._demo.assign is not None
        self._assign = self._demo.assign
        self._customer = next(login for login in self._demo.logins if login.role == "customer")
        log = self._stack.log(demo)
        assert {login.role for login in self._demo.logins} >= {"customer", "clerk", "operator"}
        for login in self._demo.logins:
            assert login.email in log, log
            assert login.password in log, log
            async with Visitor(self._url, self._tls) as visitor:
                page = await visitor.log_in("/", email=login.email, password=login.password)
                assert page.status == 200, (login.email, page.status)
                assert "/login" not in page.url, (login.email, page.url)
        assert self._demo.api_key in log
        assert self._url in log

    async def a_clerk_assigns_a_proof_and_it_lies_in_the_order_folder(self) -> None:
        (demo,) = self._stack.of("demo")
        assign = self._assign
        proof = self._folder / assign.file.name
        proof.write_bytes(self._copy(demo, str(assign.file)))
        # As a workstation does it, through the proxy, with the proxy's certificate checked.
        run(
            *(sys.executable, "-m", "cockpit", "assign-sample"),
            *("--order", assign.order_number, "--position", assign.position),
            *("--title", assign.title, "--clerk", assign.clerk_code, proof),
            environment=self._workstation,
        )
        expected = hashlib.sha256(proof.read_bytes()).hexdigest()
        self._stack.wait_until(
            lambda: expected in self._order_files(),
            what="the proof lies in the order's folder",
            timeout=STEP_TIMEOUT,
        )

    async def the_customer_is_asked_by_mail_and_approves(self) -> None:
        mail = await self._mail(self._customer.email, with_attachment=False)
        link = next(word for word in mail["text"].split() if word.startswith(f"{self._url}/proofs/"))
        async with Visitor(self._url, self._tls) as visitor:
            proof = await visitor.log_in(link, email=self._customer.email, password=self._customer.password)
            assert proof.url == link, proof.url
            proof = await self._until_it_can_be_approved(visitor, proof)
            check = await visitor.open(f"{link}/approve")
            decided = await visitor.send(check, check.form("sha256"))
            assert decided.url == f"{link}/decided", (decided.url, decided.status)
            assert "Freigegeben am" in decided.html
        self._approved = link

    async def the_record_is_in_the_order_folder_and_in_both_mails(self) -> None:
        receipt = await self._mail(self._customer.email, with_attachment=True)
        record_hash = hashlib.sha256(await self._attachment(receipt)).hexdigest()
        self._stack.wait_until(
            lambda: record_hash in self._order_files(),
            what="the record joins the proof",
            timeout=STEP_TIMEOUT,
        )
        order_number = self._assign.order_number

        async def mails_to_others() -> list[dict[str, Any]]:
            return [
                mail
                for mail in await self._mails()
                if mail["attachments"] and order_number in mail["subject"] and mail["id"] != receipt["id"]
            ]

        others = await self._until(mails_to_others, what="the clerk has the record by mail")
        assert all(self._customer.email not in mail["recipients"] for mail in others)
        assert hashlib.sha256(await self._attachment(others[0])).hexdigest() == record_hash

    async def each_copy_had_work(self) -> None:
        # The demo's proofs were prepared by all copies of approvals.
        for container in self._stack.of("approvals"):
            prepared = [e for e in self._stack.events(container) if e["event"] == "version_prepared"]
            assert prepared, f"{container.name} has prepared nothing"
            print(f"     {container.name} prepared {len(prepared)} proofs", flush=True)
        # A gateway's log names only what it refused: so strangers' pages are asked for until each copy has.
        gateways = self._stack.of("gateway")

        async def all_refused() -> bool:
            async with Visitor(self._url, self._tls) as visitor:
                await visitor.log_in("/", email=self._customer.email, password=self._customer.password)
                for number in range(4):
                    await visitor.open(f"/orders/00000000-0000-0000-0000-{number:012}")
            return all(self._refusals(container) for container in gateways)

        await self._until(all_refused, what="each copy of the gateway answers")
        for container in gateways:
            print(f"     {container.name} answered, {self._refusals(container)} of them refusals", flush=True)

    async def a_copy_that_crashes_comes_back_by_itself(self) -> None:
        copy = self._stack.of("approvals")[1]
        before = self._stack.inspect(copy)["State"]["StartedAt"]
        # The container ends with its service, and may take the messenger along.
        with contextlib.suppress(TestComposeError):
            self._stack.execute(copy, "python", "-c", CRASH)
        self._stack.wait_until(
            lambda: self._stack.inspect(copy)["State"]["StartedAt"] != before,
            what="the engine starts the crashed copy again",
            timeout=STEP_TIMEOUT,
        )
        self._wait_until_all_are_well()

    async def a_second_up_changes_nothing(self) -> None:
        before = self._container_ids()
        (postgres,) = self._stack.of("postgres")
        password = self._stack.execute(postgres, "cat", "/run/secrets/password")
        self._up_with_demo_and_copies()
        assert self._container_ids() == before
        assert self._stack.execute(postgres, "cat", "/run/secrets/password") == password

    async def a_new_mail_server_restarts_the_mailer_alone(self) -> None:
        before = self._container_ids()
        (mailer,) = self._stack.of("mailer")
        started_at = self._stack.inspect(mailer)["State"]["StartedAt"]
        self._up_with_demo_and_copies(SMTP_URL="smtp://mail.example.com:25")
        changed = {service for service, ids in self._container_ids().items() if before[service] != ids}
        assert "smtp-url" in changed
        assert changed <= {"smtp-url", "mailer"}, changed
        (mailer,) = self._stack.of("mailer")
        assert self._stack.inspect(mailer)["State"]["StartedAt"] != started_at
        assert self._stack.execute(mailer, "cat", "/run/secrets/smtp_url") == "smtp://mail.example.com:25"

    async def with_an_own_web_server_the_gateway_has_the_port(self) -> None:
        own = REPOSITORY / "deploy" / "proxy" / "own-web-server.yml"
        services = json.loads(self._stack.compose("--file", own, "config", "--format", "json"))["services"]
        assert "proxy" not in services
        published = [(name, port["host_ip"]) for name in services for port in services[name].get("ports", ())]
        assert published == [("gateway", "127.0.0.1")], published

    async def a_backup_brings_all_of_it_back_to_an_empty_machine(self) -> None:
        backups = self._folder / "backups"
        backups.mkdir()
        for _ in range(2):
            self._stack.script("deploy/backup", backups, "1", timeout=START_TIMEOUT)
            self._wait_until_all_are_well()
        (backup,) = backups.iterdir()  # of two, one is kept
        order_files = self._order_files()
        record = await self._record()
        self._stack.remove()
        self._stack.script("deploy/restore", backup, "--yes", timeout=900)
        self._wait_until_all_are_well()
        assert self._order_files() == order_files
        # The customer's password, the approval, the stored file, and the certificate of the proxy.
        assert await self._record() == record
        # The key of a workstation.
        run(sys.executable, "-m", "cockpit", "check", environment=self._workstation)

    async def stopping_is_clean_and_down_leaves_nothing(self) -> None:
        self._stack.compose("--profile", "demo", "stop", timeout=STEP_TIMEOUT)
        for container in self._stack.containers():
            assert container.exit_code == 0, (container.name, container.exit_code)
            if container.service in SERVICES:
                assert [*self._stack.events(container)][-1]["event"] == "stopped", container.name
        self._stack.remove()
        assert self._stack.containers() == []

    @property
    def _workstation(self) -> dict[str, str]:
        return {
            **os.environ,
            "COCKPIT_URL": self._url,
            "COCKPIT_API_KEY": self._demo.api_key,
            "SSL_CERT_FILE": str(self._folder / "authority.crt"),
        }

    async def _record(self) -> str:
        """The hash of the Freigabeprotokoll, as the customer downloads it."""
        async with Visitor(self._url, self._tls) as visitor:
            await visitor.log_in("/", email=self._customer.email, password=self._customer.password)
            content = await visitor.download(f"{self._approved}/record")
            assert content.startswith(b"%PDF"), content[:200]
            return hashlib.sha256(content).hexdigest()

    def _up_with_demo_and_copies(self, **environment: str) -> None:
        scales = [word for name, count in COPIES.items() for word in ("--scale", f"{name}={count}")]
        self._stack.compose(
            *("--profile", "demo", "up", "--detach", *scales), timeout=START_TIMEOUT, environment=environment
        )
        self._wait_until_all_are_well()

    def _container_ids(self) -> dict[str, set[str]]:
        """By service."""
        ids: dict[str, set[str]] = {}
        for container in self._stack.containers():
            ids.setdefault(container.service, set()).add(self._stack.inspect(container)["Id"])
        return ids

    def _wait_until_all_are_well(self) -> None:
        def all_are_well() -> bool:
            containers = self._stack.containers()
            for container in containers:
                if container.service in ONE_SHOTS and container.state == "exited" and container.exit_code:
                    raise TestComposeError(f"{container.name} failed\n{self._stack.describe()}")
            return {c.service for c in containers} >= set(SERVICES) and all(map(_is_well, containers))

        self._stack.wait_until(all_are_well, what="all are well", timeout=START_TIMEOUT)

    def _published_port(self, container: Container, port: str) -> str:
        bindings = self._stack.inspect(container)["NetworkSettings"]["Ports"][port]
        return str(bindings[0]["HostPort"])

    def _copy(self, container: Container, path: str) -> bytes:
        target = self._folder / "copied"
        self._stack.copy(container, path, target)
        return target.read_bytes()

    def _order_files(self) -> str:
        """Hash and path of each file in the order's Freigabemuster folder."""
        (sync,) = self._stack.of("sync")
        folder = f"/var/lib/cockpit/orders/*/{self._assign.order_number}/Freigabemuster/*"
        return self._stack.execute(sync, "sh", "-c", f"sha256sum {folder} || true")

    def _refusals(self, container: Container) -> int:
        return sum(event["event"] == "page_refused" for event in self._stack.events(container))

    async def _until_it_can_be_approved(self, visitor: Visitor, proof: Page) -> Page:
        async def can_be_approved() -> Page | None:
            page = await visitor.open(proof.url)
            return page if f"{proof.url}/approve".removeprefix(self._url) in page.html else None

        return await self._until(can_be_approved, what="the proof can be approved")

    async def _mails(self) -> list[dict[str, Any]]:
        async with aiohttp.ClientSession() as client, client.get(f"{self._mails_url}/mails.json") as answer:
            mails: list[dict[str, Any]] = await answer.json()
            return mails

    async def _attachment(self, mail: dict[str, Any]) -> bytes:
        url = self._mails_url + mail["attachments"][0]["path"]
        async with aiohttp.ClientSession() as client, client.get(url) as answer:
            return await answer.read()

    async def _mail(self, recipient: str, *, with_attachment: bool) -> dict[str, Any]:
        async def newest() -> dict[str, Any] | None:
            for mail in await self._mails():
                is_it = self._assign.order_number in mail["subject"] and recipient in mail["recipients"]
                if is_it and bool(mail["attachments"]) == with_attachment:
                    return mail
            return None

        return await self._until(newest, what=f"a mail to {recipient}")

    async def _until(self, find: Callable[[], Coroutine[Any, Any, Found | None]], *, what: str) -> Found:
        deadline = time.monotonic() + STEP_TIMEOUT
        while not (found := await find()):
            if time.monotonic() > deadline:
                raise TestComposeError(f"Not within {STEP_TIMEOUT:.0f} s: {what}\n{self._stack.describe()}")
            await asyncio.sleep(0.5)
        return found


def _is_well(container: Container) -> bool:
    if container.service in ONE_SHOTS:
        return container.state == "exited" and container.exit_code == 0
    return container.state == "running" and container.health == "healthy"


def play(engine: Engine) -> int:
    """0 when every step held. The stack is gone afterwards, whatever happened."""
    with tempfile.TemporaryDirectory(prefix="partner-cockpit-story-") as folder:
        stack = Stack(engine, project="partner-cockpit-test")
        story = Story(stack, Path(folder), url=engine.public_url, mails_url=engine.mails_url)
        try:
            return asyncio.run(_play(story, stack))
        finally:
            stack.remove()


async def _play(story: Story, stack: Stack) -> int:
    passed, started = 0, time.monotonic()
    for step in story.steps:
        sentence = step.__name__.replace("_", " ")
        try:
            await step()
        except (AssertionError, TestComposeError, aiohttp.ClientError, LookupError, OSError) as error:
            print(f"FAILED  {sentence}\n{type(error).__name__}: {error}\n{stack.describe()}", flush=True)
            LOGS.parent.mkdir(exist_ok=True)
            LOGS.write_text(stack.compose("--profile", "demo", "logs", "--no-color", "--timestamps"))
            print(f"What all containers said is in {LOGS}.", flush=True)
            print(f"\n{passed} passed, 1 failed", flush=True)
            return 1
        passed += 1
        print(f"ok {time.monotonic() - started:4.0f} s  {sentence}", flush=True)
    print(f"\n{passed} passed, 0 failed", flush=True)
    return 0
