"""Bodies of sync's HTTP: CDH's door and its keys."""

from typing import Literal

from pydantic import AwareDatetime

from shared.api.base import Body

FolderFault = Literal[
    "root_missing", "not_writable", "disk_full", "link_in_path", "no_answer", "source_missing", "other"
]


class CreateApiKey(Body):
    """POST /api-keys, by an operator or the system."""

    name: str


class ApiKey(Body):
    """`api_key` is shown once; only its hash is kept."""

    name: str
    api_key: str


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
