"""The order folder: where it is, its pattern, a probe, and the files that did not get there. Kept by sync."""

from typing import Literal

from aiohttp import web

from services.gateway.asking import together
from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form
from services.gateway.words.notices import Notice
from services.gateway.words.texts import N_, Faults
from shared.api.sync import FailingFiles, FolderFault, OrderFolder
from shared.errors import InvalidError

LONGEST_PATTERN = 200
_FAULTS = {
    "placeholders": N_(
        "The path must contain {order_number}, may contain {year}, and nothing else in braces."
    ),
    "folders": N_(
        "Please name folders below the root, divided by single slashes, such as {year}/{order_number}."
    ),
}


async def show_order_folder(request: web.Request) -> web.Response:
    return await _page(request)


async def _page(
    request: web.Request,
    *,
    entered: str | None = None,
    example: str | None = None,
    errors: Faults | None = None,
    probed: FolderFault | Literal["well"] | None = None,
) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    folder: OrderFolder
    failing: FailingFiles
    folder, failing = await together(
        gateway.clients.sync.get_order_folder(who), gateway.clients.sync.list_failing_files(who)
    )
    return gateway.pages.respond(
        request,
        "admin/order_folder.html",
        status=422 if errors else 200,
        folder=folder,
        failing=failing.files,
        entered=folder.pattern if entered is None else entered,
        example=folder.example if example is None else example,
        is_preview=example is not None,
        errors=errors or {},
        probed=probed,
        longest=LONGEST_PATTERN,
    )


async def preview_order_folder(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    pattern = await _read_pattern(request)
    try:
        shown = await gateway_of(request).clients.sync.get_folder_example(who, pattern)
    except InvalidError as error:
        return await _page(request, entered=pattern, errors=_tell(error))
    return await _page(request, entered=pattern, example=shown.example)


async def change_order_folder(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    pattern = await _read_pattern(request)
    try:
        await gateway.clients.sync.change_order_folder(who, pattern)
    except InvalidError as error:
        return await _page(request, entered=pattern, errors=_tell(error))
    request[AUDIT_NOTE] = pattern
    return gateway.pages.go_on(gateway.pages.links("show_order_folder"), notice=Notice.FOLDER_SAVED)


async def probe_order_folder(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    probe = await gateway_of(request).clients.sync.probe_order_folder(who)
    request[AUDIT_NOTE] = probe.fault or ""
    return await _page(request, probed=probe.fault or "well")


async def retry_failing_files(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    await gateway.clients.sync.retry_failing_files(who)
    return gateway.pages.go_on(gateway.pages.links("show_order_folder"), notice=Notice.FILES_RETRIED)


async def _read_pattern(request: web.Request) -> str:
    return (await read_form(request)).get("pattern", "")[:LONGEST_PATTERN].replace("\\", "/")


def _tell(error: InvalidError) -> Faults:
    return {"pattern": _FAULTS[error.fields["pattern"]]}


ROUTES = [
    web.get("/admin/order-folder", show_order_folder, name="show_order_folder"),
    web.post("/admin/order-folder", change_order_folder, name="change_order_folder"),
    web.post("/admin/order-folder/preview", preview_order_folder, name="preview_order_folder"),
    web.post("/admin/order-folder/probe", probe_order_folder, name="probe_order_folder"),
    web.post("/admin/order-folder/retry", retry_failing_files, name="retry_failing_files"),
]
