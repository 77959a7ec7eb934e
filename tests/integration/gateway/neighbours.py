"""The services around the gateway, as far as it can see them: real HTTP with the bodies of shared/api."""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from aiohttp import web
from aiohttp.typedefs import Middleware
from PIL import Image, ImageDraw

from services.gateway.pages import pieces
from shared.api import approvals, auth, documents, mailer, sync
from shared.api.base import StoredFile
from shared.errors import CockpitError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.events.auth import Role
from shared.events.sync import DocumentKind, File, PrintDetails
from shared.storage import FolderStorage
from shared.web import Identity, json_response, parse_body
from shared.web.identity import HEADER, attach, identity, verify
from tests.integration.gateway import dealer, installation
from tests.integration.gateway.people import (
    NOW,
    PASSWORD,
    People,
    TooManyAttemptsError,
    WrongCredentialsError,
    people_routes,
)

SECRET = "a-secret-of-the-tests"
ORDER_ID = UUID(int=1042)
INVOICE_ID = UUID(int=3001)
APPROVAL_TEXT = (
    "Ich habe das Freigabemuster geprüft und gebe es für den Druck frei. Für Fehler, die darauf zu sehen "
    "sind, haftet der Lieferant danach nicht mehr."
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ApprovalAlreadyDecidedError(ConflictError):
    pass


def account(role: Role, name: str, email: str, *, may_approve: bool = False) -> auth.Account:
    return auth.Account(
        account_id=uuid4(),
        role=role,
        name=name,
        email=email,
        locale="de",
        customer_number="10042" if role == "customer" else "",
        clerk_code="SB" if role == "clerk" else "",
        may_approve=may_approve,
    )


class Neighbours:
    """Their memory. `down` names the services that do not answer; `calls` counts (method, path pattern)."""

    def __init__(self, storage: FolderStorage) -> None:
        self.storage = storage
        self.down: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.identities: list[Identity] = []
        self.accounts = {
            "keller@hartmann.example": account(
                "customer", "Thomas Keller", "keller@hartmann.example", may_approve=True
            ),
            "berger@dealer.example": account("clerk", "Sabine Berger", "berger@dealer.example"),
            "admin@dealer.example": account("operator", "Jan Admin", "admin@dealer.example"),
        }
        self.sessions: dict[str, auth.Account] = {}
        self.throttled_until: datetime | None = None
        self.people = People()
        self.setup_token = "one-time-setup-token"
        self.versions: dict[UUID, approvals.Version] = {}
        self.dealer = dealer.Dealer()
        self.installation = installation.Installation()
        self.failing_files: list[sync.FailingFile] = []
        self.own_drafts = 0
        self.drafts_are_in_use = False
        self.throttled_addresses: list[str] = []
        self.documents = {
            ORDER_ID: pieces.DOCUMENT.model_copy(
                update={
                    "document_id": ORDER_ID,
                    "related": (
                        documents.RelatedDocument(
                            document_id=INVOICE_ID, kind=DocumentKind.INVOICE, number="2026-3001"
                        ),
                    ),
                }
            ),
            INVOICE_ID: pieces.DOCUMENT.model_copy(
                update={
                    "document_id": INVOICE_ID,
                    "kind": DocumentKind.INVOICE,
                    "number": "2026-3001",
                    "status_bar": None,
                    "related": (),
                }
            ),
        }
        self.list_queries: list[list[tuple[str, str]]] = []
        self.total = 0
        self.clerk_picture = ""
        self.received: list[tuple[str, dict[str, str], int]] = []
        self.last_decision: approvals.GrantApproval | approvals.RequestChanges | None = None

    def log_in(self, email: str = "keller@hartmann.example") -> str:
        token = f"session-token-{uuid4().hex}"
        self.sessions[token] = self.accounts[email]
        return token

    def start_session(self, email: str) -> auth.Session:
        token = self.log_in(email)
        return auth.Session(token=token, account=self.sessions[token])

    def end_sessions(self, account_id: UUID | None, *, but: str = "") -> None:
        for token, account in [*self.sessions.items()]:
            if account.account_id == account_id and token != but:
                del self.sessions[token]

    def change_account(self, account_id: UUID | None, **update: object) -> None:
        for known in (self.accounts, self.sessions):
            for key, account in known.items():
                if account.account_id == account_id:
                    known[key] = account.model_copy(update=update)

    def add_version(
        self,
        state: approvals.VersionState = "pending",
        *,
        title: str = "Logo Brust links",
        version: int = 3,
        file: File | None = None,
        pages: int = 1,
    ) -> approvals.Version:
        """A proof of the order; decided states come with their decision."""
        decision = None
        if state in ("approved", "approved_with_changes", "changes_requested", "outdated"):
            decision = approvals.Decision(
                decision_id=uuid4(),
                decision="approved" if state == "outdated" else state,
                decided_at=NOW,
                person_name="Petra Vogel",
                comment="" if state in ("approved", "outdated") else "Die Telefonnummer endet auf 45.",
                has_record=True,
            )
        is_waiting = state == "waiting_for_order"
        added = approvals.Version(
            version_id=uuid4(),
            sample_id=uuid4(),
            version=version,
            title=title,
            state=state,
            document_id=None if is_waiting else ORDER_ID,
            order_number="2026-1042",
            customer_number="" if is_waiting else "10042",
            customer_name="" if is_waiting else "Hartmann Maschinenbau GmbH",
            position_numbers=("1",),
            file_name="logo-brust-links_v3.pdf",
            page_count=pages,
            assigned_at=NOW - timedelta(hours=4),
            requested_at=None if is_waiting else NOW - timedelta(hours=3),
            seen_at=None,
            decision=decision,
            mail_state="" if is_waiting else "sent",
            file=file or self.add_file(b"%PDF-1.7 a proof", "logo-brust-links_v3.pdf"),
            print_details=PrintDetails(
                method="Siebdruck", place="Brust links", size_mm="90 x 60", colours="Pantone 286 C, Weiß"
            ),
            positions=(
                approvals.PositionSummary(
                    number="1",
                    text="Poloshirt Herren, Bio-Baumwolle",
                    quantity="120 Stück",
                    details=("PH-200", "navy"),
                ),
            ),
            positions_sha256="of-what-is-shown",
            pages=tuple(
                approvals.PagePicture(number=number, width=1400, height=990) for number in range(1, pages + 1)
            ),
            other_versions=(),
            approval_text=APPROVAL_TEXT,
            approval_text_version="1",
            with_changes_text=APPROVAL_TEXT,
            with_changes_text_version="1",
            may_decide=state == "pending",
            may_approve_with_changes=state == "pending",
        )
        self.versions[added.version_id] = added
        return added

    def add_file(self, content: bytes, name: str, media_type: str = "application/pdf") -> File:
        sha256 = self.storage._add(content)
        return File(sha256=sha256, name=name, media_type=media_type, size=len(content))

    def change(self, version_id: UUID, **update: object) -> approvals.Version:
        self.versions[version_id] = self.versions[version_id].model_copy(update=update)
        return self.versions[version_id]


def page_picture(folder: Path, *, width: int = 1400, height: int = 990) -> bytes:
    """A picture that looks a little like a proof."""
    picture = Image.new("RGB", (width, height), "#ffffff")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(x * width // 100, y * height // 100) for x, y in SHIRT], fill="#1d3557", outline="#0b1a30")
    draw.ellipse(
        (width * 55 // 100, height * 30 // 100, width * 61 // 100, height * 39 // 100), fill="#e9c46a"
    )
    draw.text((width * 53 // 100, height * 42 // 100), "HARTMANN", fill="#ffffff", font_size=width // 45)
    file = folder / "page.webp"
    picture.save(file, "WEBP", quality=80)
    return file.read_bytes()


SHIRT = [
    (38, 8),
    (62, 8),
    (80, 18),
    (88, 40),
    (76, 46),
    (72, 36),
    (72, 95),
    (28, 95),
    (28, 36),
    (24, 46),
    (12, 40),
    (20, 18),
]


def create_neighbours(neighbours: Neighbours) -> web.Application:
    """All of them in one process, each under its own first part of the path."""
    application = web.Application(middlewares=[_answer(neighbours)], client_max_size=1024**3)
    for name, routes in (
        ("auth", [*_auth_routes(neighbours), *people_routes(neighbours)]),
        ("documents", [*_documents_routes(neighbours), *dealer.documents_routes(neighbours.dealer)]),
        ("documents", installation.documents_routes(neighbours.installation)),
        ("sync", installation.sync_routes(neighbours.installation)),
        ("approvals", [*_approvals_routes(neighbours), *dealer.approvals_routes(neighbours)]),
        ("mailer", _mailer_routes(neighbours)),
        ("sync", [*_sync_routes(neighbours), *dealer.sync_routes(neighbours.dealer)]),
    ):
        for method, path, handler in routes:
            application.router.add_route(method, f"/{name}{path}", handler)
    return application


def _answer(neighbours: Neighbours) -> Middleware:
    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        service = request.path.split("/")[1]
        resource = request.match_info.route.resource
        neighbours.calls[f"{request.method} {resource.canonical if resource else request.path}"] += 1
        if service in neighbours.down:
            return web.json_response({"error": "DatabaseUnreachable"}, status=503)
        if not request.path.startswith("/sync/cdh/"):
            attach(request, verify(request.headers.get(HEADER, ""), SECRET.encode()))
            neighbours.identities.append(identity(request))
        try:
            return await handler(request)
        except CockpitError as error:
            body = {"error": error.code, "message": error.message, "fields": error.fields}
            return web.json_response(body, status=error.status)

    return answer


def _mailer_routes(neighbours: Neighbours) -> list[tuple[str, str, Handler]]:
    """What the desk asks; the pages about mails are tested with a real mailer."""

    async def count_drafts(_request: web.Request) -> web.Response:
        return json_response(
            mailer.DraftCount(own=neighbours.own_drafts, others=0, is_in_use=neighbours.drafts_are_in_use)
        )

    return [("GET", "/drafts/count", count_drafts)]


def _auth_routes(neighbours: Neighbours) -> list[tuple[str, str, Handler]]:  # noqa: C901  # one short function per route
    async def log_in(request: web.Request) -> web.Response:
        body = await parse_body(request, auth.LogIn)
        neighbours.throttled_addresses.append(body.network_address)
        if neighbours.throttled_until:
            raise TooManyAttemptsError("Wait.", fields={"retry_at": neighbours.throttled_until.isoformat()})
        if body.email not in neighbours.accounts or body.password != PASSWORD:
            raise WrongCredentialsError("Wrong.")
        return json_response(neighbours.start_session(body.email))

    async def find_session(request: web.Request) -> web.Response:
        body = await parse_body(request, auth.FindSession)
        if body.token not in neighbours.sessions:
            raise NotFoundError("This session is over.")
        return json_response(neighbours.sessions[body.token])

    async def end_session(request: web.Request) -> web.Response:
        neighbours.sessions.pop((await parse_body(request, auth.EndSession)).token, None)
        return web.Response(status=204)

    async def find_setup(request: web.Request) -> web.Response:
        if (await parse_body(request, auth.FindSetup)).token != neighbours.setup_token:
            raise NotFoundError("This link is over.")
        return web.Response(status=204)

    async def create_first_operator(request: web.Request) -> web.Response:
        body = await parse_body(request, auth.CreateFirstOperator)
        if body.token != neighbours.setup_token:
            raise NotFoundError("This link is over.")
        if len(body.password) < 6:
            raise InvalidError("Too short.", fields={"password": "Too short."})
        neighbours.accounts[body.email] = account("operator", body.name, body.email)
        return json_response(neighbours.start_session(body.email))

    return [
        ("POST", "/sessions", log_in),
        ("POST", "/sessions/find", find_session),
        ("POST", "/sessions/end", end_session),
        ("POST", "/operators/first/find", find_setup),
        ("POST", "/operators/first", create_first_operator),
    ]


def _documents_routes(neighbours: Neighbours) -> list[tuple[str, str, Handler]]:
    async def get_document(request: web.Request) -> web.Response:
        document = neighbours.documents.get(UUID(request.match_info["document_id"]))
        if document is None or _is_stranger(request, document.customer_number):
            raise NotFoundError("There is no such document.")
        card = document.clerk and document.clerk.model_copy(
            update={"picture_sha256": neighbours.clerk_picture}
        )
        return json_response(document.model_copy(update={"clerk": card}))

    async def get_document_file(request: web.Request) -> web.Response:
        document = neighbours.documents.get(UUID(request.match_info["document_id"]))
        if document is None or _is_stranger(request, document.customer_number):
            raise NotFoundError("There is no such document.")
        for file in document.files:
            if file.sha256 == request.match_info["sha256"]:
                return json_response(
                    StoredFile(sha256=file.sha256, name=file.name, media_type=file.media_type)
                )
        raise NotFoundError("There is no such file.")

    async def list_documents(request: web.Request) -> web.Response:
        """As many rows as there are; what it was asked for is remembered."""
        neighbours.list_queries.append(list(request.query.items()))
        kinds = request.query.getall("kind", list(DocumentKind))
        rows = [_row(document) for document in neighbours.documents.values() if document.kind in kinds]
        card = pieces.CLERK.model_copy(update={"picture_sha256": neighbours.clerk_picture})
        states = (documents.StateCount(state="order.delivered", name="Geliefert", count=1),)
        answer = documents.DocumentRows(
            rows=tuple(rows), total=neighbours.total or len(rows), states=states, clerk=card
        )
        return json_response(answer)

    async def get_clerk(_request: web.Request) -> web.Response:
        return json_response(pieces.CLERK.model_copy(update={"picture_sha256": neighbours.clerk_picture}))

    return [
        ("GET", "/documents", list_documents),
        ("GET", "/documents/{document_id}", get_document),
        ("GET", "/documents/{document_id}/files/{sha256}", get_document_file),
        ("GET", "/clerks/{clerk_code}", get_clerk),
    ]


def _row(document: documents.Document) -> documents.DocumentRow:
    bar = document.status_bar
    return documents.DocumentRow(
        document_id=str(document.document_id),
        kind=document.kind,
        number=document.number,
        subject=document.subject,
        customer_reference=document.customer_reference,
        customer_number=document.customer_number,
        customer_name=document.customer_name,
        document_date=document.document_date,
        due_date=document.due_date,
        gross_total=document.gross_total,
        currency=document.currency,
        status_label=bar.label if bar else "",
        status_partial=bar.partial if bar else False,
        status_negative=False,
    )


def _is_stranger(request: web.Request, customer_number: str) -> bool:
    who = identity(request)
    return who.role == "customer" and who.customer_number != customer_number


def _approvals_routes(neighbours: Neighbours) -> list[tuple[str, str, Handler]]:  # noqa: C901  # as above
    def find(request: web.Request) -> approvals.Version:
        version = neighbours.versions.get(UUID(request.match_info["version_id"]))
        if version is None or _is_stranger(request, version.customer_number):
            raise NotFoundError("There is no such proof.")
        return version

    async def list_versions(request: web.Request) -> web.Response:
        state, document_id = request.query.get("state"), request.query.get("document_id")
        rows = tuple(
            version
            for version in neighbours.versions.values()
            if (state is None or version.state == state)
            and dealer.is_in_queue(version, request.query.get("queue"))
            and request.query.get("clerk_code", "SB") == "SB"
            and (document_id is None or str(version.document_id) == document_id)
            and not _is_stranger(request, version.customer_number)
        )
        limit = int(request.query.get("size", "100"))
        start = (int(request.query.get("page", "1")) - 1) * limit
        return json_response(approvals.VersionRows(versions=rows[start : start + limit], total=len(rows)))

    async def get_version(request: web.Request) -> web.Response:
        return json_response(find(request))

    async def mark_seen(request: web.Request) -> web.Response:
        if identity(request).viewed_by:
            raise ForbiddenError("Only a person of the customer can have seen a proof.")
        neighbours.change(find(request).version_id, seen_at=NOW)
        return web.Response(status=204)

    async def grant(request: web.Request) -> web.Response:
        body = await parse_body(request, approvals.GrantApproval)
        decision: approvals.VersionState = "approved_with_changes" if body.with_changes else "approved"
        return _decide(neighbours, find(request), body, decision=decision, who=identity(request))

    async def request_changes(request: web.Request) -> web.Response:
        body = await parse_body(request, approvals.RequestChanges)
        return _decide(neighbours, find(request), body, decision="changes_requested", who=identity(request))

    async def get_file(request: web.Request) -> web.Response:
        file = find(request).file
        return json_response(StoredFile(sha256=file.sha256, name=file.name, media_type=file.media_type))

    async def get_page(request: web.Request) -> web.Response:
        if int(request.match_info["number"]) > len(find(request).pages):
            raise NotFoundError("There is no such page.")
        is_thumb = request.query["width"] == "thumb"
        folder = neighbours.storage.path("0" * 64).parent
        folder.mkdir(exist_ok=True, parents=True)
        size = {"width": 360, "height": 255} if is_thumb else {"width": 1400, "height": 990}
        sha256 = neighbours.storage._add(page_picture(folder, **size))
        return json_response(StoredFile(sha256=sha256, name="page.webp", media_type="image/webp"))

    async def get_record(request: web.Request) -> web.Response:
        if find(request).decision is None:
            raise NotFoundError("There is no record yet.")
        file = neighbours.add_file(b"%PDF-1.7 a record", "Freigabeprotokoll 2026-1042.pdf")
        return json_response(StoredFile(sha256=file.sha256, name=file.name, media_type=file.media_type))

    return [
        ("GET", "/versions", list_versions),
        ("GET", "/versions/{version_id}", get_version),
        ("POST", "/versions/{version_id}/seen", mark_seen),
        ("POST", "/versions/{version_id}/grant", grant),
        ("POST", "/versions/{version_id}/request-changes", request_changes),
        ("GET", "/versions/{version_id}/file", get_file),
        ("GET", "/versions/{version_id}/record", get_record),
        ("GET", "/versions/{version_id}/pages/{number}", get_page),
    ]


def _decide(
    neighbours: Neighbours,
    version: approvals.Version,
    body: approvals.GrantApproval | approvals.RequestChanges,
    *,
    decision: approvals.VersionState,
    who: Identity,
) -> web.Response:
    if version.state not in (decision, "pending"):
        raise ApprovalAlreadyDecidedError("Somebody has decided on this version already.")
    if body.sha256 != version.file.sha256:
        raise ConflictError("This is another file by now.")
    neighbours.last_decision = body
    decided = {
        "decision_id": uuid4(),
        "decision": decision,
        "decided_at": NOW,
        "person_name": who.name,
        "comment": body.comment,
        "has_record": False,
    }
    changed = neighbours.change(
        version.version_id,
        state=decision,
        may_decide=False,
        decision=approvals.Decision.model_validate(decided),
    )
    return json_response(changed)


def _sync_routes(neighbours: Neighbours) -> list[tuple[str, str, Handler]]:
    async def take(request: web.Request) -> web.Response:
        if "Authorization" not in request.headers:
            return web.json_response({"error": "UnauthenticatedError"}, status=401)
        digest, size = hashlib.sha256(), 0
        async for chunk in request.content.iter_chunked(65536):
            digest.update(chunk)
            size += len(chunk)
        neighbours.received.append((request.path, dict(request.headers), size))
        return web.json_response({"sha256": digest.hexdigest()})

    async def list_failing_files(_request: web.Request) -> web.Response:
        return json_response(sync.FailingFiles(files=tuple(neighbours.failing_files)))

    return [
        ("POST", "/cdh/v1/events", take),
        ("PUT", "/cdh/v1/files/{sha256}", take),
        ("GET", "/order-folder/failing", list_failing_files),
    ]
