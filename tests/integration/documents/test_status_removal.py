"""Status groups and statuses go when nothing uses them, whatever order it is told in."""

import itertools
from typing import Any

import pytest

from shared.api.documents import StatusGroups
from shared.errors import ForbiddenError
from shared.events.sync import DocumentKind, DocumentsChanged, Status, StatusesChanged, StatusGroup
from shared.web import Identity
from tests.integration.documents.conftest import CLERK, CUSTOMER, Documents, a_document, an_entry

OPERATOR = Identity(role="operator", name="Otto")


def added(revision: int = 10) -> StatusesChanged:
    group = StatusGroup(group_id="own", kind=DocumentKind.ORDER, name="Produktion", step=3, revision=revision)
    status = Status(status_id="printing", group_id="own", name="Im Druck", revision=revision)
    return StatusesChanged(groups=(group,), statuses=(status,))


def removed(revision: int = 20, *, group: bool = True, status: bool = True) -> StatusesChanged:
    return StatusesChanged(
        removed_group_ids=("own",) if group else (),
        removed_status_ids=("printing",) if status else (),
        removed_revision=revision,
    )


async def listed(documents: Documents, *, counted: str = "yes") -> dict[str, dict[str, int | None]]:
    """Group id to its statuses with the number of documents that have them."""
    query = {"counted": counted}
    groups = await documents.client.get("/status-groups", StatusGroups, who=OPERATOR, query=query)
    return {
        group.group_id: {status.status_id: status.document_count for status in group.statuses}
        for group in groups.groups
    }


async def test_groups_are_listed_in_their_order_with_their_use(documents: Documents) -> None:
    await documents.tell(
        added(),
        DocumentsChanged(documents=(
            a_document("A-1", an_entry("printing", day=1), an_entry("printing", day=2)),
            a_document("A-2", an_entry("printing", day=1)),
        )),
    )  # fmt: skip
    groups = await documents.client.get("/status-groups", StatusGroups, who=OPERATOR)
    orders = [group for group in groups.groups if group.kind is DocumentKind.ORDER]
    assert [group.name for group in orders] == [
        "Angelegt",
        "Bestätigt",
        "Freigegeben",
        "Produktion",
        "Geliefert",
        "Fakturiert",
    ]
    assert [group.is_default for group in orders] == [True, True, True, False, True, True]
    assert (await listed(documents))["own"] == {"printing": 2}
    assert (await listed(documents, counted=""))["own"] == {"printing": None}


async def test_what_nothing_uses_goes(documents: Documents) -> None:
    await documents.tell(added(), removed())
    assert "own" not in await listed(documents)


async def test_a_bar_has_a_step_less_when_its_group_went(documents: Documents) -> None:
    await documents.tell(added(), DocumentsChanged(documents=(a_document("A-1"),)))
    steps = "SELECT jsonb_array_length(status_steps) FROM document"
    assert await documents.pool.fetchval(steps) == 6
    await documents.tell(removed())
    assert await documents.pool.fetchval(steps) == 5


async def test_what_a_document_uses_stays(documents: Documents) -> None:
    await documents.tell(added(), DocumentsChanged(documents=(a_document("A-1", an_entry("printing")),)))
    await documents.tell(removed())
    assert (await listed(documents))["own"] == {"printing": 1}


async def test_a_group_with_a_status_stays(documents: Documents) -> None:
    await documents.tell(added(), removed(status=False))
    assert (await listed(documents))["own"] == {"printing": 0}


async def test_default_ones_stay_whatever_is_told(documents: Documents) -> None:
    before = await listed(documents)
    await documents.tell(
        StatusesChanged(
            removed_group_ids=("order.created",), removed_status_ids=("order.created",), removed_revision=99
        )
    )
    assert await listed(documents) == before


@pytest.mark.parametrize("order", list(itertools.permutations((0, 1, 2))))
async def test_in_whatever_order_they_are_heard_the_last_told_counts(
    documents: Documents, order: tuple[int, ...]
) -> None:
    told = (added(10), removed(20), added(30))
    for number in order:
        await documents.tell(told[number])
    assert (await listed(documents))["own"] == {"printing": 0}


async def test_what_is_told_late_does_not_bring_back_what_was_removed(documents: Documents) -> None:
    await documents.tell(removed(20), added(10))
    assert "own" not in await listed(documents)


@pytest.mark.parametrize("who", [CLERK, CUSTOMER])
async def test_only_operators_see_the_list(documents: Documents, who: Any) -> None:
    with pytest.raises(ForbiddenError):
        await documents.client.get("/status-groups", StatusGroups, who=who)
