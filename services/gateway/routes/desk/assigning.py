"""Assigning proofs from the desk ("Freigabemuster zuordnen"): at most two actions from the open order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from aiohttp import web
from multidict import MultiDict

from services.gateway.asking import if_available, together
from services.gateway.audit import AUDIT_DONE, AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.model.proofs import OrderProofs, proofs_of_order, titles_of
from services.gateway.routes.desk.drafts import choose_notice
from services.gateway.silence import SilentSenderError
from services.gateway.uploads import UPLOAD, Upload, UploadTooLargeError
from services.gateway.words.notices import Notice
from services.gateway.words.texts import FILE_TOO_LARGE, N_
from shared.api.approvals import VersionRow, VersionRows
from shared.api.documents import Document
from shared.api.sync import AssignSamples, SampleFile
from shared.errors import InvalidError
from shared.events.sync import DocumentKind, PrintDetails
from shared.web import Identity, ServiceUnavailableError, path_uuid

MOST_FILES = 30
ACCEPTED = ".pdf,.png,.jpg,.jpeg,.tif,.tiff,.webp,.eps,.ai,.cdr"
DETAILS = tuple(PrintDetails.model_fields)


@dataclass
class Entered:
    """What stands in the form. `sample` is the version that a new one follows."""

    positions: Sequence[str] = ()
    title: str = ""
    details: dict[str, str] = field(default_factory=dict)
    sample: str = ""


@dataclass
class Brought:
    """What became of the files so far: those that lie in the storage, and why the others do not."""

    stored: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


async def show_assignment(request: web.Request) -> web.Response:
    who = visitor_of(request).require_staff()
    order, proofs = await _find_order(request, who)
    if order.kind is not DocumentKind.ORDER:
        pages = gateway_of(request).pages
        return pages.go_on(pages.links("show_document", document_id=order.document_id))
    entered = Entered(positions=request.query.getall("position", ()))
    if before := _version_of(proofs, request.query.get("sample", "")):
        entered = Entered(before.position_numbers, before.title, sample=str(before.version_id))
    return _page(request, order, proofs, entered)


async def assign_samples(request: web.Request) -> web.StreamResponse:
    """Each file for itself: the good ones are assigned, of the others it is said why not."""
    who, upload = visitor_of(request).require_staff(), request[UPLOAD]
    order, proofs = await _find_order(request, who)
    brought = await _bring(request, who, upload)
    entered = _read(upload.fields)
    if error := _fault_of(who, order, entered, brought):
        return _page(request, order, proofs, entered, brought, error=error)
    before = _version_of(proofs, entered.sample)
    assigned = await _assign(request, who, order, entered, brought, before=before)
    _note(request, who, order, assigned, brought)
    if brought.refused:
        return _page(request, order, proofs, entered, brought, assigned=assigned)
    gateway = gateway_of(request)
    notice = await choose_notice(request, Notice.SAMPLES_ASSIGNED, by_draft=Notice.SAMPLES_ASSIGNED_BY_DRAFT)
    address = gateway.pages.links("show_order", document_id=order.document_id)
    if request.headers.get("Accept") == "application/json":  # our script, which goes on by itself
        response = web.json_response({"next": address}, headers={"Cache-Control": "no-store"})
        gateway.sessions.remember_notice(response, notice)
        return response
    return gateway.pages.go_on(address, notice=notice)


async def _find_order(request: web.Request, who: Identity) -> tuple[Document, OrderProofs | None]:
    clients, document_id = gateway_of(request).clients, path_uuid(request, "document_id")
    order: Document
    versions: VersionRows | None
    order, versions = await together(
        clients.documents.get_document(who, document_id),
        if_available(clients.approvals.list_versions_of(who, document_id)),
    )
    return order, proofs_of_order(versions.versions) if versions else None


def _version_of(proofs: OrderProofs | None, version_id: str) -> VersionRow | None:
    rows = proofs.newest if proofs else ()
    return next((row for row in rows if str(row.version_id) == version_id), None)


async def _bring(request: web.Request, who: Identity, upload: Upload) -> Brought:
    """Send each file on to sync as it comes, and read the fields between them."""
    gateway, brought = gateway_of(request), Brought()
    most_mb = gateway.settings.max_file_mb
    translate = gateway.pages.translate
    async for file in upload.files(limit=most_mb * 1_000_000):
        if len(brought.stored) + len(brought.refused) >= MOST_FILES:
            too_many = translate(who.locale, N_("At most %(most)s files at once.")) % {"most": MOST_FILES}
            brought.refused.append((file.name, too_many))
            continue
        try:
            stored = await gateway.clients.sync.bring_upload(who, file.chunks())
        except (UploadTooLargeError, ServiceUnavailableError):
            if file.is_silent:
                raise SilentSenderError("The rest of the form does not come.") from None
            if not file.is_too_large:
                raise
            too_large = translate(who.locale, FILE_TOO_LARGE) % {"most": most_mb}
            brought.refused.append((file.name, too_large))
        except InvalidError as error:  # a sentence of sync, in the person's language
            brought.refused.append((file.name, error.message))
        else:
            brought.stored.append((file.name, stored.sha256))
    return brought


def _read(form: MultiDict[str]) -> Entered:
    details = {name: form.get(name, "") for name in DETAILS}
    return Entered(form.getall("position", []), form.get("title", ""), details, form.get("sample", ""))


def _fault_of(who: Identity, order: Document, entered: Entered, brought: Brought) -> str:
    """Why nothing at all can be assigned; empty where something can, or where each file has its reason."""
    if not set(entered.positions) <= {position.number for position in order.positions}:
        return N_("The order has changed: a position that you chose is gone. Please choose again.")
    if not who.clerk_code and order.clerk is None:
        return N_("This order has no clerk who would get the answer. Please enter one in CDH.")
    if not brought.stored and not brought.refused:
        return N_("Please choose at least one file.")
    return ""


async def _assign(
    request: web.Request,
    who: Identity,
    order: Document,
    entered: Entered,
    brought: Brought,
    *,
    before: VersionRow | None,
) -> list[str]:
    """The names of those that were assigned; what sync refuses now joins the refused ones."""
    if not brought.stored:
        return []
    titles = titles_of([name for name, _ in brought.stored], entered.title)
    samples = AssignSamples(
        form_key=_form_key(request[UPLOAD].fields.get("form_key", "")),
        order_number=order.number,
        document_id=order.document_id,
        position_numbers=tuple(entered.positions),
        print_details=PrintDetails(**entered.details),
        clerk_code=order.clerk.clerk_code if order.clerk else "",
        sample_id=before.sample_id if before else None,
        files=tuple(
            SampleFile(sha256=sha256, name=name, title=title)
            for (name, sha256), title in zip(brought.stored, titles, strict=True)
        ),
    )
    answer = await gateway_of(request).clients.sync.assign_samples(who, samples)
    for one in answer.samples:
        brought.refused += [(one.name, fault.reason) for fault in one.errors[:1]]
    return [one.name for one in answer.samples if not one.errors]


def _note(
    request: web.Request, who: Identity, order: Document, assigned: Sequence[str], brought: Brought
) -> None:
    """For the audit log: where one file was assigned, something was done, whatever became of the others."""
    translate = gateway_of(request).pages.translate
    parts = [", ".join(assigned)] if assigned else []
    if brought.refused:
        names = ", ".join(name for name, _ in brought.refused)
        parts.append(translate(who.locale, N_("not assigned: %(names)s")) % {"names": names})
    request[AUDIT_NOTE] = f"{order.number}: {'; '.join(parts)}"
    request[AUDIT_DONE] = bool(assigned)


def _form_key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise web.HTTPBadRequest from error


def _page(
    request: web.Request,
    order: Document,
    proofs: OrderProofs | None,
    entered: Entered,
    brought: Brought | None = None,
    *,
    assigned: Sequence[str] = (),
    error: str = "",
) -> web.Response:
    """The form, each time with a key of its own: sent twice, it assigns once."""
    return gateway_of(request).pages.respond(
        request,
        "desk/assign.html",
        status=422 if brought else 200,
        order=order,
        before=_version_of(proofs, entered.sample),
        proofs=proofs,
        entered=entered,
        form_key=str(uuid4()),
        accepted=ACCEPTED,
        assigned=assigned,
        refused=brought.refused if brought else (),
        error=error,
    )


ROUTES = [
    web.get("/desk/orders/{document_id}/assign", show_assignment, name="show_assignment"),
    web.post("/desk/orders/{document_id}/assign", assign_samples, name="assign_samples"),
]
