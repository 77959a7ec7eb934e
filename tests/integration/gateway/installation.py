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


def not_counted(group: documents.StatusGroupRow) -> documents.StatusGroupRow:
    statuses = (status.model_copy(update={"document_count": None}) for status in group.statuses)
    return group.model_copy(update={"statuses": tuple(statuses)})


USED = a_status("4711", "Im Druck", document_count=12)


@dataclass
class Installation:
    """`is_deaf`: changes are taken by sync, but documents does not hear of them.

    `counts` is how often documents had to count for the list of statuses.
    """

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
    counts: int = 0
    pattern: str = "{year}/{order_number}"
    folder_fault: sync.FolderFault | None = None
    retries: int = 0

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
        counted = request.query.get("counted") == "yes"
        installation.counts += counted
        groups = installation.groups if counted else map(not_counted, installation.groups)
        return json_response(documents.StatusGroups(groups=tuple(groups)))

    return [("GET", "/status-groups", list_status_groups)]


def sync_routes(installation: Installation) -> list[tuple[str, str, Handler]]:  # noqa: C901  # one short function per route
    async def change_statuses(request: web.Request) -> web.Response:
        require(request, "operator")
        changes = await parse_body(request, sync.ChangeStatuses)
        if installation.refusal:
            raise InvalidError("No.", fields={"group_id": installation.refusal})
        installation.changes.append(changes)
        if not installation.is_deaf:
            installation.apply(changes)
        return web.Response(status=204)

    def example_of(pattern: str) -> str:
        if "{order_number}" not in pattern:
            raise InvalidError("No.", fields={"pattern": "placeholders"})
        if pattern.startswith("/"):
            raise InvalidError("No.", fields={"pattern": "folders"})
        shown = pattern.replace("{year}", "2026").replace("{order_number}", "2026-1042")
        return f"{shown}/Freigabemuster/Pos 2 Logo_v1.pdf"

    async def get_order_folder(request: web.Request) -> web.Response:
        require(request, "operator")
        folder = sync.OrderFolder(
            root="/srv/orders",
            pattern=installation.pattern,
            is_own=False,
            example=example_of(installation.pattern),
        )
        return json_response(folder)

    async def get_example(request: web.Request) -> web.Response:
        require(request, "operator")
        return json_response(sync.FolderExample(example=example_of(request.query["pattern"])))

    async def change_order_folder(request: web.Request) -> web.Response:
        require(request, "operator")
        pattern = (await parse_body(request, sync.ChangeOrderFolder)).pattern
        example_of(pattern)
        installation.pattern = pattern
        return web.Response(status=204)

    async def probe(request: web.Request) -> web.Response:
        require(request, "operator")
        return json_response(sync.FolderProbe(fault=installation.folder_fault))

    async def retry(request: web.Request) -> web.Response:
        require(request, "operator")
        installation.retries += 1
        return web.Response(status=204)

    return [
        ("POST", "/statuses", change_statuses),
        ("GET", "/order-folder", get_order_folder),
        ("GET", "/order-folder/example", get_example),
        ("POST", "/order-folder", change_order_folder),
        ("POST", "/order-folder/probe", probe),
        ("POST", "/order-folder/failing/retry", retry),
    ]
