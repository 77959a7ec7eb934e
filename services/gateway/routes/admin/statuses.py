"""Status groups and statuses: listed by documents, changed by sync, which tells everybody as if CDH had."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

from aiohttp import web

from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form
from services.gateway.words.notices import Notice
from services.gateway.words.texts import N_, Faults, Told
from shared.api.documents import StatusGroupRow, StatusGroups, StatusRow
from shared.api.sync import ChangeStatuses, GroupChange, StatusChange
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.events.sync import DocumentKind
from shared.sorting import moved

KINDS = (DocumentKind.QUOTE, DocumentKind.ORDER, DocumentKind.DELIVERY_NOTE)
"""Invoices and credit notes have no status groups: they are open, paid or overdue."""
LONGEST_NAME = 60
SEEN_SECONDS = 3.0
"""How long a page waits until its change is seen. It comes by the bus, within milliseconds as a rule."""
_LOOK_SECONDS = 0.25


async def show_statuses(request: web.Request) -> web.Response:
    groups = await _ask(request)
    by_kind = {kind: [group for group in groups.groups if group.kind is kind] for kind in KINDS}
    return gateway_of(request).pages.respond(request, "admin/statuses.html", by_kind=by_kind)


async def add_status_group(request: web.Request) -> web.Response:
    visitor_of(request).require_operator()
    return _new_group_page(request, _kind(request), form_key=uuid4().hex)


def _new_group_page(
    request: web.Request,
    kind: DocumentKind,
    *,
    form_key: str,
    entered: dict[str, str] | None = None,
    errors: Faults | None = None,
) -> web.Response:
    return gateway_of(request).pages.respond(
        request,
        "admin/status_group_new.html",
        status=422 if errors else 200,
        kind=kind,
        form_key=form_key,
        entered=entered or {},
        errors=errors or {},
        longest_name=LONGEST_NAME,
    )


async def create_status_group(request: web.Request) -> web.Response:
    groups, kind, form = await _ask(request), _kind(request), await read_form(request)
    errors = _faults_of_name(form)
    last = max((group.step for group in groups.groups if group.kind is kind), default=0)
    if not errors:
        # The form's own key makes the id: sent twice, it is one group.
        group = GroupChange(
            group_id=f"own.{form.get('form_key', '')[:32]}",
            kind=kind,
            name=form["name"],
            step=min(last + 1, 999),
            negative=form.get("negative") == "yes",
        )
        errors = await _try_to_change(request, ChangeStatuses(groups=(group,)))
    if errors:
        return _new_group_page(request, kind, form_key=form.get("form_key", ""), entered=form, errors=errors)
    request[AUDIT_NOTE] = group.name
    return await _to_list(request, lambda seen: any(one.group_id == group.group_id for one in seen.groups))


async def edit_status_group(request: web.Request) -> web.Response:
    return _group_page(request, _find_group(request, await _ask(request, counted=True)))


def _group_page(
    request: web.Request,
    group: StatusGroupRow,
    *,
    entered: dict[str, str] | None = None,
    errors: Faults | None = None,
) -> web.Response:
    return gateway_of(request).pages.respond(
        request,
        "admin/status_group.html",
        status=422 if errors else 200,
        group=group,
        form_key=uuid4().hex,
        entered=entered or {},
        errors=errors or {},
        longest_name=LONGEST_NAME,
    )


async def change_status_group(request: web.Request) -> web.Response:
    group, form = _find_group(request, await _ask(request, counted=True)), await read_form(request)
    errors = _faults_of_name(form)
    if not errors:
        changed = _as_change(group).model_copy(
            update={"name": form["name"], "negative": form.get("negative") == "yes"}
        )
        errors = await _try_to_change(request, ChangeStatuses(groups=(changed,)))
    if errors:
        return _group_page(request, group, entered=form, errors=errors)
    request[AUDIT_NOTE] = _note(group.name, changed.name)
    return await _to_list(request, lambda seen: changed in map(_as_change, seen.groups))


async def move_status_group(request: web.Request) -> web.Response:
    groups, form = await _ask(request), await read_form(request)
    group = _find_group(request, groups)
    alike = [one for one in groups.groups if one.kind is group.kind]
    order = moved(alike, alike.index(group), by=-1 if form.get("direction") == "up" else 1)
    changed = [
        _as_change(one).model_copy(update={"step": step})
        for step, one in enumerate(order, start=1)
        if one.step != step
    ]
    if changed:
        await _change(request, ChangeStatuses(groups=tuple(changed)))
    request[AUDIT_NOTE] = group.name
    return await _to_list(
        request, lambda seen: {one.group_id for one in changed} <= _as_told(seen, changed), notice=None
    )


def _as_told(seen: StatusGroups, changed: list[GroupChange]) -> set[str]:
    return {one.group_id for one in map(_as_change, seen.groups) if one in changed}


async def remove_status_group(request: web.Request) -> web.Response:
    group = _find_group(request, await _ask(request))
    if group.is_default or group.statuses:
        raise ConflictError("A default group, or one that has a status, cannot be deleted.")
    await _change(request, ChangeStatuses(removed_group_ids=(group.group_id,)))
    request[AUDIT_NOTE] = group.name
    return await _to_list(request, lambda seen: group.group_id not in {one.group_id for one in seen.groups})


async def create_status(request: web.Request) -> web.Response:
    group, form = _find_group(request, await _ask(request, counted=True)), await read_form(request)
    errors = _faults_of_name(form, "status_name")
    if not errors:
        status = StatusChange(
            status_id=f"own.{form.get('form_key', '')[:32]}",
            group_id=group.group_id,
            name=form["status_name"],
            workflow=form.get("workflow") == "yes",
        )
        errors = await _try_to_change(request, ChangeStatuses(statuses=(status,)))
    if errors:
        return _group_page(request, group, entered=form, errors=errors)
    request[AUDIT_NOTE] = f"{group.name}: {status.name}"
    return await _to_group(
        request, group.group_id, lambda seen: _status_in(seen, status.status_id) is not None
    )


async def edit_status(request: web.Request) -> web.Response:
    groups = await _ask(request, counted=True)
    group, status = _find_status(request, groups)
    return _status_page(request, groups, group, status)


def _status_page(
    request: web.Request,
    groups: StatusGroups,
    group: StatusGroupRow,
    status: StatusRow,
    *,
    entered: dict[str, str] | None = None,
    errors: Faults | None = None,
) -> web.Response:
    return gateway_of(request).pages.respond(
        request,
        "admin/status.html",
        status=422 if errors else 200,
        status_row=status,
        group=group,
        choices=[(one.group_id, one.name) for one in groups.groups if one.kind is group.kind],
        entered=entered or {},
        errors=errors or {},
        longest_name=LONGEST_NAME,
    )


async def change_status(request: web.Request) -> web.Response:
    groups, form = await _ask(request, counted=True), await read_form(request)
    group, status = _find_status(request, groups)
    errors = _faults_of_name(form)
    target = next(
        (
            one
            for one in groups.groups
            if one.group_id == form.get("group_id", group.group_id) and one.kind is group.kind
        ),
        group,
    )
    if not errors:
        changed = StatusChange(
            status_id=status.status_id,
            group_id=target.group_id,
            name=form["name"],
            workflow=form.get("workflow") == "yes",
        )
        errors = await _try_to_change(request, ChangeStatuses(statuses=(changed,)))
    if errors:
        return _status_page(request, groups, group, status, entered=form, errors=errors)
    request[AUDIT_NOTE] = _note(status.name, changed.name)
    return await _to_group(
        request, target.group_id, lambda seen: _status_in(seen, status.status_id) == changed
    )


async def remove_status(request: web.Request) -> web.Response:
    group, status = _find_status(request, await _ask(request, counted=True))
    if status.is_default or status.document_count:
        raise ConflictError("A default status, or one that a document has, cannot be deleted.")
    await _change(request, ChangeStatuses(removed_status_ids=(status.status_id,)))
    request[AUDIT_NOTE] = f"{group.name}: {status.name}"
    return await _to_group(request, group.group_id, lambda seen: _status_in(seen, status.status_id) is None)


async def _ask(request: web.Request, *, counted: bool = False) -> StatusGroups:
    """`counted` where a page says in how many documents a status stands."""
    who = visitor_of(request).require_operator()
    return await gateway_of(request).clients.documents.list_status_groups(who, counted=counted)


async def _change(request: web.Request, changes: ChangeStatuses) -> None:
    await gateway_of(request).clients.sync.change_statuses(visitor_of(request).who, changes)


async def _try_to_change(request: web.Request, changes: ChangeStatuses) -> Faults:
    """For a form that can say what sync refuses, in the operator's language. Empty when it was taken."""
    try:
        await _change(request, changes)
    except InvalidError as error:
        said = " ".join(error.fields.values())
        return {"name": Told("%(said)s", {"said": said})}
    return {}


async def _to_list(
    request: web.Request,
    is_seen: Callable[[StatusGroups], bool],
    *,
    notice: Notice | None = Notice.STATUSES_SAVED,
) -> web.Response:
    return await _go_on(request, gateway_of(request).pages.links("show_statuses"), is_seen, notice)


async def _to_group(
    request: web.Request, group_id: str, is_seen: Callable[[StatusGroups], bool]
) -> web.Response:
    address = gateway_of(request).pages.links("edit_status_group", group_id=group_id)
    return await _go_on(request, address, is_seen, Notice.STATUSES_SAVED)


async def _go_on(
    request: web.Request, address: str, is_seen: Callable[[StatusGroups], bool], notice: Notice | None
) -> web.Response:
    """When the next page will show the change; where that takes long, it says so."""
    now = asyncio.get_running_loop().time
    deadline = now() + SEEN_SECONDS
    while True:
        if is_seen(await _ask(request)):
            break
        if now() > deadline:
            notice = Notice.STATUSES_ON_THEIR_WAY
            break
        await asyncio.sleep(_LOOK_SECONDS)  # before the next look
    return gateway_of(request).pages.go_on(address, notice=notice)


def _kind(request: web.Request) -> DocumentKind:
    kind = next((one for one in KINDS if one.value == request.match_info["kind"]), None)
    if kind is None:
        raise NotFoundError("There is nothing at this address.")
    return kind


def _find_group(request: web.Request, groups: StatusGroups) -> StatusGroupRow:
    for group in groups.groups:
        if group.group_id == request.match_info["group_id"]:
            return group
    raise NotFoundError("There is no such status group.")


def _find_status(request: web.Request, groups: StatusGroups) -> tuple[StatusGroupRow, StatusRow]:
    for group in groups.groups:
        for status in group.statuses:
            if status.status_id == request.match_info["status_id"]:
                return group, status
    raise NotFoundError("There is no such status.")


def _status_in(groups: StatusGroups, status_id: str) -> StatusChange | None:
    """The status as it is shown now."""
    for group in groups.groups:
        for status in group.statuses:
            if status.status_id == status_id:
                return StatusChange(
                    status_id=status_id, group_id=group.group_id, name=status.name, workflow=status.workflow
                )
    return None


def _as_change(group: StatusGroupRow) -> GroupChange:
    return GroupChange(
        group_id=group.group_id, kind=group.kind, name=group.name, step=group.step, negative=group.negative
    )


def _faults_of_name(form: dict[str, str], field: str = "name") -> Faults:
    form[field] = " ".join(form.get(field, "").split())
    if 1 <= len(form[field]) <= LONGEST_NAME:
        return {}
    return {field: Told(N_("Please enter a name, at most %(most)s characters."), {"most": LONGEST_NAME})}


def _note(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


ROUTES = [
    web.get("/admin/statuses", show_statuses, name="show_statuses"),
    web.get("/admin/statuses/new-group/{kind}", add_status_group, name="add_status_group"),
    web.post("/admin/statuses/new-group/{kind}", create_status_group, name="create_status_group"),
    web.get("/admin/statuses/groups/{group_id}", edit_status_group, name="edit_status_group"),
    web.post("/admin/statuses/groups/{group_id}", change_status_group, name="change_status_group"),
    web.post("/admin/statuses/groups/{group_id}/move", move_status_group, name="move_status_group"),
    web.post("/admin/statuses/groups/{group_id}/remove", remove_status_group, name="remove_status_group"),
    web.post("/admin/statuses/groups/{group_id}/statuses", create_status, name="create_status"),
    web.get("/admin/statuses/{status_id}", edit_status, name="edit_status"),
    web.post("/admin/statuses/{status_id}", change_status, name="change_status"),
    web.post("/admin/statuses/{status_id}/remove", remove_status, name="remove_status"),
]
