"""A mailer on its own database, a real SMTP server that can misbehave, and events to tell it."""

import asyncio
import email
import email.policy
import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
import trustme
from aiohttp.test_utils import TestServer
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from jinja2 import Environment

from services.mailer import composing
from services.mailer.app import create_service
from services.mailer.settings import MailerSettings
from services.mailer.subscriptions import SUBSCRIPTIONS
from shared.database import Pool, create_pool, transaction
from shared.events import Event
from shared.events.approvals import ApprovalRecorded, ApprovalRequested
from shared.events.auth import AccountRegistered, CustomerInvited
from shared.events.sync import Clerk, ClerksChanged, Contact, Customer, CustomersChanged, File
from shared.process import Service
from shared.sealing import LINK_TOKENS, Seal
from shared.storage import FolderStorage
from shared.web import Identity, ServiceClient
from tests.conftest import DatabaseFactory

ORDER = UUID("00000000-0000-0000-0000-000000001042")
RECORD = b"%PDF-1.7 the record"
SECRET = "the secret of the test"
TOKEN = "t" * 43


@dataclass
class Received:
    """A mail as the server got it."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    is_encrypted: bool
    logged_in_as: str | None

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class MailServer:
    """Takes mails; `answers` are what it says to the next commands instead, by command ("RCPT", "DATA")."""

    mails: list[Received] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    silent_after_data: asyncio.Event | None = None
    cut_after_data: bool = False
    speaks_utf8: bool = True
    offers_login: bool = True
    connections: int = 0
    port: int = 0

    def _answer(self, command: str) -> str | None:
        planned = self.answers.get(command)
        return planned.pop(0) if planned else None

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return [line for line in responses if self.offers_login or "AUTH" not in line]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if planned := self._answer("MAIL"):
            return planned
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if planned := self._answer(f"RCPT {address}") or self._answer("RCPT"):
            return planned
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        if planned := self._answer("DATA"):
            return planned
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = email.message_from_bytes(content, policy=email.policy.SMTPUTF8)
        assert isinstance(parsed, EmailMessage)
        name = session.auth_data.decode() if session.auth_data else None
        assert server.transport is not None
        is_encrypted = server.transport.get_extra_info("sslcontext") is not None
        self.mails.append(
            Received(str(envelope.mail_from), list(envelope.rcpt_tos), parsed, is_encrypted, name)
        )
        if self.silent_after_data:
            await self.silent_after_data.wait()
        if self.cut_after_data:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 OK queued"

    def to(self, address: str) -> Received:
        """The one mail for this address."""
        [mail] = [one for one in self.mails if one.recipients == [address]]
        return mail


def _log_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data.password == b"s3:cr@t", handled=False, auth_data=data.login)


@asynccontextmanager
async def listening(
    server: MailServer, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> AsyncIterator[MailServer]:
    """The server on a free port of loopback, encrypted from the start or from STARTTLS on."""

    protocols: list[SMTP] = []

    def protocol() -> SMTP:
        made = SMTP(
            server,
            hostname="mail.test",
            enable_SMTPUTF8=server.speaks_utf8,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=starttls is not None,
            auth_require_tls=starttls is not None,
            authenticator=_log_in,
            loop=asyncio.get_running_loop(),
        )
        protocols.append(made)
        return made

    opened = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    server.port = opened.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        closed = asyncio.create_task(opened.wait_closed())
        await asyncio.sleep(0)  # Python 3.11 waits for connections only if it is asked before the closing
        opened.close()
        for made in protocols:
            if isinstance(made.transport, asyncio.WriteTransport) and not made.transport.is_closing():
                made.transport.abort()
        await closed


@asynccontextmanager
async def secured(
    server: MailServer,
    scheme: str,
    tmp_path: Path,
    *,
    host: str = "127.0.0.1",
    not_after: datetime | None = None,
) -> AsyncIterator[tuple[str, Path]]:
    """The URL of a server that wants encryption and a log-in, and the authority that vouches for it."""
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host, not_after=not_after).configure_cert(context)
    kind = {"smtps": {"tls": context}, "smtp+starttls": {"starttls": context}}[scheme]
    async with listening(server, **kind):
        yield f"{scheme}://portal:s3%3Acr%40t@127.0.0.1:{server.port}", ca_file


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with listening(MailServer()) as server:
        yield server


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "storage")


@pytest.fixture(scope="session")
def environments() -> list[Environment]:
    return []


@pytest.fixture(autouse=True)
def _templates_compiled_once(environments: list[Environment], monkeypatch: pytest.MonkeyPatch) -> None:
    """There are always the same, and each test constructs a mailer of its own."""

    def find_or_create(**options: Any) -> Environment:
        if not environments:
            environments.append(Environment(**options))  # noqa: S701  # as the product asks for it
        return environments[0]

    monkeypatch.setattr(composing, "Environment", find_or_create)


@dataclass
class Mailer:
    """A mailer whose loops are turned by hand."""

    service: Service
    pool: Pool

    async def hear(self, *events: Event) -> None:
        """As the consumer does it: each handler in a transaction."""
        for event in events:
            for subscription in SUBSCRIPTIONS:
                if subscription.event is type(event):
                    async with transaction(self.pool) as opened:
                        await subscription.handler(opened, event)

    async def turn(self, name: str) -> Any:
        [loop] = [loop for loop in self.service.loops if loop.name == name]
        return await loop.perform_next()

    async def compose(self) -> None:
        while await self.turn("composing") is True:
            pass

    async def deliver(self) -> None:
        while await self.turn("delivery") is True:
            pass

    async def make_everything_due(self) -> None:
        """As if the pauses and leases had passed."""
        await self.pool.execute("UPDATE mail SET due_at = now() WHERE state = 'queued'")

    async def told(self, name: str) -> list[dict[str, Any]]:
        rows = await self.pool.fetch(
            "SELECT body::jsonb AS body FROM outbox WHERE event_name = $1 ORDER BY added_at",
            f"mailer.{name}.v1",
        )
        return [row["body"] for row in rows]

    async def states(self) -> dict[str, str]:
        return {
            row["recipient"]: row["state"]
            for row in await self.pool.fetch("SELECT recipient, state FROM mail")
        }


MakeMailer = Callable[..., Awaitable[Mailer]]


@pytest.fixture
async def make_mailer(
    make_database: DatabaseFactory, mail_server: MailServer, tmp_path: Path
) -> AsyncIterator[MakeMailer]:
    """`await make_mailer(copy_to_clerk=False)`: a copy of mailer; all copies share one database."""
    database_url = await make_database("mailer")
    pools: list[Pool] = []

    async def make(**changes: object) -> Mailer:
        settings = MailerSettings.model_validate(
            {
                "database_url": database_url,
                "bus_database_url": database_url,
                "internal_secret": SECRET,
                "storage_folder": tmp_path / "storage",
                "port": 1,
                "public_url": "https://portal.example.de",
                "smtp_url": f"smtp://127.0.0.1:{mail_server.port}",
                "mail_from": "portal@werbetex-nord.de",
                "mail_fallback": "buero@werbetex-nord.de",
                "request_mail_delay_seconds": 0,
                "company_name": "Werbetex Nord GmbH",
            }
            | changes
        )
        pools.append(await create_pool(database_url))
        return Mailer(create_service(settings, pools[-1]), pools[-1])

    yield make
    for pool in pools:
        await pool.close()


@pytest.fixture
async def mailer(make_mailer: MakeMailer) -> Mailer:
    return await make_mailer()


OPERATOR = Identity(role="operator", account_id=uuid4(), name="Olaf", email="olaf@werbetex-nord.de")
CLERK = Identity(role="clerk", account_id=uuid4(), name="Sabine Berger", clerk_code="SB")


@pytest.fixture
async def client(mailer: Mailer) -> AsyncIterator[ServiceClient]:
    """Asks the same mailer over HTTP."""
    async with TestServer(mailer.service.application) as server, aiohttp.ClientSession() as session:
        yield ServiceClient(session, str(server.make_url("")), SECRET)


# What it hears

CLERKS = ClerksChanged(
    clerks=(
        Clerk(
            clerk_code="SB",
            name="Sabine Berger",
            email="s.berger@werbetex-nord.de",
            phone="040 1234-17",
            revision=1,
        ),
        Clerk(clerk_code="TK", name="Tim Kruse", email="t.kruse@werbetex-nord.de", revision=1),
        Clerk(clerk_code="MO", name="Max Ohnemail", revision=1),
    )
)


def customer(
    *contacts: Contact, email: str = "", revision: int = 1, name: str = "Muster AG"
) -> CustomersChanged:
    return CustomersChanged(
        customers=(
            Customer(customer_number="10023", name=name, email=email, contacts=contacts, revision=revision),
        )
    )


ERIKA = Contact(contact_id="1", name="Erika Muster", email="erika@muster-ag.de")


def account(
    email: str,
    *,
    contact_id: str = "",
    may_approve: bool = True,
    locale: str = "de",
    customer_number: str = "10023",
) -> AccountRegistered:
    return AccountRegistered(
        account_id=uuid4(),
        role="customer",
        name=email.partition("@")[0].title(),
        email=email,
        locale=locale,
        customer_number=customer_number,
        contact_id=contact_id,
        may_approve=may_approve,
    )


def known(contact: Contact, *, locale: str = "de") -> tuple[CustomersChanged, AccountRegistered]:
    """A customer whose contact has an access."""
    registered = account(contact.email, contact_id=contact.contact_id, locale=locale)
    return customer(contact), registered.model_copy(update={"name": contact.name})


def invited(
    *,
    email: str = "erika@muster-ag.de",
    request_cause: str = "",
    clerk_code: str = "SB",
    locale: str = "de",
    expires_at: datetime | None = None,
) -> CustomerInvited:
    """With the token TOKEN, sealed as auth does it."""
    return CustomerInvited(
        invitation_id=uuid4(),
        email=email,
        name="Erika Muster",
        locale=locale,
        sealed_token=sealed(TOKEN),
        expires_at=expires_at or datetime.now(UTC) + timedelta(days=14),
        customer_number="10023",
        contact_id="1",
        clerk_code=clerk_code,
        request_cause=request_cause,
    )


def sealed(token: str) -> str:
    return Seal(SECRET.encode(), LINK_TOKENS).close(token)


def request(
    *,
    title: str = "T-Shirt Front",
    clerk_codes: tuple[str, ...] = ("SB",),
    sample_id: UUID | None = None,
    version: int = 1,
    document_id: UUID = ORDER,
    preview: File | None = None,
) -> ApprovalRequested:
    return ApprovalRequested(
        sample_id=sample_id or uuid4(),
        version_id=uuid4(),
        version=version,
        title=title,
        document_id=document_id,
        order_number="2026-1042",
        customer_number="10023",
        contact_id="1",
        clerk_codes=clerk_codes,
        position_numbers=("2",),
        file_name="front.pdf",
        preview=preview,
    )


def moved(asked: ApprovalRequested, customer_number: str) -> ApprovalRequested:
    """The same proof, asked of another customer a second later."""
    return asked.model_copy(
        update={
            "event_id": uuid4(),
            "customer_number": customer_number,
            "occurred_at": asked.occurred_at + timedelta(seconds=1),
        }
    )


def decision(
    *,
    clerk_codes: tuple[str, ...] = ("SB", "TK"),
    version_id: UUID | None = None,
    comment: str = "",
    record: bytes = RECORD,
    person_email: str = "erika@muster-ag.de",
    account_id: UUID | None = None,
) -> ApprovalRecorded:
    return ApprovalRecorded(
        account_id=account_id,
        sample_id=uuid4(),
        version_id=version_id or uuid4(),
        version=1,
        title="T-Shirt Front",
        document_id=ORDER,
        order_number="2026-1042",
        customer_number="10023",
        contact_id="1",
        clerk_codes=clerk_codes,
        position_numbers=("2",),
        file_name="front.pdf",
        decision_id=uuid4(),
        decided_at=datetime(2026, 11, 21, 13, 2, tzinfo=UTC),
        person_name="Erika Muster",
        person_email=person_email,
        comment=comment,
        decision="approved",
        record=File(
            sha256=hashlib.sha256(record).hexdigest(),
            name="2026-1042 Freigabeprotokoll.pdf",
            media_type="application/pdf",
            size=len(record),
        ),
    )
