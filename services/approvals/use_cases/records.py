"""Each decision gets its Freigabeprotokoll."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.approvals.model.versions import Dealer, Decision, Version
from services.approvals.repository import branding, queues, versions
from services.approvals.use_cases.events import decided_fields, order_of, person_fields
from shared.database import Transaction
from shared.errors import NotFoundError
from shared.events.approvals import ApprovalRecorded
from shared.events.gateway import BrandingChanged
from shared.events.sync import File
from shared.messaging import outbox


async def queue_record(transaction: Transaction, decision_id: UUID) -> None:
    """The decision's Freigabeprotokoll is to be made; once, however often this is heard."""
    await queues.add_record(transaction, decision_id)


async def get_decided_version(transaction: Transaction, decision_id: UUID) -> tuple[Version, Decision]:
    version_id = await versions.find_version_id_of_decision(transaction, decision_id)
    version = await versions.find(transaction, version_id) if version_id else None
    if version is None or version.decision is None:
        raise NotFoundError("There is no such decision.")
    return version, version.decision


async def remember_branding(transaction: Transaction, told: BrandingChanged) -> None:
    await branding.save_branding(transaction, told)


async def get_dealer(transaction: Transaction, *, default_name: str) -> Dealer:
    """As an operator set him, else as in the settings."""
    dealer = await branding.find_dealer(transaction)
    return replace(dealer, name=dealer.name or default_name)


async def finish_record(transaction: Transaction, decision_id: UUID, record: File, *, now: datetime) -> None:
    """The Freigabeprotokoll lies in the storage."""
    version, decision = await get_decided_version(transaction, decision_id)
    if not await queues.finish_record(transaction, decision_id, record, now=now):
        return  # another copy was quicker
    order = await order_of(transaction, version)
    await versions.add_audit_entry(
        transaction,
        version.version_id,
        "recorded",
        at=now,
        details={"sha256": record.sha256, "name": record.name},
    )
    await outbox.add(
        transaction,
        ApprovalRecorded(
            **decided_fields(version, order, decision),
            **person_fields(decision),
            decision=decision.decision,
            record=record,
        ),
    )
