"""Status groups and statuses come from CDH and from the operator, and go again."""

from typing import Any

import pytest

from shared.api.sync import ChangeStatuses, GroupChange, StatusChange
from shared.errors import ForbiddenError, InvalidError
from shared.events import Event
from shared.events.sync import DocumentKind, StatusesChanged
from shared.web import Identity
from tests.integration.sync.conftest import Sync, an_event

OPERATOR = Identity(role="operator", name="Otto")
pytestmark = pytest.mark.usefixtures("_quick_inspection")


def a_group(group_id: str = "own", **changes: Any) -> GroupChange:
    given = {"group_id": group_id, "kind": DocumentKind.ORDER, "name": "Produktion", "step": 3}
    return GroupChange(**{"negative": False, **given, **changes})


def a_status(status_id: str = "printing", **changes: Any) -> StatusChange:
    given = {"status_id": status_id, "group_id": "own", "name": "Im Druck", "workflow": False}
    return StatusChange(**{**given, **changes})


async def change(sync: Sync, *, who: Identity = OPERATOR, **changes: Any) -> None:
    await sync.client.call("POST", "/statuses", who=who, body=ChangeStatuses(**changes))


def statuses_of(event: Event) -> StatusesChanged:
    assert isinstance(event, StatusesChanged)
    return event


async def test_an_operator_adds_a_group_and_its_status(sync: Sync) -> None:
    await change(sync, groups=(a_group(),), statuses=(a_status(workflow=True),))
    (event,) = await sync.told()
    told = statuses_of(event)
    assert [(group.group_id, group.name, group.step) for group in told.groups] == [("own", "Produktion", 3)]
    assert [(status.name, status.workflow) for status in told.statuses] == [("Im Druck", True)]
    assert 0 < told.groups[0].revision < told.statuses[0].revision
    assert (told.removed_group_ids, told.removed_status_ids, told.removed_revision) == ((), (), 0)


async def test_a_removal_is_newer_than_what_was_told_before(sync: Sync) -> None:
    await change(sync, groups=(a_group(),), statuses=(a_status(),))
    await change(sync, removed_group_ids=("own",), removed_status_ids=("printing",))
    first, second = map(statuses_of, await sync.told())
    assert (second.removed_group_ids, second.removed_status_ids) == (("own",), ("printing",))
    assert second.removed_revision > max(first.groups[0].revision, first.statuses[0].revision)


async def test_a_removed_group_takes_no_status_until_it_is_there_again(sync: Sync) -> None:
    await change(sync, groups=(a_group(),))
    await change(sync, removed_group_ids=("own",))
    with pytest.raises(InvalidError) as refused:
        await change(sync, statuses=(a_status(),))
    assert refused.value.fields.keys() == {"group_id"}
    await change(sync, groups=(a_group(kind=DocumentKind.QUOTE),), statuses=(a_status(),))


@pytest.mark.parametrize(("changes", "field", "sentence"), [
    ({"removed_group_ids": ("order.created",)}, "group_id", "gehört zu den Vorgaben"),
    ({"removed_status_ids": ("order.created",)}, "status_id", "gehört zu den Vorgaben"),
    ({"groups": (a_group("order.created", kind=DocumentKind.QUOTE),)}, "kind", "anderen Belegart"),
    ({"groups": (a_group(kind=DocumentKind.INVOICE),)}, "data", "Rechnungen"),
    ({"groups": (a_group(name=" "),)}, "name", "nicht nichts"),
    ({"groups": (a_group(), a_group("other", step=1000))}, "step", "höchstens 999"),
    ({"statuses": (a_status(),)}, "group_id", "nicht bekannt"),
])  # fmt: skip
async def test_what_cannot_be_is_refused_as_a_whole(
    sync: Sync, changes: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await change(sync, **changes)
    assert sentence in refused.value.fields[field]
    assert await sync.told() == []


async def test_a_default_group_may_be_called_otherwise(sync: Sync) -> None:
    await change(sync, groups=(a_group("order.created", name="Erfasst", step=1),))
    (event,) = await sync.told()
    assert statuses_of(event).groups[0].name == "Erfasst"


async def test_only_operators_change_statuses(sync: Sync) -> None:
    for who in (Identity(role="clerk", clerk_code="BER"), Identity(role="customer", customer_number="1")):
        with pytest.raises(ForbiddenError):
            await change(sync, who=who, groups=(a_group(),))


async def test_cdh_removes_them_as_well_and_the_last_word_of_a_batch_counts(sync: Sync) -> None:
    group = {"group_id": "77", "kind": "order", "name": "Produktion", "step": 3}
    status = {"status_id": "4711", "group_id": "77", "name": "Im Druck"}
    answer = await sync.send(
        *[
            an_event("1", "status_group.changed", group),
            an_event("2", "status.changed", status),
            an_event("3", "status.removed", {"status_id": "4711"}),
            an_event("4", "status_group.removed", {"group_id": "77"}),
            an_event("5", "status.changed", status),
            an_event("6", "status_group.removed", {"group_id": "order.created"}),
        ]
    )
    assert answer.said == [
        "accepted",
        "accepted",
        "accepted",
        "accepted",
        [("/data/group_id", "Diese Statusgruppe ist nicht bekannt. Bitte zuerst die Gruppe senden.")],
        [
            (
                "/data/group_id",
                "Diese Statusgruppe gehört zu den Vorgaben und kann nicht gelöscht werden.",
            )
        ],
    ]
    (event,) = await sync.told()
    told = statuses_of(event)
    assert (told.groups, told.statuses) == ((), ())
    assert (told.removed_group_ids, told.removed_status_ids) == (("77",), ("4711",))
