"""The referee of the published language: what hearers rely on does not change under them."""

import json
from copy import deepcopy
from typing import Any

import pytest

from deploy.generate import (
    EVENTS_PAGE,
    SCHEMAS,
    bindings_text,
    breaking_changes,
    event_classes,
    events_page,
    schema_text,
)
from shared.events import Event
from shared.events.approvals import ApprovalRequested
from shared.messaging.topology import BINDINGS_FILE

STALE = "stale: run `python -m deploy.generate`"


@pytest.mark.parametrize("event", event_classes().values(), ids=event_classes().keys())
def test_within_a_version_only_optional_fields_are_added(event: type[Event]) -> None:
    file = SCHEMAS / f"{event.wire_name}.json"
    assert file.exists(), STALE
    assert breaking_changes(json.loads(file.read_text()), json.loads(schema_text(event))) == []
    assert file.read_text() == schema_text(event), STALE


def test_an_event_that_was_told_once_is_not_forgotten() -> None:
    assert sorted(file.stem for file in SCHEMAS.glob("*.json")) == list(event_classes())


def test_the_bindings_are_those_of_the_subscriptions() -> None:
    assert BINDINGS_FILE.read_text() == bindings_text(), STALE


def test_the_page_of_events_shows_the_events() -> None:
    assert EVENTS_PAGE.read_text() == events_page(), STALE


def schema() -> dict[str, Any]:
    return deepcopy(ApprovalRequested.model_json_schema())


def test_a_new_optional_field_breaks_nobody() -> None:
    new = schema()
    new["properties"]["colour"] = {"type": "string", "default": ""}
    new["$defs"]["File"]["properties"]["pages"] = {"type": "integer", "default": 1}
    assert breaking_changes(schema(), new) == []


def test_a_removed_field_breaks_hearers() -> None:
    new = schema()
    del new["properties"]["title"]
    new["required"].remove("title")
    assert breaking_changes(schema(), new) == [
        "/required: changed for title",
        "/properties/title: was removed",
    ]


def test_a_new_required_field_breaks_hearers() -> None:
    new = schema()
    new["properties"]["colour"] = {"type": "string"}
    new["required"].append("colour")
    assert breaking_changes(schema(), new) == ["/required: changed for colour"]


def test_another_type_breaks_hearers_however_deep() -> None:
    new = schema()
    new["$defs"]["File"]["properties"]["size"]["type"] = "string"
    [change] = breaking_changes(schema(), new)
    assert change == "/properties/preview/anyOf/0/properties/size/type: 'integer' became 'string'"
