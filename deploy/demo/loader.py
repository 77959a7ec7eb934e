"""Brings the demo in through the real doors: files and events as CDH, accounts as the system, decisions as
customers. May run again at any time: what is there stays as it is."""

import asyncio
import datetime as dt
import hashlib
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self, TypeVar
from uuid import UUID, uuid4

import aiohttp

from deploy.demo.company import CLERKS, DEMO_CUSTOMER, OPERATOR_EMAIL, OPERATOR_NAME
from deploy.demo.data import DemoData, build
from deploy.demo.events import CloudEvent, batches, master_events, sample_event
from deploy.demo.outcome import Assign, Outcome, demo_accounts, demo_invitations
from deploy.demo.papers import PaperPress, printed_documents
from deploy.demo.portraits import draw_portrait
from deploy.demo.proofs import DrawnFile, ProofPress
from deploy.demo.settings import DemoSettings
from deploy.demo.stories import ProofPlan
from shared.api import approvals, auth, documents
from shared.api.sync import ApiKey, CreateApiKey, EventResults
from shared.errors import ConflictError, NotFoundError
from shared.web import SYSTEM, Identity, ServiceClient

DEADLINE = 120.0
"""Seconds that the services may take for what they do behind the door."""
_PAUSE = 0.15
_AT_ONCE = 4
_BATCH_TYPE = "application/cloudevents-batch+json"
_TIMEOUT = aiohttp.ClientTimeout(total=120, connect=5)
_BEFORE_PENDING = {"waiting_for_order", "preparing"}
_CLERK = Identity(role="clerk", name=CLERKS[0].name, email=CLERKS[0].email, clerk_code=CLERKS[0].clerk_code)
_OPERATOR = Identity(role="operator", name=OPERATOR_NAME, email=OPERATOR_EMAIL)

_Key = tuple[str, tuple[str, ...], str, int]
"""Order, positions, title and version of a proof."""
Found = TypeVar("Found")


class DemoError(Exception):
    """The demo could not be brought in; the message is for the person who started it."""


class UnknownKeyError(DemoError):
    """The API key is not (or no longer) known."""


@dataclass(frozen=True)
class _Drawn:
    plan: ProofPlan
    file: DrawnFile
    sha256: str


class Door:
    """CDH's door at the gateway."""

    def __init__(self, session: aiohttp.ClientSession, gateway_url: str, api_key: str) -> None:
        self._session = session
        self._url = gateway_url.rstrip("/") + "/cdh/v1"
        self._headers = {"Authorization": f"Bearer {api_key}", "Accept-Language": "en"}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def check(self) -> None:
        """Raises UnknownKeyError. An empty batch changes nothing."""
        await self._ask("POST", "/events", b"[]", _BATCH_TYPE)

    async def put_file(self, content: bytes, media_type: str, *, for_document: bool = False) -> str:
        """Returns the SHA-256 under which the file is known."""
        sha256 = hashlib.sha256(content).hexdigest()
        use = "?use=document" if for_document else ""
        async with self._slots:
            await self._ask("PUT", f"/files/{sha256}{use}", content, media_type)
        return sha256

    async def post_events(self, events: Sequence[CloudEvent]) -> None:
        """Raises DemoError if a single one is refused."""
        for batch in batches(events):
            body = await self._ask("POST", "/events", json.dumps(batch).encode(), _BATCH_TYPE)
            for result in EventResults.model_validate_json(body).results:
                if result.status == "refused":
                    reasons = "; ".join(f"{fault.place}: {fault.reason}" for fault in result.errors)
                    raise DemoError(f"The event {result.id} was refused: {reasons}")

    async def _ask(self, method: str, path: str, content: bytes, media_type: str) -> bytes:
        headers = self._headers | {"Content-Type": media_type}
        try:
            async with self._session.request(
                method, self._url + path, data=content, headers=headers, timeout=_TIMEOUT
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DemoError(f"{self._url} does not answer ({type(error).__name__}).") from error
        if response.status == 401:
            raise UnknownKeyError("The API key was refused.")
        answered_events = response.status == 422 and path == "/events"  # all refused: the results say why
        if response.status >= 400 and not answered_events:
            raise DemoError(f"{method} {path} was answered with {response.status}: {_message(body)}")
        return body


class Loader:
    """One load. `output` is kept up to date on the way, `files` is where the visitor's proof is written."""

    def __init__(self, settings: DemoSettings, *, output: Path, files: Path, today: dt.date) -> None:
        self._settings = settings
        self._output = output
        self._files = files
        self._outcome = Outcome.open(output, today=today)
        self._data: DemoData = build(self._outcome.as_of)
        self._exits = AsyncExitStack()
        self._accounts: dict[str, auth.Account] = {}
        self._assign: DrawnFile

    async def __aenter__(self) -> Self:
        session = await self._exits.enter_async_context(aiohttp.ClientSession())
        secret = self._settings.internal_secret.get_secret_value()
        self._session = session
        self._auth = ServiceClient(session, self._settings.auth_url, secret)
        self._sync = ServiceClient(session, self._settings.sync_url, secret)
        self._approvals = ServiceClient(session, self._settings.approvals_url, secret)
        self._documents = ServiceClient(session, self._settings.documents_url, secret)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    async def load(self) -> Outcome:
        self._outcome.save(self._output)
        drawing = asyncio.create_task(asyncio.to_thread(self._draw))
        door = await self._open_door()
        # Accounts first: who has one is asked by name, who has none is invited.
        async with asyncio.TaskGroup() as group:
            group.create_task(self._bring_documents(door))
            group.create_task(self._make_accounts())
        *samples, corrected = await self._upload(door, await drawing)
        # First what gets decided, then what the visitor looks at; the rest may be prepared after the load.
        samples.sort(key=lambda one: (one.plan.outcome == "waiting", one.plan.customer is not DEMO_CUSTOMER))
        await door.post_events([sample_event(one.plan, one.file, one.sha256) for one in samples])
        await self._decide([plan for plan in self._data.proofs if plan.outcome != "waiting"])
        await door.post_events([sample_event(corrected.plan, corrected.file, corrected.sha256)])
        await self._wait_for_documents()
        await self._invite()
        self._outcome = self._outcome.model_copy(update={"assign": self._write_assign()})
        self._outcome.save(self._output)
        return self._outcome

    # one step after the other

    async def _open_door(self) -> Door:
        """With the key of an earlier load while it is known, else with a new one."""
        if self._outcome.api_key:
            door = Door(self._session, self._settings.gateway_url, self._outcome.api_key)
            try:
                await door.check()
            except UnknownKeyError:  # the database was made anew since
                pass
            else:
                return door
        try:
            made = await self._sync.post("/api-keys", CreateApiKey(name="Demo"), ApiKey, who=SYSTEM)
        except ConflictError:  # of a load that was ended before it wrote the key down
            another = CreateApiKey(name=f"Demo {uuid4().hex[:6]}")
            made = await self._sync.post("/api-keys", another, ApiKey, who=SYSTEM)
        self._outcome = self._outcome.model_copy(update={"api_key": made.api_key})
        self._outcome.save(self._output)
        return Door(self._session, self._settings.gateway_url, made.api_key)

    async def _bring_documents(self, door: Door) -> None:
        pictures: dict[str, str] = {}
        for clerk in self._data.clerks:
            content = await asyncio.to_thread(draw_portrait, clerk.clerk_code)
            pictures[clerk.clerk_code] = await door.put_file(content, "image/png")
        await door.post_events(list(master_events(self._data, pictures, await self._bring_papers(door))))

    async def _bring_papers(self, door: Door) -> dict[UUID, tuple[str, str]]:
        """The printouts of some documents; where each of them lies."""
        press = await asyncio.to_thread(PaperPress)
        papers = {}
        for document in printed_documents(self._data.documents, self._data.today):
            file = await asyncio.to_thread(press.draw, document)
            sha256 = await door.put_file(file.content, file.media_type, for_document=True)
            papers[document.document_id] = sha256, file.name
        return papers

    async def _make_accounts(self) -> None:
        for account in demo_accounts():
            wanted = account.model_copy(update={"password": self._outcome.password_of(account.email)})
            self._accounts[account.email] = await self._auth.post(
                "/accounts", wanted, auth.Account, who=SYSTEM
            )

    def _draw(self) -> list[tuple[ProofPlan, DrawnFile]]:
        """All proofs in the order in which they are assigned, the corrected one last."""
        with ProofPress() as press:
            self._assign = press.draw(self._data.assign)
            plans = (*self._data.proofs, self._data.early_proof, self._data.second_version)
            return [(plan, press.draw(plan)) for plan in plans]

    async def _upload(self, door: Door, drawn: Sequence[tuple[ProofPlan, DrawnFile]]) -> list[_Drawn]:
        hashes = await asyncio.gather(*(door.put_file(file.content, file.media_type) for _, file in drawn))
        return [_Drawn(plan, file, sha256) for (plan, file), sha256 in zip(drawn, hashes, strict=True)]

    async def _decide(self, plans: Sequence[ProofPlan]) -> None:
        """Say what the customers say, through the door that the gateway uses for them."""
        waiting = {_key(plan): plan for plan in plans}

        async def decide() -> bool | None:
            found = await self._approvals.get(
                "/versions", approvals.VersionRows, who=_CLERK, query={"size": "500"}
            )
            for row in found.versions:
                key = (row.order_number, row.position_numbers, row.title, row.version)
                if key in waiting and row.state not in _BEFORE_PENDING:
                    plan = waiting.pop(key)
                    if row.state == "pending":
                        await self._decide_one(plan, row)
            return True if not waiting else None

        await self._wait(decide, "The proofs are not ready to be decided")

    async def _decide_one(self, plan: ProofPlan, row: approvals.VersionRow) -> None:
        account = self._accounts[plan.customer.contacts[0].email]
        who = Identity(
            role="customer",
            account_id=account.account_id,
            name=account.name,
            email=account.email,
            locale=account.locale,
            customer_number=account.customer_number,
            may_approve=account.may_approve,
        )
        path = f"/versions/{row.version_id}"
        await self._approvals.call("POST", f"{path}/seen", who=who)
        version = await self._approvals.get(path, approvals.Version, who=who)
        sha256, comment = version.file.sha256, plan.comment
        if plan.outcome == "changes_requested":
            wish = approvals.RequestChanges(sha256=sha256, comment=comment)
            await self._approvals.call("POST", f"{path}/request-changes", who=who, body=wish)
            return
        grant = approvals.GrantApproval(
            sha256=sha256, with_changes=plan.outcome == "approved_with_changes", comment=comment
        )
        await self._approvals.call("POST", f"{path}/grant", who=who, body=grant)

    async def _wait_for_documents(self) -> None:
        """Until the pages show everything."""
        expected = Counter(document.kind for document in self._data.documents)

        async def count() -> bool | None:
            for kind, number in expected.items():
                found = await self._documents.get(
                    "/documents", documents.DocumentRows, who=_CLERK, query={"kind": kind.value, "size": "1"}
                )
                if found.total < number:
                    return None
            return True

        await self._wait(count, "The documents are not there")

    async def _invite(self) -> None:
        """Once: who has been invited by an earlier load is left alone."""
        known: set[str] = set()
        for role in ("customer", "staff"):
            query = {"role": role, "size": "1000"}
            found = await self._auth.get("/invitations", auth.InvitationRows, who=_OPERATOR, query=query)
            known.update(row.email for row in found.rows)
        for wanted in demo_invitations():
            if wanted.email not in known:
                await self._wait(partial(self._invite_one, wanted), "An invitation could not be made")

    async def _invite_one(self, wanted: auth.InviteCustomer | auth.InviteStaff) -> bool | None:
        """None while auth has not heard of the customer."""
        try:
            if isinstance(wanted, auth.InviteStaff):
                await self._auth.call("POST", "/invitations/staff", who=_OPERATOR, body=wanted)
            else:
                await self._auth.call("POST", "/invitations/customers", who=_CLERK, body=wanted)
        except NotFoundError:
            return None
        except ConflictError:  # registered since
            return True
        return True

    async def _wait(self, look: Callable[[], Awaitable[Found | None]], complaint: str) -> Found:
        until = time.monotonic() + DEADLINE
        while (found := await look()) is None:
            if time.monotonic() > until:
                raise DemoError(f"{complaint} after {DEADLINE:.0f} s; do the services hear each other?")
            await asyncio.sleep(_PAUSE)  # between two looks
        return found

    def _write_assign(self) -> Assign:
        """The proof that the visitor assigns himself lies as a file, as on a clerk's disk."""
        plan = self._data.assign
        self._files.mkdir(parents=True, exist_ok=True)
        file = self._files.resolve() / self._assign.name
        file.write_bytes(self._assign.content)
        return Assign(
            order_number=plan.order_number,
            position=plan.position_number,
            title=plan.title,
            clerk_code=plan.clerk_code,
            file=file,
        )


def _key(plan: ProofPlan) -> _Key:
    return plan.order_number, (plan.position_number,), plan.title, plan.version


def _message(body: bytes) -> str:
    """The sentence in an error's body."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body[:200].decode(errors="replace")
