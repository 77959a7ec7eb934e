"""A loop of effects goes on whatever a single effect does."""

import asyncio
from datetime import timedelta

import pytest

from shared.effects import backoff, run_effects
from tests.support import eventually


class _Queue:
    """Effects that are due, and what became of them."""

    def __init__(self) -> None:
        self.due: list[str] = []
        self.performed: list[str] = []

    async def perform_next(self) -> bool:
        if not self.due:
            return False
        effect = self.due.pop(0)
        if effect == "crash":
            raise ValueError(effect)
        if effect == "database away":
            raise ConnectionRefusedError(effect)
        self.performed.append(effect)
        return True


async def test_everything_due_is_performed_and_a_wake_brings_more() -> None:
    queue, wake, stopping = _Queue(), asyncio.Event(), asyncio.Event()
    queue.due += ["one", "two"]
    loop = asyncio.create_task(run_effects("test", queue.perform_next, wake=wake, stopping=stopping))
    await eventually(lambda: queue.performed == ["one", "two"])
    queue.due.append("three")
    wake.set()
    await eventually(lambda: queue.performed == ["one", "two", "three"])
    stopping.set()
    await asyncio.wait_for(loop, 5)


@pytest.mark.parametrize("fault", ["crash", "database away"])
async def test_a_fault_does_not_end_the_loop(fault: str) -> None:
    queue, wake, stopping = _Queue(), asyncio.Event(), asyncio.Event()
    queue.due += [fault, "after"]
    loop = asyncio.create_task(run_effects("test", queue.perform_next, wake=wake, stopping=stopping))
    await eventually(lambda: queue.due == ["after"])
    wake.set()
    await eventually(lambda: queue.performed == ["after"])
    stopping.set()
    await asyncio.wait_for(loop, 5)


def test_waiting_doubles_up_to_the_longest() -> None:
    for attempts, seconds in ((1, 5), (2, 10), (4, 40), (10, 1800), (10_000, 1800)):
        assert (
            0.8 * seconds <= backoff(attempts, longest=timedelta(minutes=30)).total_seconds() <= 1.2 * seconds
        )
