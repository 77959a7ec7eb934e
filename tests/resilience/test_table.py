"""The table for people and the steps that are really killed are the same."""

import re
from pathlib import Path

from tests.resilience.steps import ACCOUNT_STEPS, MAIN_STEPS

TABLE = Path(__file__).parent.parent.parent / "docs" / "faults.md"


def test_each_step_of_the_table_is_killed_and_each_killed_step_stands_in_it() -> None:
    listed = set(re.findall(r"\| `([\w.]+:[\w.]+:\w+)` \|", TABLE.read_text(encoding="utf-8")))
    killed = {step for table in (MAIN_STEPS, ACCOUNT_STEPS) for steps in table.values() for step in steps}
    found = {short: _steps_like(short, killed) for short in listed}
    assert {short for short, steps in found.items() if len(steps) != 1} == set()
    assert killed == {step for steps in found.values() for step in steps}


def _steps_like(short: str, steps: set[str]) -> list[str]:
    """The table names the last parts of the module only: `sync:take_run:after`."""
    module, function, moment = short.split(":")
    return [
        step
        for step in steps
        if step.endswith(f":{function}:{moment}") and module in step.partition(":")[0].split(".")
    ]
