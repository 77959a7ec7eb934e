"""Reading versions: a customer's own, or all of them for the dealer's people."""

from collections import defaultdict
from dataclasses import replace
from uuid import UUID

from services.approvals.approval_text import current_text
from services.approvals.model.orders import Change, Position, fingerprint, why_it_waits
from services.approvals.model.versions import Wish
from services.approvals.repository import orders, queues, views
from services.approvals.repository import versions as version_rows
from services.approvals.repository.views import VersionDetails
from shared.api import approvals as api
from shared.api.base import StoredFile
from shared.database import Transaction
from shared.errors import NotFoundError
from shared.i18n import formats
from shared.web import Identity


async def list_versions(transaction: Transaction, who: Identity, wish: Wish) -> api.VersionRows:
    """The newest first; of those that wait for their order, what is missing; of failed mails, why."""
    if who.role == "customer":
        rows, total = await views.list_rows_for_customer(transaction, who.customer_number, wish)
    else:
        rows, total = await views.list_rows(transaction, wish)
        rows = await _with_mail_reasons(transaction, rows)
    if wish.queue == "order":
        rows = await _with_what_is_missing(transaction, rows)
    return api.VersionRows(versions=tuple(rows), total=total)


async def _with_mail_reasons(transaction: Transaction, rows: list[api.VersionRow]) -> list[api.VersionRow]:
    """For the dealer's people."""
    failed = [row.version_id for row in rows if row.mail_state == "failed"]
    reasons = await version_rows.list_mail_reasons(transaction, failed) if failed else {}
    return [
        row.model_copy(update={"mail_reason": reasons[row.version_id]}) if row.version_id in reasons else row
        for row in rows
    ]


async def _details_of_waiting(transaction: Transaction, row: api.VersionRow) -> api.VersionRow:
    return (await _with_what_is_missing(transaction, [row]))[0] if row.state == "waiting_for_order" else row


async def _with_what_is_missing(transaction: Transaction, rows: list[api.VersionRow]) -> list[api.VersionRow]:
    candidates = defaultdict(list)
    for order in await orders.list_orders_by_numbers(transaction, {row.order_number for row in rows}):
        candidates[order.number].append(order)
    named = await version_rows.list_named_orders(transaction, [row.version_id for row in rows])
    told = []
    for row in rows:
        meant = [
            order
            for order in candidates[row.order_number]
            if row.version_id not in named or order.document_id == named[row.version_id]
        ]
        wait = why_it_waits(meant, row.position_numbers)
        told.append(row.model_copy(update={"waits_for": wait.reason, "missing_positions": wait.missing}))
    return told


async def get_version(
    transaction: Transaction, who: Identity, version_id: UUID, *, with_changes_allowed: bool, time_zone: str
) -> api.Version:
    details = await _get_details(transaction, who, version_id)
    row = await _details_of_waiting(transaction, details.row)
    if who.role == "customer":
        others = await views.list_others_for_customer(transaction, who.customer_number, row)
    else:
        others = await views.list_others(transaction, row)
        [row] = await _with_mail_reasons(transaction, [row])
    text, text_version = details.approval_text, details.approval_text_version
    is_asked = who.role == "customer" and who.may_approve and not who.viewed_by
    may_decide = is_asked and details.row.state == "pending"
    may_approve_with_changes = may_decide and with_changes_allowed
    if may_decide:
        current = current_text(who.locale)
        text, text_version = current.text, current.version
    with_changes = current_text(who.locale, with_changes=True) if may_approve_with_changes else None
    return api.Version(
        **dict(row),
        file=details.file,
        print_details=details.print_details,
        positions=tuple(_summary(one, locale=who.locale, time_zone=time_zone) for one in details.positions),
        pages=tuple(
            api.PagePicture(number=page.number, width=page.width, height=page.height)
            for page in await queues.list_pages(transaction, version_id)
        ),
        other_versions=tuple(others),
        positions_sha256=fingerprint(details.positions) if may_decide else "",
        approval_text=text,
        approval_text_version=text_version,
        may_decide=may_decide,
        may_approve_with_changes=may_approve_with_changes,
        with_changes_text=with_changes.text if with_changes else "",
        with_changes_text_version=with_changes.version if with_changes else "",
        changed=_changed(details, who),
    )


async def get_file(transaction: Transaction, who: Identity, version_id: UUID) -> StoredFile:
    file = (await _get_details(transaction, who, version_id)).file
    return StoredFile(sha256=file.sha256, name=file.name, media_type=file.media_type)


async def get_record(transaction: Transaction, who: Identity, version_id: UUID) -> StoredFile:
    """The Freigabeprotokoll, once it is made."""
    details = await _get_details(transaction, who, version_id)
    if not details.record_sha256:
        raise NotFoundError("There is no record of a decision on this proof yet.")
    return StoredFile(sha256=details.record_sha256, name=details.record_name, media_type="application/pdf")


async def get_page(
    transaction: Transaction, who: Identity, version_id: UUID, *, number: int, thumb: bool
) -> StoredFile:
    if who.role == "customer":
        page = await views.find_page_for_customer(transaction, who.customer_number, version_id, number)
    else:
        page = await views.find_page(transaction, version_id, number)
    if page is None:
        raise NotFoundError("There is no picture of this page.")
    sha256 = page.thumb_sha256 if thumb else page.large_sha256
    return StoredFile(sha256=sha256, name=f"{number}.webp", media_type="image/webp")


async def _get_details(transaction: Transaction, who: Identity, version_id: UUID) -> VersionDetails:
    """A stranger's version is not found."""
    if who.role == "customer":
        details = await views.find_details_for_customer(transaction, who.customer_number, version_id)
    else:
        details = await views.find_details(transaction, version_id)
    if details is None:
        raise NotFoundError("There is no such proof.")
    return details


def _summary(position: Position, *, locale: str, time_zone: str) -> api.PositionSummary:
    quantity = f"{formats(locale, time_zone).number(position.quantity)} {position.unit}".rstrip()
    details = (
        position.article_number,
        position.colour,
        position.size,
        position.finishing,
        position.description,
    )
    return api.PositionSummary(
        number=position.number, text=position.text, quantity=quantity, details=tuple(filter(None, details))
    )


def _changed(details: VersionDetails, who: Identity) -> tuple[api.PositionChange, ...]:
    """What another customer approved, and the number of another customer, is not for a customer."""
    if who.role != "customer":
        return tuple(map(_change, details.changed))
    if details.row.decision is None:
        return ()
    return tuple(
        _change(replace(change, before="", after="") if change.field == "customer" else change)
        for change in details.changed
    )


def _change(change: Change) -> api.PositionChange:
    return api.PositionChange(
        number=change.number, field=change.field, before=change.before, after=change.after
    )
