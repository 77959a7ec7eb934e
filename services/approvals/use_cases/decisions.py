"""A person of the customer looks at a version and decides; a clerk confirms the changes he asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from services.approvals.approval_text import shown_text
from services.approvals.model.orders import Order
from services.approvals.model.versions import (
    Confirmation,
    Decision,
    Person,
    Version,
    clean_comment,
    clean_text,
    may_decide,
    may_see,
)
from services.approvals.repository import orders, versions
from services.approvals.use_cases.events import decided_fields, order_of, person_fields
from shared.database import Transaction
from shared.errors import InvalidError, NotFoundError
from shared.events.approvals import ApprovalGranted, ChangesConfirmed, ChangesRequested
from shared.events.approvals import Decision as DecisionKind
from shared.messaging import outbox
from shared.web import Identity

_DECISIONS = uuid5(NAMESPACE_OID, "partner-cockpit/decisions")


@dataclass(frozen=True, slots=True)
class Given:
    """What a person sent: the decision, the file, the positions and the text that he saw, and where from."""

    kind: DecisionKind
    sha256: str
    comment: str
    positions_sha256: str = ""
    approval_text_version: str = ""
    network_address: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator has set."""

    with_changes_allowed: bool
    network_address_retention: timedelta


async def mark_seen(transaction: Transaction, who: Identity, version_id: UUID, *, now: datetime) -> None:
    """A person of the customer opened the page; a clerk who looks at it is not the customer."""
    version = await _get_for(transaction, who, version_id)
    may_see(role=who.role, viewed_by=who.viewed_by)
    seen = version.see(now)
    if seen is not version:
        await versions.save(transaction, seen)
    await versions.add_audit_entry(
        transaction, version_id, "seen", at=now, account_id=who.account_id, author=who.name
    )


async def grant_approval(
    transaction: Transaction, who: Identity, version_id: UUID, given: Given, *, rules: Rules, now: datetime
) -> None:
    """Approve the version, or approve it with the changes that the comment names."""
    if given.kind == "approved_with_changes" and not rules.with_changes_allowed:
        raise InvalidError("Approving with changes is not possible here. Please request the changes instead.")
    await _decide(transaction, who, version_id, given, rules=rules, now=now)


async def request_changes(
    transaction: Transaction, who: Identity, version_id: UUID, given: Given, *, rules: Rules, now: datetime
) -> None:
    """Ask for a correction; a new version follows."""
    await _decide(transaction, who, version_id, given, rules=rules, now=now)


async def confirm_changes(
    transaction: Transaction, who: Identity, version_id: UUID, *, now: datetime
) -> None:
    """A clerk confirms that the changes of an approval with changes are made. Again changes nothing."""
    version = await _get_for(transaction, who, version_id)
    order = await order_of(transaction, version)
    confirmation = Confirmation(
        confirmed_at=now,
        clerk_code=who.clerk_code,
        clerk_name=clean_text(who.name),
        positions=order.covered_by(version.position_numbers),
    )
    confirmed = version.confirm(confirmation)
    if confirmed is version or confirmed.decision is None:
        return
    await versions.add_confirmation(transaction, confirmed.decision, confirmation)
    await outbox.add(
        transaction,
        ChangesConfirmed(
            **decided_fields(confirmed, order, confirmed.decision),
            confirmed_at=now,
            clerk_code=confirmation.clerk_code,
            clerk_name=confirmation.clerk_name,
        ),
    )


async def _decide(
    transaction: Transaction, who: Identity, version_id: UUID, given: Given, *, rules: Rules, now: datetime
) -> None:
    version = await _get_for(transaction, who, version_id)
    may_decide(role=who.role, may_approve=who.may_approve, viewed_by=who.viewed_by)
    order = await order_of(transaction, version)
    company = await orders.find_customer_name(transaction, who.customer_number)
    decision = _new_decision(who, version, order, given, company=company or who.customer_number, now=now)
    decided = version.decide(decision, sha256=given.sha256, positions_sha256=given.positions_sha256)
    if decided is version:
        return
    await versions.save(transaction, decided)
    await versions.add_decision(transaction, decided, decision)
    if given.network_address:
        await versions.add_network_address(
            transaction, decision, given.network_address, retention=rules.network_address_retention
        )
    await versions.add_audit_entry(
        transaction,
        version_id,
        "decided",
        at=now,
        account_id=decision.person.account_id,
        author=decision.person.name,
        details={"decision": given.kind},
    )
    fields = decided_fields(version, order, decision) | person_fields(decision)
    if given.kind == "changes_requested":
        await outbox.add(transaction, ChangesRequested(**fields))
    else:
        with_changes = given.kind == "approved_with_changes"
        await outbox.add(transaction, ApprovalGranted(**fields, with_changes=with_changes))


def _new_decision(
    who: Identity, version: Version, order: Order, given: Given, *, company: str, now: datetime
) -> Decision:
    if who.account_id is None:
        raise InvalidError("A decision needs a person.")
    with_changes = given.kind == "approved_with_changes"
    text = (
        None
        if given.kind == "changes_requested"
        else shown_text(given.approval_text_version, who.locale, with_changes=with_changes)
    )
    return Decision(
        decision_id=uuid5(_DECISIONS, str(version.version_id)),
        decision=given.kind,
        decided_at=now,
        person=Person(
            account_id=who.account_id,
            name=clean_text(who.name),
            email=clean_text(who.email),
            company=clean_text(company),
            customer_number=who.customer_number,
            locale=who.locale,
        ),
        comment=clean_comment(given.comment),
        approval_text=text.text if text else "",
        approval_text_version=text.version if text else "",
        positions=order.covered_by(version.position_numbers),
    )


async def _get_for(transaction: Transaction, who: Identity, version_id: UUID) -> Version:
    """The version for who is asking, locked; a stranger's is not found."""
    if who.role == "customer":
        version = await versions.find_for_customer(transaction, who.customer_number, version_id)
    else:
        version = await versions.find(transaction, version_id)
    if version is None:
        raise NotFoundError("There is no such proof.")
    return version
