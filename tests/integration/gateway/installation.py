"""What the services answer to an operator about the settings they keep, as far as the gateway can see it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from shared.api import documents, sync
from shared.errors import InvalidError
from shared.events.sync import DocumentKind
from shared.web import json_response, parse_body, require

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def a_group(
    group_id: str, name: str, step: int, *statuses: documents.StatusRow, is_default: bool = True
) -> documents.StatusGroupRow:
    return documents.StatusGroupRow(
        group_id=group_id,
        kind=DocumentKind.ORDER,
        name=name,
        step=step,
        negative=False,
        is_default=is_default,
        statuses=statuses,
    )


def a_status(
    status_id: str, name: str, *, is_default: bool = False, document_count: int = 0
) -> documents.StatusRow:
    return documents.StatusRow(
        status_id=status_id,
        name=name,
        workflow=False,
        is_default=is_default,
        document_count=document_count,
    )


USED = a_status("4711", "Im Druck", document_count=12)


@dataclass
class Installation:
    """`is_deaf`: changes are taken by sync, but documents does not hear of them."""

    groups: list[documents.StatusGroupRow] = field(
        default_factory=lambda: [
            a_group("order.created", "Angelegt", 1, a_status("order.created", "Angelegt", is_default=True)),
            a_group("order.confirmed", "Bestätigt", 2),
            a_group("own/1", "Produktion", 3, USED, is_default=False),
        ]
    )
    changes: list[sync.ChangeStatuses] = field(default_factory=list)
    refusal: str = ""
    is_deaf: bool = False

    def apply(self, changes: sync.ChangeStatuses) -> None:
        """As documents does when it hears of it."""
        known = {group.group_id: group for group in self.groups}
        for group in changes.groups:
            known[group.group_id] = documents.StatusGroupRow(
                **group.model_dump(),
                is_default=group.group_id in known and known[group.group_id].is_default,
                statuses=known[group.group_id].statuses if group.group_id in known else (),
            )
        gone = {*changes.removed_status_ids, *(status.status_id for status in changes.statuses)}
        for group_id, row in known.items():
            new = tuple(
                a_status(status.status_id, status.name).model_copy(update={"workflow": status.workflow})
                for status in changes.statuses
                if status.group_id == group_id
            )
            kept = tuple(status for status in row.statuses if status.status_id not in gone)
            known[group_id] = row.model_copy(update={"statuses": kept + new})
        self.groups = sorted(
            (group for group in known.values() if group.group_id not in changes.removed_group_ids),
            key=lambda group: group.step,
        )


def documents_routes(installation: Installation) -> list[tuple[str, str, Handler]]:
    async def list_status_groups(request: web.Request) -> web.Response:
        require(request, "operator")
        return json_response(documents.StatusGroups(groups=tuple(installation.groups)))

    return [("GET", "/status-groups", list_status_groups)]


def sync_routes(installation: Installation) -> list[tuple[str, str, Handler]]:
    async def change_statuses(request: web.Request) -> web.Response:
        require(request, "operator")
        changes = await parse_body(request, sync.ChangeStatuses)
        if installation.refusal:
            raise InvalidError("No.", fields={"group_id": installation.refusal})
        installation.changes.append(changes)
        if not installation.is_deaf:
            installation.apply(changes)
        return web.Response(status=204)

    return [("POST", "/statuses", change_statuses)]
