"""What the staff did: an entry of the log, how it ended, and what is looked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID


@dataclass(frozen=True)
class AuditEntry:
    """Somebody of the staff is about to do something. `path_values` are the parts of the address."""

    entered_at: datetime
    account_id: UUID | None
    person_name: str
    role: str
    route_name: str
    path_values: Mapping[str, str]
    correlation_id: str


@dataclass(frozen=True)
class LoggedAction(AuditEntry):
    """The same with how it ended; `status` is None as long as that is not known."""

    status: int | None
    note: str


Outcome = Literal["done", "refused", "failed", "unknown"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def outcome_of(status: int | None) -> Outcome:
    """A status below 400 is done, one from 500 on failed; none was cut before its end was written."""
    if status is None:
        return "unknown"
    return "done" if status < 400 else "refused" if status < 500 else "failed"


@dataclass(frozen=True)
class LogSearch:
    """What is looked for in the log. `route_names` are those whose sentence has the words."""

    words: str = ""
    route_names: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None
    outcome: Outcome | None = None
