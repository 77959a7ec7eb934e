"""The demo's data as the CloudEvents that CDH would send. Ids are fixed: sent again they change nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from deploy.demo.data import DemoData
from deploy.demo.proofs import DrawnFile, print_details
from deploy.demo.stories import ProofPlan
from shared.events import Record, sync
from shared.events.sync import BATCH

SOURCE = "/cdh/demo"
CloudEvent = dict[str, Any]


def master_events(
    data: DemoData, pictures: Mapping[str, str], papers: Mapping[UUID, tuple[str, str]]
) -> Iterator[CloudEvent]:
    """Statuses, clerks, customers and documents.

    `pictures`: short code to the SHA-256 of the picture; `papers`: document to SHA-256 and name of its file.
    """
    for group in data.groups:
        yield _event("cdh.status_group.changed", f"status-group/{group.group_id}", _fields(group))
    for status in data.statuses:
        yield _event("cdh.status.changed", f"status/{status.status_id}", _fields(status))
    for clerk in data.clerks:
        fields = _fields(clerk)
        fields["picture"] = {"sha256": pictures[clerk.clerk_code], "name": f"{clerk.clerk_code}.png"}
        yield _event("cdh.clerk.changed", f"clerk/{clerk.clerk_code}", fields)
    for customer in data.customers:
        yield _event("cdh.customer.changed", f"customer/{customer.customer_number}", _fields(customer))
    keys = {document.document_id: _key(document) for document in data.documents}
    for document in data.documents:
        fields = _fields(document)
        del fields["document_id"]
        fields["related"] = [keys[other] for other in document.related]
        for position in fields["positions"]:
            del position["position_id"]
        if document.document_id in papers:
            sha256, name = papers[document.document_id]
            fields["files"] = [{"sha256": sha256, "name": name}]
        key = "/".join(part for part in keys[document.document_id].values() if part)
        yield _event("cdh.document.changed", f"document/{key}", fields)


def sample_event(plan: ProofPlan, file: DrawnFile, sha256: str) -> CloudEvent:
    """A clerk pressed "Freigabemuster zuordnen"."""
    return _event(
        "cdh.sample.assigned",
        f"sample/{plan.order_number}/{plan.position_number}/{plan.title}/{plan.version}",
        {
            "order_number": plan.order_number,
            "position_numbers": [plan.position_number],
            "title": plan.title,
            "file": {"sha256": sha256, "name": file.name},
            "print_details": print_details(plan).model_dump(mode="json"),
            "clerk_code": plan.clerk_code,
            "assigned_at": plan.assigned_at.isoformat(),
        },
    )


def batches(events: Sequence[CloudEvent]) -> Iterator[Sequence[CloudEvent]]:
    for start in range(0, len(events), BATCH):
        yield events[start : start + BATCH]


def _event(kind: str, event_id: str, fields: dict[str, Any]) -> CloudEvent:
    return {
        "specversion": "1.0",
        "type": kind,
        "source": SOURCE,
        "id": event_id,
        "datacontenttype": "application/json",
        "data": fields,
    }


def _fields(record: Record) -> dict[str, Any]:
    fields: dict[str, Any] = record.model_dump(mode="json", exclude={"revision"}, exclude_defaults=True)
    return fields


def _key(document: sync.Document) -> dict[str, str]:
    return {"kind": document.kind.value, "number": document.number, "external_id": document.external_id}
