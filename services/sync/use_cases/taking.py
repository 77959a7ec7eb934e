"""Taking CDH's events: which are accepted, and what is told of them.

Who answers for an event is (source, id): only what was accepted is remembered, so that a refused event
can be corrected and sent again under its id.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import TypeVar

from services.sync.cdh_data import (
    AccessRequested,
    CdhData,
    ClerkChanged,
    CustomerChanged,
    DocumentChanged,
    SampleAssigned,
)
from services.sync.cloud_events import CdhEvent
from services.sync.model import (
    PICTURE_FORMATS,
    KnownCustomer,
    Problem,
    in_order,
    named_file,
    sample_file_name,
    sample_id,
    version_id,
)
from services.sync.repository import accepted_events, folder_files, known_things, samples
from services.sync.use_cases.order_folder import ORDER_FOLDER_CHANNEL
from services.sync.use_cases.statuses import check_statuses, tell_statuses
from shared.database import Transaction
from shared.database.wake import notify
from shared.events import sync as told
from shared.events.sync import DocumentKind
from shared.messaging import outbox

MOST_LINES = 10_000
"""Positions and status entries of a run. What is told names their fields and ids, up to 300 bytes each, which
CDH may leave out: together with all that a request can hold, the bus still takes it."""

Data = TypeVar("Data", bound=CdhData)
Check = Callable[[Transaction, Sequence[CdhEvent]], Awaitable[list[tuple[Problem, ...]]]]
Tell = Callable[[Transaction, Sequence[CdhEvent]], Awaitable[None]]


def runs(events: Sequence[CdhEvent]) -> list[list[CdhEvent]]:
    """The events in their order, cut into runs that one transaction takes and few events tell."""
    cut = []
    for _, alike in groupby(events, key=lambda event: _FAMILIES[event.type]):
        run: list[CdhEvent] = []
        lines = 0
        for event in alike:
            most = 1 if event.type == "cdh.sample.assigned" else told.BATCH  # samples lock one row each
            lines += _lines(event)
            if run and (len(run) == most or lines > MOST_LINES):
                cut.append(run)
                run, lines = [], _lines(event)
            run.append(event)
        cut.append(run)
    return cut


def _lines(event: CdhEvent) -> int:
    document = event.data
    return (
        len(document.positions) + len(document.status_entries) if isinstance(document, DocumentChanged) else 0
    )


async def find_answers(
    transaction: Transaction, events: Sequence[CdhEvent]
) -> dict[tuple[str, str], tuple[Problem, ...]]:
    """The answers of those that were accepted before: no problems."""
    keys = {event.key for event in events}
    return dict.fromkeys(await accepted_events.list_accepted(transaction, keys), ())


async def take_run(
    transaction: Transaction, api_key_id: int | None, run: Sequence[CdhEvent]
) -> list[tuple[Problem, ...]]:
    """Take the events of one run (see `runs`); for each, why it is refused, or nothing. The desk has no key.

    What somebody else accepted before or at the same time is accepted again without any effect.
    """
    check, tell = _FAMILIES[run[0].type]
    problems = await check(transaction, run)
    accepted = {event.key: event.type for event, found in zip(run, problems, strict=True) if not found}
    new = await accepted_events.add_accepted(transaction, api_key_id, accepted)
    if to_tell := [
        event for event, found in zip(run, problems, strict=True) if not found and event.key in new
    ]:
        await tell(transaction, to_tell)
    return problems


async def _check_nothing(_: Transaction, run: Sequence[CdhEvent]) -> list[tuple[Problem, ...]]:
    return [() for _ in run]


async def _tell_customers(transaction: Transaction, run: Sequence[CdhEvent]) -> None:
    newest = {one.customer_number: one for one in _data(run, CustomerChanged)}
    await known_things.save_known_customers(transaction, [_known(one) for one in newest.values()])
    revisions = await accepted_events.next_revisions(transaction, len(newest))
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
        customer = await known_things.find_known_customer(transaction, wish.customer_number)
        if customer is None:
            found += (Problem("/data/customer_number", "unknown_customer"),)
        elif fault := customer.fault_of(contact_id=wish.contact_id, email=wish.email):
            found += (Problem(f"/data/{fault[0]}", fault[1]),)
        if wish.clerk_code and not await known_things.is_known_clerk(transaction, wish.clerk_code):
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
    await known_things.add_known_clerks(transaction, newest.keys())
    revisions = await accepted_events.next_revisions(transaction, len(newest))
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


async def _tell_documents(transaction: Transaction, run: Sequence[CdhEvent]) -> None:
    newest: dict[tuple[DocumentKind, str, str], DocumentChanged] = {}
    files: dict[tuple[DocumentKind, str, str], tuple[told.File, ...]] = {}
    for event in run:
        for one in _data([event], DocumentChanged):
            key = (one.kind, one.number, one.external_id)
            newest[key] = one
            if event.files is not None:
                files[key] = event.files
    revisions = await accepted_events.next_revisions(transaction, len(newest))
    documents = [
        one.told(revision, files.get(key))
        for (key, one), revision in zip(newest.items(), revisions, strict=True)
    ]
    await outbox.add(transaction, told.DocumentsChanged(documents=tuple(documents)))
    orders = {one.number: one.document_date for one in documents if one.kind is DocumentKind.ORDER}
    if orders:
        await known_things.save_known_orders(transaction, orders)
        await notify(transaction, ORDER_FOLDER_CHANNEL)  # a sample may wait for the year of its order


async def _check_samples(transaction: Transaction, run: Sequence[CdhEvent]) -> list[tuple[Problem, ...]]:
    problems = []
    for event in run:
        found = _problems_of(_sample_file(event))
        for sample in _data([event], SampleAssigned):
            if not await known_things.is_known_clerk(transaction, sample.clerk_code):
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
    order_id = event.order_id or sample.order_id
    sample_key = event.sample_id or sample_id(sample.order_number, positions, sample.title, order_id=order_id)
    version = await samples.add_sample_version(
        transaction,
        sample_key,
        order_number=sample.order_number,
        position_numbers=positions,
        title=sample.title,
        sha256=file.sha256,
        also_same_bytes=event.sample_id is not None,
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
            document_id=order_id,
        ),
    )
    name = sample_file_name(file, position_numbers=positions, title=sample.title, version=version)
    await folder_files.add_order_folder_file(
        transaction, version_key, order_number=sample.order_number, name=name, sha256=file.sha256
    )
    await notify(transaction, ORDER_FOLDER_CHANNEL)


_STATUSES: tuple[Check, Tell] = (check_statuses, tell_statuses)
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
