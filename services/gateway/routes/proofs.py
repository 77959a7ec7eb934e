"""The proof's page and the customer's decision on it."""

from uuid import UUID

from aiohttp import web

from services.gateway.asking import if_available, together
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form
from services.gateway.model.proofs import newer_version
from services.gateway.sessions import client_address
from services.gateway.words.texts import N_
from shared.api.approvals import GrantApproval, RequestChanges, Version, VersionState
from shared.api.documents import Document
from shared.errors import ConflictError, InvalidError
from shared.web import Identity, path_uuid

LONGEST_COMMENT = 4000
NO_COMMENT = N_("Please say briefly what should be changed.")
MOST_FOLLOWING = 5
"""How many of those that wait as well are shown after a decision."""
TEMPLATES: dict[VersionState, str] = {
    "waiting_for_order": "approvals/waiting_for_order.html",
    "preparing": "approvals/preparing.html",
    "pending": "approvals/awaiting.html",
    "approved": "approvals/granted.html",
    "approved_with_changes": "approvals/granted_with_changes.html",
    "changes_requested": "approvals/changes_requested.html",
    "superseded": "approvals/superseded.html",
    "outdated": "approvals/outdated.html",
}


async def show_proof(request: web.Request) -> web.Response:
    who, version_id = visitor_of(request).who, path_uuid(request, "version_id")
    version = await gateway_of(request).clients.approvals.get_version(who, version_id)
    document, _ = await together(_find_order(request, version), _mark_seen(request, version))
    return _proof_page(request, version, document)


async def confirm_approval(request: web.Request) -> web.Response:
    return await _decision_page(request, "decide/approve.html")


async def confirm_approval_with_changes(request: web.Request) -> web.Response:
    return await _decision_page(request, "decide/approve_with_changes.html")


async def describe_changes(request: web.Request) -> web.Response:
    return await _decision_page(request, "decide/request_changes.html")


async def grant_approval(request: web.Request) -> web.Response:
    return await _decide(request, "decide/approve.html", needs_comment=False)


async def grant_approval_with_changes(request: web.Request) -> web.Response:
    return await _decide(request, "decide/approve_with_changes.html", needs_comment=True)


async def request_changes(request: web.Request) -> web.Response:
    return await _decide(request, "decide/request_changes.html", needs_comment=True)


async def show_decision(request: web.Request) -> web.Response:
    """What happened and what comes next."""
    gateway, who = gateway_of(request), visitor_of(request).who
    version = await gateway.clients.approvals.get_version(who, path_uuid(request, "version_id"))
    if version.decision is None:
        return gateway.pages.go_on(gateway.pages.links("show_proof", version_id=version.version_id))
    document, waiting = await together(
        _find_order(request, version),
        if_available(gateway.clients.approvals.list_pending(who, most=MOST_FOLLOWING)),
    )
    return gateway.pages.respond(
        request,
        "decided.html",
        version=version,
        document=document,
        waiting=waiting,
    )


async def _find_order(request: web.Request, version: Version) -> Document | None:
    """The order around the proof, for the clerk's card; the proof is shown without it, too."""
    if version.document_id is None:
        return None
    documents = gateway_of(request).clients.documents
    return await if_available(documents.get_document(visitor_of(request).who, version.document_id))


async def _mark_seen(request: web.Request, version: Version) -> None:
    """Only a person of the customer who is logged in and really opened the page has seen it.

    Scanners of mails are not logged in, staff never counts (viewing or not), and a browser that merely
    fetches ahead says so.
    """
    visitor = visitor_of(request)
    is_ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if version.seen_at or not visitor.is_customer or visitor.view or request.method != "GET" or is_ahead:
        return
    await if_available(gateway_of(request).clients.approvals.mark_seen(visitor.who, version.version_id))


def _proof_page(
    request: web.Request,
    version: Version,
    document: Document | None,
    *,
    came_too_late: bool = False,
    lost_comment: str = "",
) -> web.Response:
    visitor = visitor_of(request)
    return gateway_of(request).pages.respond(
        request,
        TEMPLATES[version.state],
        status=409 if came_too_late else 200,
        version=version,
        document=document,
        newer=newer_version(version, version.other_versions),
        may_decide=_may_decide(visitor.who, version),
        came_too_late=came_too_late,
        lost_comment=lost_comment,
    )


def _may_decide(who: Identity, version: Version) -> bool:
    return who.role == "customer" and version.may_decide


async def _decision_page(
    request: web.Request, template: str, *, comment: str = "", errors: dict[str, str] | None = None
) -> web.Response:
    """The check before the decision. Where there is nothing to decide any more, the proof's page says why."""
    gateway, who = gateway_of(request), visitor_of(request).who
    version = await gateway.clients.approvals.get_version(who, path_uuid(request, "version_id"))
    is_possible = _may_decide(who, version) and (
        version.may_approve_with_changes or template != "decide/approve_with_changes.html"
    )
    if not is_possible:
        return gateway.pages.go_on(gateway.pages.links("show_proof", version_id=version.version_id))
    return gateway.pages.respond(
        request,
        template,
        status=422 if errors else 200,
        version=version,
        document=await _find_order(request, version),
        comment=comment,
        errors=errors or {},
        longest_comment=LONGEST_COMMENT,
    )


async def _decide(request: web.Request, template: str, *, needs_comment: bool) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_customer()
    version_id = path_uuid(request, "version_id")
    form = await read_form(request)
    comment = form.get("comment", "").replace("\r\n", "\n") if needs_comment else ""
    if errors := _faults_of(comment, is_needed=needs_comment):
        return await _decision_page(request, template, comment=comment, errors=errors)
    try:
        await _send_decision(request, who, version_id, comment=comment, form=form)
    except ConflictError:
        version = await gateway.clients.approvals.get_version(who, version_id)
        document = await _find_order(request, version)
        return _proof_page(request, version, document, came_too_late=True, lost_comment=comment)
    except InvalidError as error:
        if "comment" not in error.fields:
            raise
        errors = {"comment": NO_COMMENT}
        return await _decision_page(request, template, comment=comment, errors=errors)
    return gateway.pages.go_on(gateway.pages.links("show_decision", version_id=version_id))


def _faults_of(comment: str, *, is_needed: bool) -> dict[str, str]:
    if is_needed and not comment:
        return {"comment": NO_COMMENT}
    if len(comment) > LONGEST_COMMENT:
        return {"comment": N_("Please shorten the text to at most 4,000 characters.")}
    return {}


async def _send_decision(
    request: web.Request, who: Identity, version_id: UUID, *, comment: str, form: dict[str, str]
) -> None:
    gateway, route_name = gateway_of(request), request.match_info.route.name
    sent = {
        "sha256": form.get("sha256", ""),
        "positions_sha256": form.get("positions_sha256", ""),
        "comment": comment,
        "network_address": client_address(request, gateway.settings.trusted_proxies),
    }
    if route_name == "request_changes":
        await gateway.clients.approvals.request_changes(who, version_id, RequestChanges(**sent))
        return
    approval = GrantApproval(
        **sent,
        with_changes=route_name == "grant_approval_with_changes",
        approval_text_version=form.get("approval_text_version", ""),
    )
    await gateway.clients.approvals.grant_approval(who, version_id, approval)


ROUTES = [
    web.get("/proofs/{version_id}", show_proof, name="show_proof"),
    web.get("/proofs/{version_id}/approve", confirm_approval, name="confirm_approval"),
    web.post("/proofs/{version_id}/approve", grant_approval, name="grant_approval"),
    web.get(
        "/proofs/{version_id}/approve-with-changes",
        confirm_approval_with_changes,
        name="confirm_approval_with_changes",
    ),
    web.post(
        "/proofs/{version_id}/approve-with-changes",
        grant_approval_with_changes,
        name="grant_approval_with_changes",
    ),
    web.get("/proofs/{version_id}/request-changes", describe_changes, name="describe_changes"),
    web.post("/proofs/{version_id}/request-changes", request_changes, name="request_changes"),
    web.get("/proofs/{version_id}/decided", show_decision, name="show_decision"),
]
