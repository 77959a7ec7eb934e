"""Who hears what, and when a failed event is tried again.

`bindings.json` is generated from the SUBSCRIPTIONS tables of all services (`python -m deploy.generate`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

BINDINGS_FILE = Path(__file__).with_name("bindings.json")
RETRY_DELAYS = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Topology:
    """`bindings` maps a service, whose queue has its name, to the wire names of the events it hears.

    After `delivery_limit` consumers died with a message in hand, it goes to the dead letters.
    """

    bindings: Mapping[str, tuple[str, ...]]
    retry_delays: tuple[timedelta, ...] = RETRY_DELAYS
    delivery_limit: int = 20

    def is_heard(self, event_name: str) -> bool:
        return any(event_name in names for names in self.bindings.values())

    def with_hearer(self, service: str, event_names: Iterable[str]) -> "Topology":
        """The same, where `service` hears at least `event_names`."""
        names = {*self.bindings.get(service, ()), *event_names}
        return replace(self, bindings={**self.bindings, service: tuple(sorted(names))})


def checked_in_topology() -> Topology:
    bindings = json.loads(BINDINGS_FILE.read_text(encoding="utf-8"))
    return Topology({service: tuple(names) for service, names in bindings.items()})


def delay_label(delay: timedelta) -> str:
    """The delay as a part of a queue's name: 5s, 5min, 50ms."""
    milliseconds = round(delay / timedelta(milliseconds=1))
    for unit, size in (("min", 60_000), ("s", 1_000)):
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"
