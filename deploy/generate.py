"""Writes what follows from the code and is checked in: `python -m deploy.generate`.

From the SUBSCRIPTIONS tables of the services: shared/messaging/bindings.json. From the events:
docs/events.md and tests/contract/schemas/. tests/contract/test_events.py fails when they are stale.
"""

import importlib
import json
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from shared.events import Event, Record, registered_events
from shared.messaging import Subscription
from shared.messaging.topology import BINDINGS_FILE

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "tests" / "contract" / "schemas"
EVENTS_PAGE = ROOT / "docs" / "events.md"

_WORDS_ONLY = ("title", "description", "default", "$defs")
_INTRODUCTION = """\
# Events

What the services tell each other. Generated from `shared/events/` and the services' SUBSCRIPTIONS tables
by `python -m deploy.generate`; do not edit. Each event has an `event_id` and the time `occurred_at`; within
a version only optional fields are added. Fields with a default are in *italics*.
"""


def event_classes() -> dict[str, type[Event]]:
    """Wire name to class of the published language, without events that tests define."""
    return {
        name: event
        for name, event in registered_events().items()
        if event.__module__.startswith("shared.events.")
    }


def bindings() -> dict[str, list[str]]:
    """Service to wire names of the events it hears, from its SUBSCRIPTIONS table."""
    heard = {}
    for file in sorted((ROOT / "services").glob("*/subscriptions.py")):
        service = file.parent.name
        table: tuple[Subscription, ...] = importlib.import_module(
            f"services.{service}.subscriptions"
        ).SUBSCRIPTIONS
        if names := sorted({subscription.event.wire_name for subscription in table}):
            heard[service] = names
    return heard


def breaking_changes(old: Any, new: Any) -> list[str]:
    """Where an event would break its hearers: anything but a new optional field, as JSON schemas tell it."""
    return list(_breaking(_resolved(old, old), _resolved(new, new), ""))


def _breaking(old: Any, new: Any, place: str) -> Iterator[str]:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield f"{place or '/'}: {old!r} became {new!r}"
        return
    yield from _breaking_fields(old, new, place)
    for key in sorted((old.keys() | new.keys()) - {"properties", "required"}):
        if key in old and key in new:
            yield from _breaking(old[key], new[key], f"{place}/{key}")
        else:
            yield f"{place}/{key}: was {'removed' if key in old else 'added'}"


def _breaking_fields(old: dict[str, Any], new: dict[str, Any], place: str) -> Iterator[str]:
    if changed := sorted(set(old.get("required", ())) ^ set(new.get("required", ()))):
        yield f"{place}/required: changed for {', '.join(changed)}"
    fields = new.get("properties", {})
    for name, schema in old.get("properties", {}).items():
        if name in fields:
            yield from _breaking(schema, fields[name], f"{place}/properties/{name}")
        else:
            yield f"{place}/properties/{name}: was removed"


def _resolved(schema: Any, whole: dict[str, Any]) -> Any:
    """The schema without words, each reference replaced by what it refers to: names do not matter."""
    if isinstance(schema, list):
        return {str(number): _resolved(part, whole) for number, part in enumerate(schema)}
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        return _resolved(whole["$defs"][reference.rpartition("/")[2]], whole)
    resolved = {
        key: part if key in ("required", "enum") else _resolved(part, whole)
        for key, part in schema.items()
        if key not in (*_WORDS_ONLY, "properties")
    }
    if "properties" in schema:
        properties = schema["properties"].items()
        resolved["properties"] = {name: _resolved(part, whole) for name, part in properties}
    return resolved


def schema_text(event: type[Event]) -> str:
    return json.dumps(event.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def bindings_text() -> str:
    return json.dumps(bindings(), indent=2) + "\n"


def events_page() -> str:
    """docs/events.md: one table for each event."""
    heard = bindings()
    parts = [_INTRODUCTION]
    for name, event in event_classes().items():
        hearers = [service for service, names in heard.items() if name in names]
        parts.append(
            f"## {name}\n\n{_words(event)}\n\n"
            f"| | |\n|---|---|\n"
            f"| class | `{event.__module__}.{event.__name__}` |\n"
            f"| told by | {name.partition('.')[0]} |\n"
            f"| heard by | {', '.join(hearers) or 'nobody yet'} |\n"
            f"| fields | {_fields(event)} |\n"
        )
    parts.append("## Parts of events\n\n| part | fields | |\n|---|---|---|")
    parts += [f"| {record.__name__} | {_fields(record)} | {_words(record)} |" for record in _records()]
    return "\n".join(parts) + "\n"


def _records() -> list[type[Record]]:
    records = (record for record in Record.__subclasses__() if not issubclass(record, Event))
    return sorted(
        (record for record in records if record.__module__.startswith("shared.events.")),
        key=lambda record: record.__name__,
    )


def _words(described: type[Record]) -> str:
    # Not inherited: only what somebody wrote about this class.
    return " ".join((described.__dict__.get("__doc__") or "").split())


def _fields(record: type[Record]) -> str:
    fields = record.model_fields.items()
    return ", ".join(_field(name, info) for name, info in fields if name not in Event.model_fields)


def _field(name: str, info: FieldInfo) -> str:
    shown = f"`{name}`: {_type_name(info.annotation)}"
    return shown if info.is_required() else f"*{shown}*"


def _type_name(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple:
        return f"list of {_type_name(arguments[0])}"
    if origin is typing.Literal:
        return " or ".join(f'"{one}"' for one in arguments)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_type_name(one) for one in arguments)
    if annotation is type(None):
        return "nothing"
    return str(getattr(annotation, "__name__", annotation))


def main() -> None:
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    broken = [change for event in event_classes().values() for change in _write_schema(event)]
    BINDINGS_FILE.write_text(bindings_text(), encoding="utf-8")
    EVENTS_PAGE.write_text(events_page(), encoding="utf-8")
    if broken:
        raise SystemExit("\n".join(broken))


def _write_schema(event: type[Event]) -> list[str]:
    """What keeps the schema from being written: changes that need a new class told beside the old one."""
    file, new = SCHEMAS / f"{event.wire_name}.json", schema_text(event)
    changes = breaking_changes(json.loads(file.read_text()), json.loads(new)) if file.exists() else []
    if not changes:
        file.write_text(new, encoding="utf-8")
    return [f"{event.wire_name} breaks its hearers, tell a new class beside it: {one}" for one in changes]


if __name__ == "__main__":
    main()
