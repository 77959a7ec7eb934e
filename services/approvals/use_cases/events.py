"""What every event of approvals says about its version and its decision."""

from typing import Any

from services.approvals.model.orders import Order
from services.approvals.model.versions import Decision, Version
from services.approvals.repository import orders
from shared.database import Transaction
from shared.errors import NotFoundError


async def order_of(transaction: Transaction, version: Version) -> Order:
    if version.document_id is None:
        raise NotFoundError("The order of this proof is not known.")
    return await orders.get_order(transaction, version.document_id)


def version_fields(version: Version, order: Order) -> dict[str, Any]:
    """What every event about a version says."""
    clerk_codes = dict.fromkeys(code for code in (version.clerk_code, order.clerk_code) if code)
    return {
        "sample_id": version.sample_id,
        "version_id": version.version_id,
        "version": version.version,
        "title": version.title,
        "document_id": order.document_id,
        "order_number": version.order_number,
        "customer_number": order.customer_number,
        "contact_id": order.contact_id,
        "clerk_codes": tuple(clerk_codes),
        "position_numbers": version.position_numbers,
        "file_name": version.file.name,
    }


def decided_fields(version: Version, order: Order, decision: Decision) -> dict[str, Any]:
    """What every event about a decision says. It belongs to the customer who decided, whose order it was."""
    of_customer = {"customer_number": decision.person.customer_number}
    if order.customer_number != decision.person.customer_number:
        of_customer["contact_id"] = ""
    decided = {"decision_id": decision.decision_id, "account_id": decision.person.account_id}
    return version_fields(version, order) | of_customer | decided


def person_fields(decision: Decision) -> dict[str, Any]:
    """Who decided, when and in which words."""
    return {
        "decided_at": decision.decided_at,
        "person_name": decision.person.name,
        "person_email": decision.person.email,
        "comment": decision.comment,
    }
