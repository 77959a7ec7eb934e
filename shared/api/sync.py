"""Bodies of sync's HTTP: CDH's door and its keys."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from shared.api.base import Body
from shared.events.sync import DocumentKind, PrintDetails

FolderFault = Literal[
    "root_missing", "not_writable", "disk_full", "link_in_path", "no_answer", "source_missing", "other"
]


class CreateApiKey(Body):
    """POST /api-keys, by an operator or the system: ApiKey; 409 while a good key has this name."""

    name: str


class ApiKey(Body):
    """`api_key` is shown once; only its hash is kept."""

    name: str
    api_key: str


class ApiKeyRow(Body):
    """`last_used_at` is noted once in five minutes."""

    api_key_id: int
    name: str
    created_by: str
    created_at: AwareDatetime
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class ApiKeyRows(Body):
    """GET /api-keys, by an operator: those that are good first, then the newest."""

    rows: tuple[ApiKeyRow, ...]


class Fault(Body):
    """`place` is a JSON pointer into the event."""

    place: str
    reason: str


class EventResult(Body):
    source: str
    id: str
    status: Literal["accepted", "refused"]
    errors: tuple[Fault, ...] = ()


class EventResults(Body):
    """The answer of POST /cdh/v1/events, in the order of the batch."""

    results: tuple[EventResult, ...]


class StoredUpload(Body):
    """The answer of PUT /cdh/v1/files/{sha256}. `size` in bytes."""

    sha256: str
    media_type: str
    size: int


class SampleFile(Body):
    """A file that was brought by POST /uploads (its bytes as the body; answers with StoredUpload)."""

    sha256: str
    name: str
    title: str = ""


class AssignSamples(Body):
    """POST /samples, by a clerk or an operator: what `cdh.sample.assigned` says, for several files.

    Sent again with the same `form_key` it has the same answer and no second effect. `clerk_code` is for
    people without a short code of their own. With `sample_id` the files are new versions of that sample,
    even with the newest version's bytes: the order changed, the file did not.
    """

    form_key: UUID
    order_number: str
    document_id: UUID
    position_numbers: tuple[str, ...] = ()
    print_details: PrintDetails = PrintDetails()
    clerk_code: str = ""
    sample_id: UUID | None = None
    files: tuple[SampleFile, ...]


class AssignedSample(Body):
    """`errors` is empty for a file that was assigned; else its reasons in the person's language."""

    name: str
    errors: tuple[Fault, ...] = ()


class AssignedSamples(Body):
    """The answer, in the order of the files."""

    samples: tuple[AssignedSample, ...]


class GroupChange(Body):
    """A status group as it shall be; `step` is its place among those of its kind, from 0 to 999."""

    group_id: str
    kind: DocumentKind
    name: str
    step: int
    negative: bool


class StatusChange(Body):
    status_id: str
    group_id: str
    name: str
    workflow: bool


class ChangeStatuses(Body):
    """POST /statuses, by an operator: 204. All of it or, with 422 and what is wrong by field, nothing.

    It is told like what CDH tells. What a document still uses stays, although it was removed here.
    """

    groups: tuple[GroupChange, ...] = ()
    statuses: tuple[StatusChange, ...] = ()
    removed_group_ids: tuple[str, ...] = ()
    removed_status_ids: tuple[str, ...] = ()


class OrderFolder(Body):
    """GET /order-folder, for operators. `root` is the folder as sync sees it, `example` a path below it.

    `is_own`: an operator has set the pattern; else it is the one of the environment.
    """

    root: str
    pattern: str
    is_own: bool
    example: str


class ChangeOrderFolder(Body):
    """POST /order-folder, by an operator: 204. The environment's pattern, or none, is its pattern again.

    422 with fields {"pattern": "placeholders" or "folders"}: what is wrong with it. Files that were written
    stay where they are.
    """

    pattern: str


class FolderExample(Body):
    """GET /order-folder/example?pattern=…: a path below the root; 422 as above."""

    example: str


class FolderProbe(Body):
    """The answer; `fault` is None where all went well."""

    fault: FolderFault | None


class FailingFile(Body):
    """A file that could not be written into its order's folder yet; it is tried again by itself."""

    order_number: str
    name: str
    fault: FolderFault
    attempts: int
    added_at: AwareDatetime
    next_attempt_at: AwareDatetime


class FailingFiles(Body):
    """GET /order-folder/failing, for clerks and operators: the oldest first."""

    files: tuple[FailingFile, ...]
