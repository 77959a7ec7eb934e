"""What documents can do: take in what CDH tells, and show it to whom it concerns."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from services.documents.model import (
    Standing,
    StatusGroup,
    Wish,
    position_status,
    status_bar,
    usable_statuses,
)
from services.documents.repository import clerks as clerk_rows
from services.documents.repository import customers, lists
from services.documents.repository import documents as document_rows
from services.documents.repository import statuses as status_rows
from shared.api.base import StoredFile
from shared.api.documents import (
    ClerkCard,
    ClerkCards,
    Customer,
    CustomerRows,
    NumberedDocuments,
    StatusGroups,
)
from shared.database import Transaction
from shared.errors import NotFoundError
from shared.events import sync as told
from shared.events.sync import DocumentKind
from shared.revisions import newest
from shared.web import Identity

_COMPUTED_AT_ONCE = 500


class DocumentNotFoundError(NotFoundError):
    """There is no such document, or it is another customer's."""


class CustomerNotFoundError(NotFoundError):
    """CDH has told of no such customer."""


class ClerkNotFoundError(NotFoundError):
    """There is no such clerk, or he has none of the customer's documents."""


async def take_customers(transaction: Transaction, changed: Sequence[told.Customer]) -> None:
    await customers.save_customers(transaction, newest(changed, lambda customer: customer.customer_number))


async def take_clerks(transaction: Transaction, clerks: Sequence[told.Clerk]) -> None:
    await clerk_rows.save_clerks(transaction, newest(clerks, lambda clerk: clerk.clerk_code))


async def take_statuses(transaction: Transaction, event: told.StatusesChanged) -> None:
    """Save what is newer, remove what nothing uses, and compute the documents anew whose bar may change."""
    await status_rows.change_meaning_of_statuses(transaction)
    kinds = await status_rows.save_groups(transaction, newest(event.groups, lambda group: group.group_id))
    status_ids = await status_rows.save_statuses(
        transaction, newest(event.statuses, lambda status: status.status_id)
    )
    # The statuses first: a group is removed when it has none left.
    revision = event.removed_revision
    await status_rows.remove_statuses(transaction, event.removed_status_ids, revision=revision)
    kinds |= await status_rows.remove_groups(transaction, event.removed_group_ids, revision=revision)
    if kinds or status_ids:
        concerned = await status_rows.list_documents_with_status(
            transaction, kinds=kinds, status_ids=status_ids
        )
        await _compute_statuses(transaction, concerned)


async def take_documents(transaction: Transaction, documents: Sequence[told.Document]) -> None:
    """Save what is newer. An entry whose status is not known yet is kept and counts as soon as it is."""
    documents = newest(documents, lambda document: document.document_id)
    await status_rows.hold_meaning_of_statuses(transaction)
    await document_rows.hold_writers(transaction)
    await document_rows.remove_files_of_former_customers(transaction, documents)
    saved = await document_rows.save_documents(transaction, documents)
    await document_rows.save_parts(transaction, [one for one in documents if one.document_id in saved])
    await _compute_statuses(transaction, sorted(saved))


async def get_document(
    transaction: Transaction, who: Identity, document_id: UUID, *, today: dt.date
) -> bytes:
    """The JSON of Document; raises DocumentNotFoundError, for a stranger's as well."""
    if who.role == "customer":
        document = await document_rows.find_document_for_customer(
            transaction, who.customer_number, document_id, today=today
        )
    else:
        document = await document_rows.find_document(transaction, document_id, today=today)
    if document is None:
        raise DocumentNotFoundError("This document does not exist.")
    return document


async def list_documents(
    transaction: Transaction, who: Identity, wish: Wish, *, customer_number: str | None, today: dt.date
) -> bytes:
    """The JSON of DocumentRows. `customer_number` is a wish of the staff; a customer has his own."""
    if who.role == "customer":
        return await lists.list_documents_for_customer(transaction, who.customer_number, wish, today=today)
    return await lists.list_documents(transaction, wish, customer_number=customer_number, today=today)


async def get_file(transaction: Transaction, who: Identity, document_id: UUID, sha256: str) -> StoredFile:
    """A file of one document; raises DocumentNotFoundError, for a stranger's as well."""
    if who.role == "customer":
        file = await document_rows.find_file_for_customer(
            transaction, who.customer_number, document_id, sha256
        )
    else:
        file = await document_rows.find_file(transaction, document_id, sha256)
    if file is None:
        raise DocumentNotFoundError("This document has no such file.")
    return file


async def get_clerk(transaction: Transaction, who: Identity, clerk_code: str) -> ClerkCard:
    if who.role == "customer":
        clerk = await clerk_rows.find_clerk_for_customer(transaction, who.customer_number, clerk_code)
    else:
        clerk = await clerk_rows.find_clerk(transaction, clerk_code)
    if clerk is None:
        raise ClerkNotFoundError("This person does not exist.")
    return clerk


# What only the dealer's people ask


async def list_customers(
    transaction: Transaction, words: Sequence[str], *, limit: int, offset: int
) -> CustomerRows:
    rows, total = await customers.list_customers(transaction, words, limit=limit, offset=offset)
    return CustomerRows(rows=tuple(rows), total=total)


async def get_customer(transaction: Transaction, customer_number: str) -> Customer:
    customer = await customers.find_customer(transaction, customer_number)
    if customer is None:
        raise CustomerNotFoundError("This customer is not known.")
    return customer


async def list_by_number(transaction: Transaction, kind: DocumentKind, number: str) -> NumberedDocuments:
    return NumberedDocuments(documents=tuple(await document_rows.list_by_number(transaction, kind, number)))


async def list_clerks(transaction: Transaction) -> ClerkCards:
    return ClerkCards(clerks=tuple(await clerk_rows.list_clerks(transaction)))


async def list_status_groups(transaction: Transaction, *, counted: bool) -> StatusGroups:
    return StatusGroups(groups=tuple(await status_rows.list_status_groups(transaction, counted=counted)))


async def _compute_statuses(transaction: Transaction, document_ids: Sequence[UUID]) -> None:
    """Bring the stored bars and position statuses up to date with the histories."""
    groups = await status_rows.list_groups(transaction)
    statuses = await status_rows.list_statuses(transaction)
    usable = {kind: usable_statuses(kind, groups, statuses) for kind in DocumentKind}
    for start in range(0, len(document_ids), _COMPUTED_AT_ONCE):
        histories = await status_rows.list_histories(
            transaction, document_ids[start : start + _COMPUTED_AT_ONCE]
        )
        computed = [
            status_rows.Computed(
                document_id=history.document_id,
                bar=status_bar(
                    history.kind, groups, usable[history.kind], history.positions, history.entries
                ),
                positions={
                    key: _position_state(position_status(key, usable[history.kind], history.entries), groups)
                    for key in history.positions
                },
            )
            for history in histories
        ]
        await status_rows.save_computed(transaction, computed)


def _position_state(
    standing: Standing | None, groups: Mapping[str, StatusGroup]
) -> status_rows.PositionState:
    if standing is None:
        return status_rows.PositionState()
    negative = groups[standing.status.group_id].negative
    return status_rows.PositionState(standing.status.name, standing.since, negative)
