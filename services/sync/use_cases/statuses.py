"""Groups and statuses, whether CDH tells of them or an operator changes them."""

from collections.abc import Sequence

from services.sync.cdh_data import StatusChanged, StatusGroupChanged, StatusGroupRemoved, StatusRemoved
from services.sync.cloud_events import CdhEvent
from services.sync.model import Problem
from services.sync.repository import accepted_events, known_things
from shared.database import Transaction
from shared.events import sync as told
from shared.messaging import outbox


async def check_statuses(transaction: Transaction, run: Sequence[CdhEvent]) -> list[tuple[Problem, ...]]:
    """A status belongs to a group that is known, or comes before it in the same run. Defaults stay."""
    known = await known_things.list_known_groups(transaction)
    kinds = {group.group_id: group.kind for group in known}
    # The one status of a default group has its id.
    defaults = {group.group_id for group in known if group.is_default}
    problems: list[tuple[Problem, ...]] = []
    for event in run:
        found: tuple[Problem, ...] = ()
        match event.data:
            case StatusGroupChanged(group_id=group_id, kind=kind):
                if kinds.setdefault(group_id, kind) != kind:
                    found = (Problem("/data/kind", "group_of_another_kind"),)
            case StatusChanged(group_id=group_id) if group_id not in kinds:
                found = (Problem("/data/group_id", "unknown_group"),)
            case StatusGroupRemoved(group_id=group_id):
                if group_id in defaults:
                    found = (Problem("/data/group_id", "default_group"),)
                else:
                    kinds.pop(group_id, None)
            case StatusRemoved(status_id=status_id) if status_id in defaults:
                found = (Problem("/data/status_id", "default_status"),)
        problems.append(found)
    return problems


async def tell_statuses(transaction: Transaction, run: Sequence[CdhEvent]) -> None:
    """The last word of the run on each group and status. Whether a removed one is still used, and so stays,
    is known to those who show it."""
    groups: dict[str, StatusGroupChanged | None] = {}
    statuses: dict[str, StatusChanged | None] = {}
    for event in run:
        match event.data:
            case StatusGroupChanged(group_id=key) as group:
                groups[key] = group
            case StatusChanged(status_id=key) as status:
                statuses[key] = status
            case StatusGroupRemoved(group_id=key):
                groups[key] = None
            case StatusRemoved(status_id=key):
                statuses[key] = None
    changed_groups = [group for group in groups.values() if group]
    changed_statuses = [status for status in statuses.values() if status]
    removed_groups = tuple(key for key, group in groups.items() if group is None)
    await known_things.add_known_groups(
        transaction, {group.group_id: group.kind.value for group in changed_groups}
    )
    await known_things.remove_known_groups(transaction, removed_groups)
    removed_statuses = tuple(key for key, status in statuses.items() if status is None)
    is_removal = bool(removed_groups or removed_statuses)
    count = len(changed_groups) + len(changed_statuses) + is_removal
    revisions = iter(await accepted_events.next_revisions(transaction, count))
    told_statuses = told.StatusesChanged(
        groups=tuple(group.told(next(revisions)) for group in changed_groups),
        statuses=tuple(status.told(next(revisions)) for status in changed_statuses),
        removed_group_ids=removed_groups,
        removed_status_ids=removed_statuses,
        removed_revision=next(revisions) if is_removal else 0,
    )
    await outbox.add(transaction, told_statuses)


async def change_statuses(transaction: Transaction, events: Sequence[CdhEvent]) -> list[Problem]:
    """What an operator changes, told like what CDH tells; all of it, or nothing with the reasons."""
    problems = [problem for found in await check_statuses(transaction, events) for problem in found]
    if not problems:
        await tell_statuses(transaction, events)
    return problems
