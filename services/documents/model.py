"""What statuses amount to: the status of a position and the status bar of a document; and what a list may be
asked for.

Pure. A status entry is added, never overwritten; it holds for the whole document or for some positions.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.api.documents import DocumentSort, StatusBar, StatusStep
from shared.errors import InvalidError
from shared.events.sync import DocumentKind


class StatusWithoutGroupError(InvalidError):
    """A status belongs to exactly one status group."""


@dataclass(frozen=True)
class StatusGroup:
    """One step of the bar of one kind of document; `negative` is an alternative end, not a step."""

    group_id: str
    kind: DocumentKind
    name: str
    step: int
    negative: bool = False


@dataclass(frozen=True)
class Status:
    """`workflow` statuses have priority over normal ones, however old they are."""

    status_id: str
    group_id: str
    name: str
    workflow: bool = False

    def __post_init__(self) -> None:
        if not self.group_id:
            raise StatusWithoutGroupError(f"The status {self.status_id!r} belongs to no status group.")


@dataclass(frozen=True)
class StatusEntry:
    """Empty `position_keys`: it holds for the whole document."""

    status_id: str
    entered_at: dt.datetime
    position_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """The status that counts, and since when."""

    status: Status
    since: dt.datetime


def position_status(
    position_key: str,
    statuses: Mapping[str, Status],
    entries: Sequence[StatusEntry],
) -> Standing | None:
    """The last entry that applies to the position, workflow statuses first; of equal times the later row.

    Entries whose status is not known (yet) do not count.
    """
    return _latest(
        statuses,
        [entry for entry in entries if not entry.position_keys or position_key in entry.position_keys],
    )


def status_bar(
    kind: DocumentKind,
    groups: Mapping[str, StatusGroup],
    statuses: Mapping[str, Status],
    positions: Sequence[str],
    entries: Sequence[StatusEntry],
) -> StatusBar | None:
    """The bar of a document with these position keys; None for a kind that has no status groups.

    The document stands at the highest step that one of its positions has reached, "(teilweise)" while
    another is lower. What has no entry yet stands at the first step: it has been created.
    """
    ladder = sorted(
        (group for group in groups.values() if group.kind == kind),
        key=lambda group: (group.step, group.group_id),
    )
    if not ladder:
        return None
    usable = usable_statuses(kind, groups, statuses)
    steps = [group for group in ladder if not group.negative] or ladder

    if positions:
        latest = [position_status(key, usable, entries) for key in positions]
    else:
        latest = [_latest(usable, [entry for entry in entries if not entry.position_keys])]
    reached = [groups[standing.status.group_id] if standing else steps[0] for standing in latest]
    going_on = [group for group in reached if not group.negative]
    current = max(going_on or reached, key=lambda group: (group.step, group.group_id))
    partial = any(group.negative != current.negative or group.step < current.step for group in reached)

    first_at = _first_times(usable, positions, entries)
    if current.negative:  # no steps ahead, and of those behind only the ones that were really taken
        shown = [group for group in steps if group is steps[0] or group.group_id in first_at]
        shown = [group for group in shown if not group.negative] + [current]
    else:
        shown = steps
    return StatusBar(
        state=current.group_id,
        label=current.name,
        partial=partial,
        negative=current.negative,
        steps=tuple(
            _step(group, current, partial=partial, reached_at=first_at.get(group.group_id)) for group in shown
        ),
    )


def usable_statuses(
    kind: DocumentKind, groups: Mapping[str, StatusGroup], statuses: Mapping[str, Status]
) -> dict[str, Status]:
    """The statuses whose group is known and belongs to this kind of document."""
    own = {group.group_id for group in groups.values() if group.kind == kind}
    return {status_id: status for status_id, status in statuses.items() if status.group_id in own}


def _latest(statuses: Mapping[str, Status], entries: Iterable[StatusEntry]) -> Standing | None:
    known = [
        (statuses[entry.status_id].workflow, entry.entered_at, order, entry.status_id)
        for order, entry in enumerate(entries)
        if entry.status_id in statuses
    ]
    if not known:
        return None
    _, since, _, status_id = max(known)
    return Standing(statuses[status_id], since)


def _first_times(
    statuses: Mapping[str, Status], positions: Sequence[str], entries: Iterable[StatusEntry]
) -> dict[str, dt.datetime]:
    """Group id to the first time that it was entered for the document or one of its positions."""
    first_at: dict[str, dt.datetime] = {}
    for entry in entries:
        status = statuses.get(entry.status_id)
        if status and (not entry.position_keys or not set(entry.position_keys).isdisjoint(positions)):
            earlier = first_at.get(status.group_id, entry.entered_at)
            first_at[status.group_id] = min(earlier, entry.entered_at)
    return first_at


def _step(
    group: StatusGroup, current: StatusGroup, *, partial: bool, reached_at: dt.datetime | None
) -> StatusStep:
    is_current = group is current
    reached = is_current or current.negative or group.step <= current.step
    return StatusStep(
        name=group.name,
        reached=reached,
        current=is_current,
        partial=is_current and partial,
        negative=group.negative,
        reached_at=reached_at if reached else None,
    )


@dataclass(frozen=True)
class Wish:
    """What a list is asked for; `words` all have to be found."""

    kinds: tuple[DocumentKind, ...]
    words: tuple[str, ...] = ()
    state: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    sort: DocumentSort = "-date"
    limit: int = 80
    offset: int = 0
