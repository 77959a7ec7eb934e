"""What every event has, and the register from wire name to class."""

import re
from datetime import UTC, datetime
from typing import ClassVar, Self
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_registered: dict[str, type["Event"]] = {}


class Record(BaseModel):
    """A part of an event: frozen, and deaf to fields of a later version."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Record):
    """A fact in the past tense, owned by the service whose module defines it.

    The wire name is derived: `shared.events.approvals.ApprovalGranted` is told as
    `approvals.approval_granted.v1`. Within a version only optional fields are added.
    """

    VERSION: ClassVar[int] = 1
    wire_name: ClassVar[str]

    event_id: UUID = Field(default_factory=uuid4)
    occurred_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.__name__.startswith("_"):
            return  # fields that several events share, never told itself
        publisher = cls.__module__.rsplit(".", 1)[-1]
        cls.wire_name = f"{publisher}.{_WORD.sub('_', cls.__name__).lower()}.v{cls.VERSION}"
        _registered[cls.wire_name] = cls

    @classmethod
    def from_wire(cls, body: bytes | str) -> Self:
        """Read the body of a message; raises pydantic.ValidationError."""
        return cls.model_validate_json(body)


def event_class(name: str) -> type[Event] | None:
    """The class told under this wire name, or None where this version of the code knows none."""
    return _registered.get(name)


def registered_events() -> dict[str, type[Event]]:
    """Wire name to class, of all modules imported so far."""
    return dict(sorted(_registered.items()))
