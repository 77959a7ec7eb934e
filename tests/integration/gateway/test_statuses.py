"""The operator keeps status groups and statuses."""

import pytest

from services.gateway.routes.admin import statuses
from shared.api.sync import ChangeStatuses, GroupChange, StatusChange
from shared.events.sync import DocumentKind
from tests.integration.gateway.conftest import Browser, Visit
from tests.integration.gateway.installation import USED, a_group, a_status
from tests.integration.gateway.neighbours import Neighbours

OWN = "/admin/statuses/groups/own%2F1"


async def send(operator: Browser, path: str, page: str = "/admin/statuses", **form: str) -> Visit:
    """Fill the form that stands on `page`."""
    shown = await operator.get(page)
    fields = {"form_token": shown.form_token, **form}
    if 'name="form_key"' in shown.text:
        fields["form_key"] = shown.text.split('name="form_key" value="')[1].split('"')[0]
    return await operator.post(path, fields)


def order_group(group_id: str, name: str, step: int, *, negative: bool = False) -> GroupChange:
    return GroupChange(group_id=group_id, kind=DocumentKind.ORDER, name=name, step=step, negative=negative)


async def test_groups_stand_in_their_order_with_their_statuses(operator: Browser) -> None:
    text = (await operator.get("/admin/statuses")).text
    assert text.index(">Angelegt</a>") < text.index(">Bestätigt</a>") < text.index(">Produktion</a>")
    assert "Im Druck" in text
    assert "Angelegt nach oben" not in text
    assert "Produktion nach unten" not in text
    assert text.count("Noch keine Gruppen.") == 2  # quotes and delivery notes


async def test_a_new_group_is_the_last_step(operator: Browser, neighbours: Neighbours) -> None:
    page = "/admin/statuses/new-group/order"
    answer = await send(operator, page, page, name="  In   Arbeit ", negative="yes")
    assert (answer.status, answer.headers["Location"]) == (303, "/admin/statuses")
    [change] = neighbours.installation.changes
    [group] = change.groups
    assert group == order_group(group.group_id, "In Arbeit", 4, negative=True)
    assert "Die Statusleisten zeigen es ab jetzt." in (await operator.get("/admin/statuses")).text


async def test_a_form_sent_twice_makes_one_group(operator: Browser, neighbours: Neighbours) -> None:
    page = "/admin/statuses/new-group/order"
    shown = await operator.get(page)
    key = shown.text.split('name="form_key" value="')[1].split('"')[0]
    for _ in range(2):
        await operator.post(page, {"form_token": shown.form_token, "form_key": key, "name": "In Arbeit"})
    first, second = neighbours.installation.changes
    assert first.groups[0].group_id == second.groups[0].group_id


async def test_a_group_is_renamed_and_stays_where_it_is(operator: Browser, neighbours: Neighbours) -> None:
    answer = await send(operator, OWN, OWN, name="Im Haus")
    assert answer.status == 303
    assert neighbours.installation.changes == [ChangeStatuses(groups=(order_group("own/1", "Im Haus", 3),))]


async def test_only_what_changes_its_place_is_told(operator: Browser, neighbours: Neighbours) -> None:
    await send(operator, f"{OWN}/move", direction="up")
    assert neighbours.installation.changes == [
        ChangeStatuses(
            groups=(order_group("own/1", "Produktion", 2), order_group("order.confirmed", "Bestätigt", 3))
        )
    ]
    await send(operator, "/admin/statuses/groups/order.created/move", direction="up")
    assert len(neighbours.installation.changes) == 1, "it is the first already"


async def test_a_status_is_added_changed_and_moved_to_another_group(
    operator: Browser, neighbours: Neighbours
) -> None:
    added = await send(operator, f"{OWN}/statuses", OWN, status_name="Gestickt", workflow="yes")
    assert added.headers["Location"] == OWN
    [status] = neighbours.installation.changes[0].statuses
    assert (status.group_id, status.name, status.workflow) == ("own/1", "Gestickt", True)
    page = f"/admin/statuses/{status.status_id}"
    await send(operator, page, page, name="Bestickt", group_id="order.confirmed")
    assert neighbours.installation.changes[1].statuses == (
        StatusChange(status_id=status.status_id, group_id="order.confirmed", name="Bestickt", workflow=False),
    )


async def test_what_is_used_or_shipped_has_no_button_to_delete_it(
    operator: Browser, neighbours: Neighbours
) -> None:
    used, shipped = "/admin/statuses/4711", "/admin/statuses/groups/order.created"
    assert "Der Status steht in der Geschichte von 12 Belegen" in (await operator.get(used)).text
    assert "Solange ein Status zu der Gruppe gehört" in (await operator.get(OWN)).text
    assert "Diese Gruppe gehört zu den Vorgaben." in (await operator.get(shipped)).text
    for path in (used, shipped, OWN, "/admin/statuses/order.created"):
        assert f'action="{path}/remove"' not in (await operator.get(path)).text
        assert (await send(operator, f"{path}/remove")).status == 409
    assert neighbours.installation.changes == []


async def test_what_nothing_uses_is_deleted(operator: Browser, neighbours: Neighbours) -> None:
    unused = USED.model_copy(update={"document_count": 0})
    own = neighbours.installation.groups[2]
    neighbours.installation.groups[2] = own.model_copy(update={"statuses": (unused,)})
    gone = await send(operator, "/admin/statuses/4711/remove", "/admin/statuses/4711")
    assert gone.headers["Location"] == OWN
    await send(operator, f"{OWN}/remove", OWN)
    assert neighbours.installation.changes == [
        ChangeStatuses(removed_status_ids=("4711",)),
        ChangeStatuses(removed_group_ids=("own/1",)),
    ]
    assert (await operator.get(OWN)).status == 404


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
async def test_a_name_is_needed_and_not_too_long(
    operator: Browser, neighbours: Neighbours, name: str
) -> None:
    page = "/admin/statuses/new-group/order"
    for path, form, field in (
        (page, {"name": name}, "name"),
        (OWN, {"name": name}, "name"),
        (f"{OWN}/statuses", {"status_name": name}, "status_name"),
        ("/admin/statuses/4711", {"name": name, "group_id": "own/1"}, "name"),
    ):
        answer = await send(operator, path, **form)
        assert answer.status == 422
        assert f'href="#{field}"' in answer.text
    assert neighbours.installation.changes == []


async def test_what_sync_refuses_is_said_and_harmless(operator: Browser, neighbours: Neighbours) -> None:
    neighbours.installation.refusal = "Das geht <so> nicht zu 100 %."
    answer = await send(operator, OWN, OWN, name="Im Haus")
    assert answer.status == 422
    assert "Das geht &lt;so&gt; nicht zu 100 %." in answer.text
    assert 'value="Im Haus"' in answer.text


@pytest.mark.parametrize(
    ("path", "page", "form"),
    [
        ("/admin/statuses/groups/order.confirmed/move", "/admin/statuses", {"direction": "up"}),
        ("/admin/statuses/groups/order.confirmed/remove", "/admin/statuses", {}),
        ("/admin/statuses/4711/remove", "/admin/statuses/4711", {}),
    ],
)
async def test_what_sync_refuses_of_a_button_is_not_said_to_be_saved(
    operator: Browser, neighbours: Neighbours, path: str, page: str, form: dict[str, str]
) -> None:
    neighbours.installation.groups = [
        a_group("order.created", "Angelegt", 1),
        a_group("order.confirmed", "Bestätigt", 2, is_default=False),
        a_group("own/1", "Produktion", 3, a_status("4711", "Im Druck")),
    ]
    neighbours.installation.refusal = "Das geht nicht."
    assert (await send(operator, path, page, **form)).status == 422
    assert "unterwegs" not in (await operator.get("/admin/statuses")).text


async def test_documents_counts_for_pages_that_say_it_and_not_while_a_change_is_waited_for(
    operator: Browser, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    await operator.get("/admin/statuses")
    assert neighbours.installation.counts == 0
    assert "in 12 Belegen" in (await operator.get(OWN)).text
    monkeypatch.setattr(statuses, "SEEN_SECONDS", 0)
    neighbours.installation.is_deaf = True
    before = neighbours.installation.counts
    await send(operator, f"{OWN}/move", direction="up")
    assert neighbours.installation.counts == before


async def test_a_change_that_is_not_seen_in_time_is_on_its_way(
    operator: Browser, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statuses, "SEEN_SECONDS", 0.1)
    neighbours.installation.is_deaf = True
    assert (await send(operator, OWN, OWN, name="Im Haus")).status == 303
    assert "Die Änderung ist unterwegs" in (await operator.get("/admin/statuses")).text


async def test_what_is_not_there_is_not_found(operator: Browser) -> None:
    for path in ("/admin/statuses/groups/none", "/admin/statuses/none", "/admin/statuses/new-group/invoice"):
        assert (await operator.get(path)).status == 404


async def test_a_clerk_changes_no_status(clerk: Browser, neighbours: Neighbours) -> None:
    assert (await clerk.get("/admin/statuses")).status == 403
    token = (await clerk.get("/desk")).form_token
    assert (await clerk.post(f"{OWN}/remove", {"form_token": token})).status == 403
    assert neighbours.installation.changes == []
