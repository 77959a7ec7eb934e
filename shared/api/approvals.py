"""Bodies of the internal HTTP of approvals."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from shared.api.base import Body
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


Queue = Literal["clerk", "order", "customer", "done"]
"""For whom or what a version waits: the clerk has to act, its order is missing, the customer has to decide,
or it is approved. An approval with changes waits for the clerk until he confirms them."""


class Decision(Body):
    """What was decided, by whom; `has_record` once the Freigabeprotokoll lies in the storage.

    `confirmed_at` and `confirmed_by`: when which clerk confirmed the changes of an approval with changes.
    """

    decision_id: UUID
    decision: Literal["approved", "approved_with_changes", "changes_requested"]
    decided_at: AwareDatetime
    person_name: str
    comment: str
    has_record: bool
    confirmed_at: AwareDatetime | None = None
    confirmed_by: str = ""


class VersionRow(Body):
    """One version of a sample, as lists and order pages show it.

    `document_id` is None and the customer empty while it waits for its order. `page_count` is how many
    pages the file has; 0 until it was rendered, and for what can only be downloaded. Of one that waits
    for its order (alone, and in the queue "order") `waits_for` says what is missing: the order, the
    `missing_positions` of it, or which of several customers with an order of this number is meant. The
    dealer's people are told the `mail_reason` of a request that failed, as mailer tells it.
    """

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
    mail_state: Literal["", "queued", "draft", "sent", "failed"] = ""
    mail_reason: str = ""
    waits_for: Literal["", "order", "positions", "customer"] = ""
    missing_positions: tuple[str, ...] = ()


class VersionRows(Body):
    """GET /versions?document_id=…&state=…&q=…&queue=…&clerk_code=…&size=…&page=…, each optional.

    The newest first. A customer gets his own, and of those only what he was asked about; clerks and operators
    get all. `total` counts those of all pages. `q` are words that all stand
    in the order number, the title or the file name. `queue` and `clerk_code` (who assigned it, or has the
    order) are for the dealer's people.
    """

    versions: tuple[VersionRow, ...]
    total: int


class PositionSummary(Body):
    """`quantity` with its unit, in the reader's language; `details` are article number, colour, size,
    finishing and description, as far as there are any."""

    number: str
    text: str
    quantity: str
    details: tuple[str, ...] = ()


class PagePicture(Body):
    """Width and height in pixels of the large picture, so that nothing jumps."""

    number: int
    width: int
    height: int


class PositionChange(Body):
    """What made an approval outdated.

    `field` is article_number, text, description, quantity, unit, colour, size, finishing, or "removed" for a
    position that is gone; or "customer" with an empty `number` when the order moved to another one, whose
    numbers (`before` and `after`) only the dealer's people are told.
    """

    number: str
    field: str
    before: str
    after: str


class Version(VersionRow):
    """GET /versions/{version_id}: everything the proof's page shows.

    For a person who may decide now (`may_decide`), `approval_text` is the exact text that he will agree to,
    and `positions_sha256` stands for what he is shown of the positions; after a decision the text is the one
    that was agreed to (none for changes_requested), and `positions` are those that were decided on.
    `with_changes_text` is what he agrees to who approves with changes. `pages` may be fewer than
    `page_count`: only the first get a picture. `changed` says why an approval is outdated. Its /file, /record
    and /pages/{number}?width=large|thumb are a StoredFile; the picture of a page is WebP, 404 stands for a
    record that is not made yet and a page without a picture.
    """

    file: File
    print_details: PrintDetails
    positions: tuple[PositionSummary, ...]
    positions_sha256: str = ""
    pages: tuple[PagePicture, ...]
    other_versions: tuple[VersionRow, ...]
    approval_text: str
    approval_text_version: str
    may_decide: bool = False
    may_approve_with_changes: bool = False
    with_changes_text: str = ""
    with_changes_text_version: str = ""
    changed: tuple[PositionChange, ...] = ()


class GrantApproval(Body):
    """POST /versions/{version_id}/grant. With `with_changes` a comment is required.

    A comment has 4000 characters at most. `sha256` is the file that the person saw, `positions_sha256` the
    positions (empty: whatever they are) and `approval_text_version` the text (empty: today's text of his
    language), which may be an older one. 409 when file or positions are others by now, when the text is none
    of this kind of approval, when there is a newer version, or when somebody decided otherwise before. The
    same decision again changes nothing. Answers with Version.
    """

    sha256: str
    with_changes: bool = False
    comment: str = ""
    network_address: str = ""
    positions_sha256: str = ""
    approval_text_version: str = ""


class RequestChanges(Body):
    """POST /versions/{version_id}/request-changes: the comment is required.

    Answers with Version, or 409 as the grant does.
    """

    sha256: str
    comment: str
    network_address: str = ""
    positions_sha256: str = ""
