"""What CDH tells during a story, and what it told for the demo."""

from typing import Any
from uuid import UUID

import aiohttp

from deploy.demo.company import CLERKS, DEMO_CUSTOMER
from deploy.demo.data import DemoData, build
from deploy.demo.outcome import Outcome
from shared.api.documents import NumberedDocuments
from shared.events.sync import Document, DocumentKind
from shared.web import Identity
from tests.support import eventually
from tests.support.cockpit import Cockpit, cloud_event

CLERK = Identity(role="clerk", name=CLERKS[0].name, clerk_code=CLERKS[0].clerk_code)


def told_for_the_demo(cockpit: Cockpit) -> DemoData:
    """All that the demo brought in, of the day on which it did."""
    [loaded] = cockpit.stack.folder.glob("demo-*.json")
    return build(Outcome.model_validate_json(loaded.read_bytes()).as_of)


def documents_of_the_demo(cockpit: Cockpit, kind: DocumentKind) -> list[Document]:
    """Those of its customer, the oldest first."""
    documents = told_for_the_demo(cockpit).documents
    return [
        one for one in documents if one.customer_number == DEMO_CUSTOMER.customer_number and one.kind is kind
    ]


async def tell_document(cockpit: Cockpit, kind: str, number: str, **more: Any) -> UUID:
    """A document of the demo's customer and his clerk; returns its id once it is shown."""
    document = {
        "kind": kind,
        "number": number,
        "customer_number": DEMO_CUSTOMER.customer_number,
        "contact_id": DEMO_CUSTOMER.contacts[0].contact_id,
        "clerk_code": CLERK.clerk_code,
        "document_date": "2026-11-20",
        "subject": "Nachbestellung",
        **more,
    }
    await cockpit.tell(cloud_event("cdh.document.changed", document))
    async with aiohttp.ClientSession() as session:
        documents = cockpit.client(session, "documents")

        async def find() -> UUID | None:
            found = await documents.get(f"/numbers/{kind}/{number}", NumberedDocuments, who=CLERK)
            return found.documents[0].document_id if found.documents else None

        await eventually(find)
        document_id = await find()
    assert document_id is not None
    return document_id


def position(number: str, **more: str) -> dict[str, str]:
    return {"position_key": number, "number": number, "text": f"T-Shirt {number}", "quantity": "10", **more}


def entry(status_id: str, entered_at: str, *position_keys: str) -> dict[str, Any]:
    """A status that was entered; without positions it holds for the whole document."""
    return {
        "entry_id": f"{status_id}/{'/'.join(position_keys)}",
        "status_id": status_id,
        "entered_at": entered_at,
        "position_keys": list(position_keys),
    }
