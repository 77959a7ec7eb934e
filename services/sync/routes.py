"""CDH's door, and what operators and clerks ask of sync."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid5

from aiohttp import web

from services.sync.cdh_data import ClerkChanged, DocumentChanged, FileReference, SampleAssigned
from services.sync.cloud_events import CdhEvent, UnreadableError, read_data, read_events
from services.sync.files import CdhFiles
from services.sync.messages import RefusedError, faults
from services.sync.model import BadFolderPatternError, Problem, check_folder_pattern, example_path
from services.sync.order_folder import OrderFolder
from services.sync.settings import SyncSettings
from services.sync.use_cases import api_keys, order_folder, statuses, taking
from shared.api import sync as api
from shared.api.sync import (
    ApiKey,
    AssignedSample,
    AssignedSamples,
    AssignSamples,
    ChangeStatuses,
    CreateApiKey,
    EventResult,
    EventResults,
    SampleFile,
    StoredUpload,
)
from shared.errors import InvalidError, NotFoundError
from shared.events.sync import File
from shared.i18n import choose_locale
from shared.storage import StorageUnwritableError, WrongHashError
from shared.web import json_response, parse_body, reading, require, transaction

FILES: web.AppKey[CdhFiles] = web.AppKey("files", CdhFiles)
ORDER_FOLDER: web.AppKey[OrderFolder] = web.AppKey("order_folder", OrderFolder)
SETTINGS: web.AppKey[SyncSettings] = web.AppKey("settings", SyncSettings)
OPEN_PATHS = ("/cdh/v1/",)  # these ask for an API key instead of an identity

_MAX_EVENTS_BYTES = 8_000_000
_CHUNK = 256 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[0-9]{1,18}")
DESK = "/desk"
"""Where the events of our own pages come from, beside CDH's sources."""


async def receive_events(request: web.Request) -> web.Response:
    """Each event is taken or refused for itself; 422 when not one of them was taken."""
    api_key_id = await _admit(request)
    body = b"".join(
        [
            chunk
            async for chunk in _chunks(
                request, limit=_MAX_EVENTS_BYTES, code="body_too_large", locale=_locale(request)
            )
        ]
    )
    try:
        # In a thread: megabytes take a while, and others want an answer meanwhile.
        events = await asyncio.to_thread(read_events, request.content_type.lower(), body)
    except UnreadableError as error:
        raise RefusedError(error.code, _locale(request), status=400, **error.values) from error
    try:
        problems = await _take(request, api_key_id, events)
    except StorageUnwritableError as error:
        raise _unwritable(error, _locale(request)) from error
    results = [
        EventResult(
            source=event.source,
            id=event.event_id,
            status="refused" if found else "accepted",
            errors=faults(found, _locale(request)),
        )
        for event, found in zip(events, problems, strict=True)
    ]
    nothing_taken = bool(results) and all(result.status == "refused" for result in results)
    return json_response(EventResults(results=tuple(results)), status=422 if nothing_taken else 200)


async def receive_file(request: web.Request) -> web.Response:
    """Taken up under its SHA-256 and looked into; the same file again is the same answer.

    With `?use=document` it is a file of a document, of any kind, and nobody looks into it.
    """
    locale = _locale(request)
    await _admit(request)
    files, sha256 = request.app[FILES], request.match_info["sha256"]
    if not _SHA256.fullmatch(sha256):
        raise RefusedError("sha256", locale, status=422)
    chunks = _chunks(request, limit=files.limit, code="file_too_large", locale=locale)
    try:
        if request.query.get("use") == "document":
            size = await files.keep_upload(sha256, chunks)
            return json_response(
                StoredUpload(sha256=sha256, media_type="application/octet-stream", size=size)
            )
        file = await files.take_upload(sha256, chunks)
    except WrongHashError as error:
        raise RefusedError("wrong_hash", locale, status=422) from error
    except StorageUnwritableError as error:
        raise _unwritable(error, locale) from error
    if file.fault:
        raise RefusedError(file.fault, locale, status=422)
    return json_response(StoredUpload(sha256=sha256, media_type=file.media_type, size=file.size))


async def create_api_key(request: web.Request) -> web.Response:
    who = require(request, "operator", "system")
    name = (await parse_body(request, CreateApiKey)).name.strip()
    if not name or len(name) > 100 or not name.isprintable():
        raise InvalidError("A key needs a name of 1 to 100 letters.", fields={"name": "1 to 100 letters"})
    async with transaction(request) as opened:
        api_key = await api_keys.create_api_key(opened, name=name, created_by=who.name)
    return json_response(ApiKey(name=name, api_key=api_key), status=201)


async def list_api_keys(request: web.Request) -> web.Response:
    require(request, "operator")
    async with reading(request) as opened:
        rows = await api_keys.list_api_keys(opened)
    return json_response(rows)


async def revoke_api_key(request: web.Request) -> web.Response:
    require(request, "operator")
    api_key_id = request.match_info["api_key_id"]
    if not _ID.fullmatch(api_key_id):
        raise NotFoundError("There is no such key.")
    async with transaction(request) as opened:
        await api_keys.revoke_api_key(opened, int(api_key_id))
    return web.Response(status=204)


async def receive_upload(request: web.Request) -> web.Response:
    """A file that somebody at the desk brings; the same checks and sentences as at CDH's door."""
    locale, files = require(request, "clerk", "operator").locale, request.app[FILES]
    chunks = _chunks(request, limit=files.limit, code="file_too_large", locale=locale)
    file = await files.take_file(chunks)
    if file.fault:
        raise RefusedError(file.fault, locale, status=422)
    return json_response(StoredUpload(sha256=file.sha256, media_type=file.media_type, size=file.size))


async def assign_samples(request: web.Request) -> web.Response:
    """Each file is assigned or refused for itself."""
    who, body = require(request, "clerk", "operator"), await parse_body(request, AssignSamples)
    events = [_desk_event(body, file, clerk_code=who.clerk_code or body.clerk_code) for file in body.files]
    problems = await _take(request, None, events)
    samples = [
        AssignedSample(name=file.name, errors=faults(found, who.locale))
        for file, found in zip(body.files, problems, strict=True)
    ]
    return json_response(AssignedSamples(samples=tuple(samples)))


def _desk_event(body: AssignSamples, file: SampleFile, *, clerk_code: str) -> CdhEvent:
    """As CDH would tell it. Its id is made of all that it says, and of the form that said it."""
    data = {
        "order_number": body.order_number,
        "position_numbers": list(body.position_numbers),
        "title": file.title,
        "file": {"sha256": file.sha256, "name": file.name},
        "print_details": body.print_details.model_dump(),
        "clerk_code": clerk_code,
    }
    event = CdhEvent(
        source=DESK,
        event_id=str(uuid5(body.form_key, json.dumps(data))),
        type="cdh.sample.assigned",
        order_id=body.document_id,
        sample_id=body.sample_id,
    )
    return read_data(event, data)


async def change_statuses(request: web.Request) -> web.Response:
    who, body = require(request, "operator"), await parse_body(request, ChangeStatuses)
    events = _status_events(body)
    problems = [problem for event in events for problem in event.problems]
    if not problems:
        async with transaction(request) as opened:
            problems = await statuses.change_statuses(opened, events)
    if problems:
        told = {fault.place.rpartition("/")[2]: fault.reason for fault in faults(problems, who.locale)}
        raise InvalidError("The statuses cannot be changed like this.", fields=told)
    return web.Response(status=204)


def _status_events(body: ChangeStatuses) -> list[CdhEvent]:
    """As CDH would tell them."""
    told: list[tuple[str, dict[str, Any]]] = [
        *(("cdh.status_group.changed", group.model_dump(mode="json")) for group in body.groups),
        *(("cdh.status.changed", status.model_dump(mode="json")) for status in body.statuses),
        *(("cdh.status.removed", {"status_id": status_id}) for status_id in body.removed_status_ids),
        *(("cdh.status_group.removed", {"group_id": group_id}) for group_id in body.removed_group_ids),
    ]
    return [read_data(CdhEvent(source=DESK, event_id="", type=name), data) for name, data in told]


async def list_failing_files(request: web.Request) -> web.Response:
    require(request, "clerk", "operator", "system")
    async with reading(request) as opened:
        failing = await order_folder.list_failing_files(opened)
    return json_response(failing)


async def get_order_folder(request: web.Request) -> web.Response:
    require(request, "operator")
    settings = request.app[SETTINGS]
    async with reading(request) as opened:
        pattern, is_own = await order_folder.get_folder_pattern(opened, default=settings.order_folder_pattern)
    return json_response(
        api.OrderFolder(
            root=str(settings.order_folder_root),
            pattern=pattern,
            is_own=is_own,
            example=example_path(pattern),
        )
    )


async def show_folder_example(request: web.Request) -> web.Response:
    require(request, "operator")
    pattern = request.query.get("pattern", "").strip() or request.app[SETTINGS].order_folder_pattern
    try:
        check_folder_pattern(pattern)
    except BadFolderPatternError as error:
        raise _bad_pattern(error) from error
    return json_response(api.FolderExample(example=example_path(pattern)))


async def change_order_folder(request: web.Request) -> web.Response:
    require(request, "operator")
    wish = await parse_body(request, api.ChangeOrderFolder)
    default = request.app[SETTINGS].order_folder_pattern
    async with transaction(request) as opened:
        try:
            await order_folder.change_folder_pattern(opened, wish.pattern, default=default)
        except BadFolderPatternError as error:
            raise _bad_pattern(error) from error
    return web.Response(status=204)


def _bad_pattern(error: BadFolderPatternError) -> InvalidError:
    return InvalidError(str(error), fields={"pattern": error.code})


async def probe_order_folder(request: web.Request) -> web.Response:
    require(request, "operator")
    return json_response(api.FolderProbe(fault=await request.app[ORDER_FOLDER].probe()))


async def retry_failing_files(request: web.Request) -> web.Response:
    require(request, "operator")
    async with transaction(request) as opened:
        await order_folder.retry_failing_files(opened)
    return web.Response(status=204)


ROUTES = [
    web.post("/cdh/v1/events", receive_events, name="receive_events"),
    web.put("/cdh/v1/files/{sha256}", receive_file, name="receive_file"),
    web.post("/api-keys", create_api_key, name="create_api_key"),
    web.get("/api-keys", list_api_keys, name="list_api_keys"),
    web.post("/api-keys/{api_key_id}/revoke", revoke_api_key, name="revoke_api_key"),
    web.post("/uploads", receive_upload, name="receive_upload"),
    web.post("/samples", assign_samples, name="assign_samples"),
    web.post("/statuses", change_statuses, name="change_statuses"),
    web.get("/order-folder", get_order_folder, name="get_order_folder"),
    web.post("/order-folder", change_order_folder, name="change_order_folder"),
    web.get("/order-folder/example", show_folder_example, name="show_folder_example"),
    web.post("/order-folder/probe", probe_order_folder, name="probe_order_folder"),
    web.post("/order-folder/failing/retry", retry_failing_files, name="retry_failing_files"),
    web.get("/order-folder/failing", list_failing_files, name="list_failing_files"),
]


async def _take(
    request: web.Request, api_key_id: int | None, events: Sequence[CdhEvent]
) -> list[tuple[Problem, ...]]:
    """Take the events in their order, a transaction for each run; for each, why it is refused, or nothing.

    An event that was accepted before, or stands in the batch twice, has the one answer of its key.
    """
    async with reading(request) as opened:
        answers = await taking.find_answers(opened, events)
    fresh: dict[tuple[str, str], CdhEvent] = {}
    for event in events:
        if not event.problems and event.key not in answers:
            fresh.setdefault(event.key, event)
    ready = []
    for event in fresh.values():
        found = await _with_file(request, event)
        if found.problems:
            answers[event.key] = found.problems
        else:
            ready.append(found)
    for run in taking.runs(ready):
        async with transaction(request) as opened:
            problems = await taking.take_run(opened, api_key_id, run)
        answers |= {event.key: found for event, found in zip(run, problems, strict=True)}
    return [answers.get(event.key, event.problems) for event in events]


async def _with_file(request: web.Request, event: CdhEvent) -> CdhEvent:
    """The event with the files that it names, found or looked into before a transaction opens."""
    match event.data:
        case DocumentChanged(files=references) if references is not None:
            return await _with_files(request, event, references)
        case SampleAssigned(file=reference):
            place = "/data/file"
        case ClerkChanged(picture=picture) if picture is not None:
            reference, place = FileReference(sha256=picture.sha256, name=picture.name), "/data/picture"
        case _:
            return event
    file = await request.app[FILES].find(reference, place=place)
    return replace(event, problems=(file,)) if isinstance(file, Problem) else replace(event, file=file)


async def _with_files(request: web.Request, event: CdhEvent, references: Sequence[FileReference]) -> CdhEvent:
    found = [
        await request.app[FILES].find_attached(reference, place=f"/data/files/{place}")
        for place, reference in enumerate(references)
    ]
    problems = tuple(one for one in found if isinstance(one, Problem))
    files = tuple(one for one in found if isinstance(one, File))
    return replace(event, problems=problems) if problems else replace(event, files=files)


async def _admit(request: web.Request) -> int:
    """The id of the API key; raises RefusedError for one that is missing, wrong or revoked."""
    scheme, _, api_key = request.headers.get("Authorization", "").partition(" ")
    api_key_id = None
    if scheme.lower() == "bearer" and api_key:
        async with transaction(request) as opened:
            api_key_id = await api_keys.find_api_key(opened, api_key.strip())
    if api_key_id is None:
        raise RefusedError("bad_key", _locale(request), status=401)
    return api_key_id


async def _chunks(request: web.Request, *, limit: int, code: str, locale: str) -> AsyncIterator[bytes]:
    """The body; raises RefusedError as soon as it says or shows that it is too large."""
    if (request.content_length or 0) > limit:
        raise _too_large(limit, code, locale)
    size = 0
    async for chunk in request.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise _too_large(limit, code, locale)
        yield chunk


def _too_large(limit: int, code: str, locale: str) -> RefusedError:
    return RefusedError(code, locale, status=413, most=str(limit // 1_000_000))


def _unwritable(error: StorageUnwritableError, locale: str) -> RefusedError:
    return RefusedError("storage_unwritable", locale, status=error.status)


def _locale(request: web.Request) -> str:
    return choose_locale(request.headers.get("Accept-Language"))
