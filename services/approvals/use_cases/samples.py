"""Samples come in, meet their orders, are prepared, and fall behind newer versions or changed orders."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.approvals.model.orders import Order, choose_order
from services.approvals.model.versions import MailState, Page, Version
from services.approvals.repository import orders, queues, versions
from services.approvals.use_cases.events import order_of, version_fields
from shared.database import Transaction
from shared.events.approvals import ApprovalOutdated, ApprovalRequested, SampleSuperseded
from shared.events.sync import Customer, Document, DocumentKind, File, SampleAssigned
from shared.messaging import outbox
from shared.revisions import newest


async def assign_sample(transaction: Transaction, assigned: SampleAssigned, *, now: datetime) -> None:
    """Take a version in, whatever came before it: its order, an older version, a newer one, itself."""
    await orders.lock_order_numbers(transaction, [assigned.order_number])
    known = await versions.list_of_sample(transaction, assigned.sample_id)
    if any(version.version == assigned.version for version in known):
        return
    version = _new_version(assigned)
    if any(other.version > version.version for other in known):
        version = version.supersede()
    for older in known:
        if older.version < version.version:
            await _supersede(transaction, older, by=version, now=now)
    await versions.add(transaction, version)
    await versions.add_audit_entry(
        transaction, version.version_id, "assigned", at=assigned.assigned_at, author=assigned.clerk_code
    )
    if version.state == "superseded":
        await versions.add_audit_entry(transaction, version.version_id, "superseded", at=now)
    await queues.add_preparation(transaction, version.version_id)
    await _find_order(transaction, version, now=now)


async def change_orders(transaction: Transaction, documents: Sequence[Document], *, now: datetime) -> None:
    """Keep what matters of the orders; pick up samples that waited, outdate approvals that hold no longer."""
    told = newest(
        (document for document in documents if document.kind == DocumentKind.ORDER),
        lambda document: document.document_id,
    )
    if not told:
        return
    await orders.lock_order_numbers(transaction, [document.number for document in told])
    before = {
        order.document_id: order
        for order in await orders.list_orders(transaction, [one.document_id for one in told])
    }
    changed_ids = await orders.save_orders(transaction, told)
    numbers = [document.number for document in told if document.document_id in changed_ids]
    waiting = await versions.list_waiting(transaction, numbers)
    linked = await versions.list_of_documents(transaction, changed_ids)
    if not waiting and not linked:
        return  # so it is with nearly all orders of an import
    changed = {order.document_id: order for order in await orders.list_orders(transaction, changed_ids)}
    for version in waiting:
        await _find_order(transaction, version, now=now)
    for version in linked:
        if version.document_id is not None:
            order = changed[version.document_id]
            if before[order.document_id].customer_number != order.customer_number:
                await _tell_request(transaction, version, version.request_anew(now), order, now=now)
            await _outdate(transaction, version, order, now=now)


async def change_customers(transaction: Transaction, customers: Sequence[Customer]) -> None:
    await orders.save_customers(transaction, newest(customers, lambda one: one.customer_number))


async def note_mail(
    transaction: Transaction, version_ids: Sequence[UUID], state: MailState, *, at: datetime, reason: str = ""
) -> None:
    """What became of the mail that asks for these versions."""
    for version in await versions.lock(transaction, version_ids):
        noted = version.note_mail(state, at)
        if noted is not version:
            await versions.save(transaction, noted)
            details = {"reason": reason} if reason else {}
            await versions.add_audit_entry(
                transaction, version.version_id, f"mail_{state}", at=at, details=details
            )


async def finish_preparation(
    transaction: Transaction,
    version_id: UUID,
    *,
    pages: Sequence[Page],
    page_count: int,
    preview: File | None,
    failure: str,
    now: datetime,
) -> None:
    """Its pages can be seen, or it is known that they cannot: then the downloaded file decides."""
    version = await versions.find(transaction, version_id)
    if version is None or await queues.is_prepared(transaction, version_id):
        return  # another copy was quicker
    await queues.finish_preparation(transaction, version_id, pages, now=now, failure=failure)
    version = version.show_pages(page_count=page_count, preview=preview)
    await versions.save(transaction, version)
    details = {"pages": len(pages), "page_count": page_count, "failure": failure}
    await versions.add_audit_entry(transaction, version_id, "prepared", at=now, details=details)
    if version.document_id is not None:
        await _request(
            transaction, version, await orders.get_order(transaction, version.document_id), now=now
        )


def _new_version(assigned: SampleAssigned) -> Version:
    return Version(
        version_id=assigned.version_id,
        sample_id=assigned.sample_id,
        version=assigned.version,
        title=assigned.title,
        order_number=assigned.order_number,
        position_numbers=assigned.position_numbers,
        file=assigned.file,
        print_details=assigned.print_details,
        clerk_code=assigned.clerk_code,
        assigned_at=assigned.assigned_at,
        named_order_id=assigned.document_id,
    )


async def _supersede(transaction: Transaction, older: Version, *, by: Version, now: datetime) -> None:
    superseded = older.supersede()
    if superseded is older:
        return
    await versions.save(transaction, superseded)
    await versions.add_audit_entry(
        transaction, older.version_id, "superseded", at=now, details={"by_version": by.version}
    )
    if older.requested_at is not None:  # of one the customer was never asked about, nobody was told
        order = await order_of(transaction, older)
        await outbox.add(transaction, SampleSuperseded(**version_fields(older, order)))


async def _find_order(transaction: Transaction, version: Version, *, now: datetime) -> None:
    if version.named_order_id:
        candidates = await orders.list_orders(transaction, [version.named_order_id])
    else:
        candidates = await orders.list_orders_by_numbers(transaction, [version.order_number])
    order = choose_order(candidates, version.position_numbers)
    found = version.find_order(order) if order else version
    if order is None or found is version:
        return
    await versions.save(transaction, found)
    await versions.add_audit_entry(transaction, version.version_id, "order_found", at=now)
    if await queues.is_prepared(transaction, version.version_id):
        await _request(transaction, found, order, now=now)


async def _request(transaction: Transaction, version: Version, order: Order, *, now: datetime) -> None:
    await _tell_request(transaction, version, version.request(now), order, now=now)


async def _tell_request(
    transaction: Transaction, version: Version, requested: Version, order: Order, *, now: datetime
) -> None:
    if requested is version:
        return
    await versions.save(transaction, requested)
    await versions.add_audit_entry(transaction, version.version_id, "requested", at=now)
    await outbox.add(
        transaction, ApprovalRequested(**version_fields(version, order), preview=version.preview)
    )


async def _outdate(transaction: Transaction, version: Version, order: Order, *, now: datetime) -> None:
    outdated = version.outdate(order)
    if outdated is version:
        return
    await versions.save(transaction, outdated)
    details = {"changed": [[one.number, one.field, one.before, one.after] for one in outdated.changed]}
    await versions.add_audit_entry(transaction, version.version_id, "outdated", at=now, details=details)
    changed = tuple(str(change) for change in outdated.changed)
    await outbox.add(transaction, ApprovalOutdated(**version_fields(version, order), changed=changed))
