"""What sync can do: let CDH in, take its events and tell them, and queue what goes into the order folder.

Who answers for an event is (source, id): only what was accepted is remembered, so that a refused event
can be corrected and sent again under its id.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import TypeVar

from services.sync import repository
from services.sync.cdh_data import (
    AccessRequested,
    CdhData,
    ClerkChanged,
    CustomerChanged,
    DocumentChanged,
    SampleAssigned,
    StatusChanged,
    StatusGroupChanged,
    StatusGroupRemoved,
    StatusRemoved,
)
from services.sync.cloud_events import CdhEvent
from services.sync.model import (
    PICTURE_FORMATS,
    KnownCustomer,
    Problem,
    check_folder_pattern,
    in_order,
    named_file,
    safe_file_name,
    sample_file_name,
    sample_id,
    version_id,
)
from shared.api.sync import ApiKeyRows, FailingFiles
from shared.database import Transaction
from shared.database.wake import notify
from shared.errors import NotFoundError
from shared.events import sync as told
from shared.events.approvals import ApprovalRecorded
from shared.events.sync import DocumentKind
from shared.messaging import outbox

ORDER_FOLDER_CHANNEL = "order_folder"
_LISTED_AT_MOST = 200

Data = TypeVar("Data", bound=CdhData)
Check = Callable[[Transaction, Sequence[CdhEvent]], Awaitable[list[tuple[Problem, ...]]]]
Tell = Callable[[Transaction, Sequence[CdhEvent]], Awaitable[None]]


class ApiKeyNotFoundError(NotFoundError):
    """No key has this id."""


# Keys


async def create_api_key(transaction: Transaction, *, name: str, created_by: str) -> str:
    """A new key, which only its owner knows from now on: we keep its hash."""
    api_key = f"cdh_{secrets.token_urlsafe(32)}"
    await repository.add_api_key(transaction, name=name, key_hash=_hash(api_key), created_by=created_by)
    return api_key


async def list_api_keys(transaction: Transaction) -> ApiKeyRows:
    return ApiKeyRows(rows=tuple(await repository.list_api_keys(transaction)))


async def revoke_api_key(transaction: Transaction, api_key_id: int) -> None:
    if not await repository.revoke_api_key(transaction, api_key_id):
        raise ApiKeyNotFoundError("There is no such key.")


async def find_api_key(transaction: Transaction, api_key: str) -> int | None:
    """Looked up by its hash, so that how long it takes tells nothing about the key."""
    return await repository.find_api_key(transaction, _hash(api_key))


def _hash(api_key: str) -> bytes:
    return hashlib.sha256(api_key.encode("utf-8", "replace")).digest()


# Events


def runs(events: Sequence[CdhEvent]) -> list[list[CdhEvent]]:
    """The events in their order, cut into runs that one transaction takes and few events tell."""
    cut = []
    for _, alike in groupby(events, key=lambda event: _FAMILIES[event.type]):
        run = list(alike)
        most = 1 if run[0].type == "cdh.sample.assigned" else told.BATCH  # samples lock one row each
        cut += [run[start : start + most] for start in range(0, len(run), most)]
    return cut


async def find_answers(
    transaction: Transaction, events: Sequence[CdhEvent]
) -> dict[tuple[str, str], tuple[Problem, ...]]:
    """The answers of those that were accepted before: no problems."""
    keys = {event.key for event in events}
    return dict.fromkeys(await repository.list_accepted(transaction, keys), ())


async def take_run(
    transaction: Transaction, api_key_id: int | None, run: Sequence[CdhEvent]
) -> list[tuple[Problem, ...]]:
    """Take the events of one run (see `runs`); for each, why it is refused, or nothing. The desk has no key.

    What somebody else accepted before or at the same time is accepted again without any effect.
    """
    check, tell = _FAMILIES[run[0].type]
    problems = await check(transaction, run)
    accepted = {event.key: event.type for event, found in zip(run, problems, strict=True) if not found}
    new = await repository.add_accepted(transaction, api_key_id, accepted)
    if to_tell := [
        event for event, found in zip(run, problems, strict=True) if not found and event.key in new
    ]:
        await tell(transaction, to_tell)
    return problems


async def _check_nothing(_: Transaction, run: Sequence[CdhEvent]) -> list[tuple[Problem, ...]]:
    return [() for _ in run]


async def _tell_customers(transaction: Transaction, run: Sequence[CdhEvent]) -> None:
    newest = {one.customer_number: one for one in _data(run, CustomerChanged)}
    await repository.save_known_customers(transaction, [_known(one) for one in newest.values()])
    revisions = await repository.next_revisions(transaction, len(newest))
    customers = [one.told(revision) for one, revision in zip(newest.values(), revisions, strict=True)]
    await outbox.add(transaction, told.CustomersChanged(customers=tuple(customers)))


def _known(customer: CustomerChanged) -> KnownCustomer:
    return KnownCustomer(
        customer_number=customer.customer_number,
        has_email=bool(customer.email),
        contact_ids=frozenset(contact.contact_id for contact in customer.contacts),
        contact_ids_with_email=frozenset(
            contact.contact_id for contact in customer.contacts if contact.email
        ),
    )


async def _check_access(transaction: Transaction, run: Sequence[CdhEvent]) -> list[tuple[Problem, ...]]:
    """Somebody is waiting at his screen: what cannot lead to an invitation is refused at once."""
    problems: list[tuple[Problem, ...]] = []
    for wish in _data(run, AccessRequested):
        found: tuple[Problem, ...] = ()
        customer = await repository.find_known_customer(transaction, wish.customer_number)
        if customer is None:
            found += (Problem("/data/customer_number", "unknown_customer"),)
        elif fault := customer.fault_of(contact_id=wish.contact_id, email=wish.email):
            found += (Problem(f"/data/{fault[0]}", fault[1]),)
        if wish.clerk_code and not await repository.is_known_clerk(transaction, wish.clerk_code):
            found += (Problem("/data/clerk_code", "unknown_clerk"),)
        problems.append(found)
    return problems


async def _tell_access(transaction: Transaction, run: Sequence[CdhEvent]) -> None:
    for wish in _data(run, AccessRequested):
        await outbox.add(transaction, told.AccessRequested(**wish.model_dump()))


async def _check_pictures(_: Transaction, run: Sequence[CdhEvent]) -> list[tuple[Problem, ...]]:
    return [_problems_of(_picture(event)) for event in run]


async def _tell_clerks(transaction: Transaction, run: Sequence[CdhEvent]) -> None:
    newest = {one.clerk_code: (one, event) for event in run for one in _data([event], ClerkChanged)}
    await repository.add_known_clerks(transaction, newest.keys())
    revisions = await repository.next_revisions(transaction, len(newest))
    clerks = []
    for (clerk, event), revision in zip(newest.values(), revisions, strict=True):
        picture = _picture(event)
        clerks.append(clerk.told(revision, picture if isinstance(picture, told.File) else None))
    await outbox.add(transaction, told.ClerksChanged(clerks=tuple(clerks)))


def _picture(event: CdhEvent) -> told.File | Problem | None:
    if not isinstance(event.data, ClerkChanged) or event.data.picture is None or event.file is None:
        return None
    if event.file.format not in PICTURE_FORMATS:
        return Problem("/data/picture/sha256", "no_picture")
    return named_file(event.file, event.data.picture.name, place="/data/picture/name")


async def _check_statuses(transaction: Transaction, run: Sequence[CdhEvent]) -> list[tuple[Problem, ...]]:
    """A status belongs to a group that is known, or comes before it in the same run. Defaults stay."""
    known = await repository.list_known_groups(transaction)
    kinds = {group.group_id: group.kind for group in known}
    # The one status of a default group has its id.
    defaults = {group.group_id for group in known if group.is_default}
    problems: list[tuple[Problem, ...]] = []
    for event in run:
        found: tuple[Problem, ...] = ()
        match event.data:
            case StatusGroupChanged(group_id=group_id, kind=kind):
                if kinds.setdefault(group_id, kind) != kind:
                    found = (Problem("/data/kind", "group_of_another_kind"),)
            case StatusChanged(group_id=group_id) if group_id not in kinds:
                found = (Problem("/data/group_id", "unknown_group"),)
            case StatusGroupRemoved(group_id=group_id):
                if group_id in defaults:
                    found = (Problem("/data/group_id", "default_group"),)
                else:
                    kinds.pop(group_id, None)
            case StatusRemoved(status_id=status_id) if status_id in defaults:
                found = (Problem("/data/status_id", "default_status"),)
        problems.append(found)
    return problems


async def _tell_statuses(transaction: Transaction, run: Sequence[CdhEvent]) -> None:
    """The last word of the run on each group and status. Whether a removed one is still used, and so stays,
    is known to those who show it."""
    groups: dict[str, StatusGroupChanged | None] = {}
    statuses: dict[str, StatusChanged | None] = {}
    for event in run:
        match event.data:
            case StatusGroupChanged(group_id=key) as group:
                groups[key] = group
            case StatusChanged(status_id=key) as status:
                statuses[key] = status
            case StatusGroupRemoved(group_id=key):
                groups[key] = None
            case StatusRemoved(status_id=key):
                statuses[key] = None
    changed_groups = [group for group in groups.values() if group]
    changed_statuses = [status for status in statuses.values() if status]
    removed_groups = tuple(key for key, group in groups.items() if group is None)
    await repository.add_known_groups(
        transaction, {group.group_id: group.kind.value for group in changed_groups}
    )
    await repository.remove_known_groups(transaction, removed_groups)
    removed_statuses = tuple(key for key, status in statuses.items() if status is None)
    is_removal = bool(removed_groups or removed_statuses)
    count = len(changed_groups) + len(changed_statuses) + is_removal
    revisions = iter(await repository.next_revisions(transaction, count))
    told_statuses = told.StatusesChanged(
        groups=tuple(group.told(next(revisions)) for group in changed_groups),
        statuses=tuple(status.told(next(revisions)) for status in changed_statuses),
        removed_group_ids=removed_groups,
        removed_status_ids=removed_statuses,
        removed_revision=next(revisions) if is_removal else 0,
    )
    await outbox.add(transaction, told_statuses)


async def change_statuses(transaction: Transaction, events: Sequence[CdhEvent]) -> list[Problem]:
    """What an operator changes, told like what CDH tells; all of it, or nothing with the reasons."""
    problems = [problem for found in await _check_statuses(transaction, events) for problem in found]
    if not problems:
        await _tell_statuses(transaction, events)
    return problems


async def _tell_documents(transaction: Transaction, run: Sequence[CdhEvent]) -> None:
    newest: dict[tuple[DocumentKind, str, str], DocumentChanged] = {}
    files: dict[tuple[DocumentKind, str, str], tuple[told.File, ...]] = {}
    for event in run:
        for one in _data([event], DocumentChanged):
            key = (one.kind, one.number, one.external_id)
            newest[key] = one
            if event.files is not None:
                files[key] = event.files
    revisions = await repository.next_revisions(transaction, len(newest))
    documents = [
        one.told(revision, files.get(key))
        for (key, one), revision in zip(newest.items(), revisions, strict=True)
    ]
    await outbox.add(transaction, told.DocumentsChanged(documents=tuple(documents)))
    orders = {one.number: one.document_date for one in documents if one.kind is DocumentKind.ORDER}
    if orders:
        await repository.save_known_orders(transaction, orders)
        await notify(transaction, ORDER_FOLDER_CHANNEL)  # a sample may wait for the year of its order


async def _check_samples(transaction: Transaction, run: Sequence[CdhEvent]) -> list[tuple[Problem, ...]]:
    problems = []
    for event in run:
        found = _problems_of(_sample_file(event))
        for sample in _data([event], SampleAssigned):
            if not await repository.is_known_clerk(transaction, sample.clerk_code):
                found += (Problem("/data/clerk_code", "unknown_clerk"),)
        problems.append(found)
    return problems


async def _tell_samples(transaction: Transaction, run: Sequence[CdhEvent]) -> None:
    for event in run:
        file = _sample_file(event)
        for sample in _data([event], SampleAssigned):
            if isinstance(file, told.File):
                await _assign_sample(transaction, event, sample, file)


def _sample_file(event: CdhEvent) -> told.File | Problem | None:
    if not isinstance(event.data, SampleAssigned) or event.file is None:
        return None
    named = event.data.file
    place = "/data/file/name" if named.name else "/data/file/path"
    return named_file(event.file, named.name or named.path or "", place=place)


async def _assign_sample(
    transaction: Transaction, event: CdhEvent, sample: SampleAssigned, file: told.File
) -> None:
    """Count the version, tell it and queue its file. The newest version's bytes again, as after a double
    click, change nothing, unless a new version is asked for by name."""
    positions = in_order(sample.position_numbers)
    sample_key = sample_id(sample.order_number, positions, sample.title)
    version = await repository.add_sample_version(
        transaction,
        sample_key,
        order_number=sample.order_number,
        position_numbers=positions,
        title=sample.title,
        sha256=file.sha256,
        also_same_bytes=event.is_new_version,
    )
    if version is None:
        return
    version_key = version_id(sample_key, version)
    await outbox.add(
        transaction,
        told.SampleAssigned(
            sample_id=sample_key,
            version_id=version_key,
            version=version,
            order_number=sample.order_number,
            position_numbers=positions,
            title=sample.title,
            file=file,
            print_details=told.PrintDetails(**sample.print_details.model_dump()),
            clerk_code=sample.clerk_code,
            assigned_at=sample.assigned_at or event.time or dt.datetime.now(dt.UTC),
        ),
    )
    name = sample_file_name(file, position_numbers=positions, title=sample.title, version=version)
    await repository.add_order_folder_file(
        transaction, version_key, order_number=sample.order_number, name=name, sha256=file.sha256
    )
    await notify(transaction, ORDER_FOLDER_CHANNEL)


_STATUSES: tuple[Check, Tell] = (_check_statuses, _tell_statuses)
_FAMILIES: dict[str, tuple[Check, Tell]] = {
    "cdh.customer.changed": (_check_nothing, _tell_customers),
    "cdh.clerk.changed": (_check_pictures, _tell_clerks),
    "cdh.status_group.changed": _STATUSES,
    "cdh.status.changed": _STATUSES,
    "cdh.status_group.removed": _STATUSES,
    "cdh.status.removed": _STATUSES,
    "cdh.document.changed": (_check_nothing, _tell_documents),
    "cdh.sample.assigned": (_check_samples, _tell_samples),
    "cdh.access.requested": (_check_access, _tell_access),
}


def _data(events: Sequence[CdhEvent], model: type[Data]) -> list[Data]:
    return [event.data for event in events if isinstance(event.data, model)]


def _problems_of(found: object) -> tuple[Problem, ...]:
    return (found,) if isinstance(found, Problem) else ()


# The order folder


async def file_record(transaction: Transaction, event: ApprovalRecorded) -> None:
    """Queue the record of a decision for the folder in which its sample lies."""
    await repository.add_order_folder_file(
        transaction,
        event.decision_id,
        order_number=event.order_number,
        name=safe_file_name(event.record.name),
        sha256=event.record.sha256,
    )
    await notify(transaction, ORDER_FOLDER_CHANNEL)


async def list_failing_files(transaction: Transaction) -> FailingFiles:
    return FailingFiles(files=tuple(await repository.list_failing_files(transaction, limit=_LISTED_AT_MOST)))


async def get_folder_pattern(transaction: Transaction, *, default: str) -> tuple[str, bool]:
    """The pattern that holds, and whether an operator has set it."""
    own = await repository.find_folder_pattern(transaction)
    return own or default, own is not None


async def change_folder_pattern(transaction: Transaction, pattern: str, *, default: str) -> None:
    """Raises BadFolderPatternError. What is already written stays where it is."""
    pattern = pattern.strip() or default
    check_folder_pattern(pattern)
    await repository.save_folder_pattern(transaction, None if pattern == default else pattern)
    await notify(transaction, ORDER_FOLDER_CHANNEL)  # a file may have waited for its year


async def retry_failing_files(transaction: Transaction) -> None:
    await repository.requeue_failing_files(transaction)
    await notify(transaction, ORDER_FOLDER_CHANNEL)
