"""Reads what CDH sends: CloudEvents 1.0, structured, one or a batch. Everything is checked here, field by
field; what depends on what is stored already is checked by the use cases."""

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from services.sync.cdh_data import DATA_OF, CdhData, Key, Line, moment
from services.sync.model import InspectedFile, Problem
from shared.events.sync import File

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
MOST_EVENTS = 1000
MOST_PROBLEMS = 50  # of one event; whoever mends these sees the next
_MOST_FAULTS = 1000  # that are looked at one by one: millions would take minutes and gigabytes

_JSON_TYPE = re.compile(r"application/([a-z0-9.-]+\+)?json\s*(;|$)", re.IGNORECASE)

# Codes of pydantic that one sentence says.
_SAME_SENTENCE = {
    "tuple_type": "list",
    "dict_type": "model_type",
    "model_attributes_type": "model_type",
    "literal_error": "choice",
}


class UnreadableError(Exception):
    """What was sent is no CloudEvent at all; the code of a sentence."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class CdhEvent:
    """One event as it came. `data` is None exactly when there are `problems`.

    `file` is the file that it names, once it has been looked into; `files` are those of a document, which
    nobody looks into. The desk knows the order of a sample, and the sample that gets a new version, even if
    its bytes are those of the newest.
    """

    source: str
    event_id: str
    type: str = ""
    time: dt.datetime | None = None
    data: CdhData | None = None
    problems: tuple[Problem, ...] = ()
    file: InspectedFile | None = None
    files: tuple[File, ...] | None = None
    order_id: UUID | None = None
    sample_id: UUID | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.event_id


def _json_type(media_type: str) -> str:
    if not _JSON_TYPE.match(media_type):
        raise PydanticCustomError("choice", "choice", {"expected": "application/json"})
    return media_type


class _Envelope(BaseModel):
    """Extension attributes are allowed by CloudEvents and not needed here."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    specversion: Literal["1.0"]
    id: Key
    source: Key
    type: Key
    time: Annotated[dt.datetime, BeforeValidator(moment)] | None = None
    datacontenttype: Annotated[Line, AfterValidator(_json_type)] | None = None
    subject: Line | None = None
    data: dict[str, Any]


def read_events(content_type: str, body: bytes) -> list[CdhEvent]:
    """The events in their order; raises UnreadableError."""
    if content_type not in {SINGLE, BATCH}:
        raise UnreadableError("not_cloud_events")
    try:
        content = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:  # Arithmetic…: 1e99999999999999999999
        raise UnreadableError("not_json") from error
    if content_type == SINGLE:
        if not isinstance(content, dict) or "specversion" not in content:
            raise UnreadableError("not_an_event")
        return [_read_event(content)]
    if not isinstance(content, list):
        raise UnreadableError("not_a_batch")
    if len(content) > MOST_EVENTS:
        raise UnreadableError("batch_too_long", most=str(MOST_EVENTS))
    return [_read_event(one) for one in content]


def _read_event(content: object) -> CdhEvent:
    if not isinstance(content, dict):
        return CdhEvent(source="", event_id="", problems=(Problem("", "model_type"),))
    event = CdhEvent(source=_told(content.get("source")), event_id=_told(content.get("id")))
    try:
        envelope = _Envelope.model_validate(content)
    except ValidationError as error:
        if "data_base64" in content:
            return _refused(event, [Problem("/data_base64", "data_base64")])
        return _refused(event, _problems(error, ()))
    event = CdhEvent(source=envelope.source, event_id=envelope.id, type=envelope.type, time=envelope.time)
    return read_data(event, envelope.data)


def read_data(event: CdhEvent, data: dict[str, Any]) -> CdhEvent:
    """The event with its data, field by field as its type has them; else with the problems."""
    model = DATA_OF.get(event.type)
    if model is None:
        return _refused(event, [Problem("/type", "unknown_type", {"expected": ", ".join(DATA_OF)})])
    try:
        return replace(event, data=model.model_validate(data))
    except ValidationError as error:
        return _refused(event, _problems(error, ("data",)))


def _refused(event: CdhEvent, problems: Sequence[Problem]) -> CdhEvent:
    return CdhEvent(
        source=event.source,
        event_id=event.event_id,
        type=event.type,
        problems=tuple(problems[:MOST_PROBLEMS]),
    )


def _problems(invalid: ValidationError, above: tuple[str, ...]) -> list[Problem]:
    if invalid.error_count() > _MOST_FAULTS:
        return [Problem(_pointer(above), "too_many_faults", {"count": str(invalid.error_count())})]
    return [
        Problem(
            place=_pointer((*above, *error["loc"])),
            code=_SAME_SENTENCE.get(error["type"], error["type"]),
            values={name: str(value) for name, value in error.get("ctx", {}).items()},
        )
        for error in invalid.errors(include_url=False, include_input=False)
    ]


def _pointer(location: Sequence[str | int]) -> str:
    """RFC 6901: /data/positions/0/quantity"""
    parts = (_told(str(part)).replace("~", "~0").replace("/", "~1") for part in location)
    return "".join(f"/{part}" for part in parts)


def _told(value: object) -> str:
    """What was sent, as it can be stored and sent back."""
    return value.encode("utf-8", "replace").decode().replace("\0", "")[:200] if isinstance(value, str) else ""


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
