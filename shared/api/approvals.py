"""Bodies of the internal HTTP of approvals."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.events.sync import File, PrintDetails

VersionState = Literal[
    "waiting_for_order",
    "preparing",
    "pending",
    "approved",
    "approved_with_changes",
    "changes_requested",
    "superseded",
    "outdated",
]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True)


class Decision(_Body):
    """What was decided, by whom; `has_record` once the Freigabeprotokoll lies in the storage."""

    decision_id: UUID
    decision: Literal["approved", "approved_with_changes", "changes_requested"]
    decided_at: AwareDatetime
    person_name: str
    comment: str
    has_record: bool


class VersionRow(_Body):
    """One version of a sample, as lists and order pages show it. `document_id` is None while it waits."""

    version_id: UUID
    sample_id: UUID
    version: int
    title: str
    state: VersionState
    document_id: UUID | None
    order_number: str
    customer_number: str
    customer_name: str
    position_numbers: tuple[str, ...]
    file_name: str
    page_count: int
    assigned_at: AwareDatetime
    requested_at: AwareDatetime | None
    seen_at: AwareDatetime | None
    decision: Decision | None
    mail_state: Literal["", "queued", "sent", "failed"] = ""


class VersionRows(_Body):
    """GET /versions?document_id=… or ?state=pending (customer: his own only; clerks: all), newest first."""

    versions: tuple[VersionRow, ...]
    total: int


class PositionSummary(_Body):
    number: str
    text: str
    quantity: str


class PagePicture(_Body):
    """Width and height in pixels of the large picture, so that nothing jumps."""

    number: int
    width: int
    height: int


class Version(VersionRow):
    """GET /versions/{version_id}: everything the proof's page shows. For a person of the customer who
    may decide, `approval_text` is the exact text that will be agreed to."""

    file: File
    print_details: PrintDetails
    positions: tuple[PositionSummary, ...]
    pages: tuple[PagePicture, ...]
    other_versions: tuple[VersionRow, ...]
    approval_text: str
    approval_text_version: str


class MarkSeen(_Body):
    """POST /versions/{version_id}/seen: a logged-in person of the customer opened the page."""


class GrantApproval(_Body):
    """POST /versions/{version_id}/grant. With `with_changes` a comment is required.

    `version` is the number the person saw, `sha256` the file; 409 when it is no longer the newest.
    Answers with Version.
    """

    sha256: str
    with_changes: bool = False
    comment: str = ""
    network_address: str = ""


class RequestChanges(_Body):
    """POST /versions/{version_id}/request-changes: the comment is required. Answers with Version."""

    sha256: str
    comment: str
    network_address: str = ""


class StoredFile(_Body):
    """GET /versions/{version_id}/file, /record, /pages/{number}?width=large|thumb: where the bytes lie."""

    sha256: str
    name: str
    media_type: str
