"""Batches may hold an entity several times: its newest revision counts."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar


class Revised(Protocol):
    @property
    def revision(self) -> int: ...


Entity = TypeVar("Entity", bound=Revised)


def newest(entities: Iterable[Entity], key: Callable[[Entity], Any]) -> list[Entity]:
    """Each once, in the order of their keys, so that two batches at the same time lock alike."""
    found = {key(entity): entity for entity in sorted(entities, key=lambda entity: entity.revision)}
    return [found[each] for each in sorted(found)]
