"""The table for people and the steps that are really killed are the same."""

import re
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest

from tests.resilience.steps import ACCOUNT_STEPS, DECISION_STEPS, DESK_STEPS, MAIN_STEPS

TABLE = Path(__file__).parent.parent.parent / "docs" / "faults.md"


TABLES = (MAIN_STEPS, ACCOUNT_STEPS, DESK_STEPS, DECISION_STEPS)
KILLED = {step for table in TABLES for steps in table.values() for step in steps}


@pytest.mark.parametrize("step", sorted(KILLED))
def test_what_is_killed_at_exists(step: str) -> None:
    module, function, moment = step.split(":")
    assert callable(attrgetter(function)(import_module(module)))
    assert moment in ("before", "after")


def test_each_step_of_the_table_is_killed_and_each_killed_step_stands_in_it() -> None:
    listed = set(re.findall(r"\| `([\w.]+:[\w.]+:\w+)` \|", TABLE.read_text(encoding="utf-8")))
    found = {short: _steps_like(short, KILLED) for short in listed}
    assert {short for short, steps in found.items() if len(steps) != 1} == set()
    assert {step for steps in found.values() for step in steps} == KILLED


def _steps_like(short: str, steps: set[str]) -> list[str]:
    """The table names the last parts of the module only: `sync:take_run:after`."""
    module, function, moment = short.split(":")
    return [
        step
        for step in steps
        if step.endswith(f":{function}:{moment}") and module in step.partition(":")[0].split(".")
    ]
