"""What became of the proofs, told by approvals."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import Event
from shared.events.sync import File

Decision = Literal["approved", "approved_with_changes", "changes_requested"]


class _VersionEvent(Event):
    """What every event about one version of a sample says. `clerk_codes`: who assigned, who has the order."""

    sample_id: UUID
    version_id: UUID
    version: int
    title: str
    document_id: UUID
    order_number: str
    customer_number: str
    contact_id: str
    clerk_codes: tuple[str, ...]
    position_numbers: tuple[str, ...]
    file_name: str


class ApprovalRequested(_VersionEvent):
    """A proof can be seen and waits for the customer. `preview` is a small picture of its first page."""

    preview: File | None = None


class _Decided(_VersionEvent):
    """`account_id` is whose decision it is; name and address are those of that moment."""

    account_id: UUID | None = None
    decision_id: UUID
    decided_at: AwareDatetime
    person_name: str
    person_email: str
    comment: str


class ApprovalGranted(_Decided):
    """The customer approved; `with_changes` never counts as a clean approval."""

    with_changes: bool = False


class ChangesRequested(_Decided):
    """The customer wants a correction; a new version follows."""


class ChangesConfirmed(_VersionEvent):
    """A clerk confirmed the changes of an approval with changes. `clerk_code` is empty for an operator.

    `account_id` is who approved with changes.
    """

    account_id: UUID | None = None
    decision_id: UUID
    confirmed_at: AwareDatetime
    clerk_code: str = ""
    clerk_name: str


class ApprovalRecorded(_Decided):
    """The Freigabeprotokoll of a decision exists. `record.name` is its name in the order folder."""

    decision: Decision
    record: File


class ApprovalOutdated(_VersionEvent):
    """The position changed after the approval, which therefore holds no longer."""

    changed: tuple[str, ...]


class SampleSuperseded(_VersionEvent):
    """A newer version took this one's place before or after its decision."""
