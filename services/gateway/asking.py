"""Asking several services at once, and going on without those that are away."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from shared.errors import CockpitError
from shared.web import ServiceUnavailableError

One = TypeVar("One")
Other = TypeVar("Other")


async def if_available(question: Coroutine[Any, Any, One]) -> One | None:
    """The answer, or None while the service is away: the rest of the page is shown all the same."""
    try:
        return await question
    except ServiceUnavailableError:
        return None


async def together(one: Coroutine[Any, Any, One], other: Coroutine[Any, Any, Other]) -> tuple[One, Other]:
    """Both answers, asked for at the same time; a refusal is raised as it is."""
    try:
        async with asyncio.TaskGroup() as tasks:
            pending = tasks.create_task(other)
            first = await one
        return first, pending.result()
    except BaseExceptionGroup as group:
        raise _refusal(group) from None


async def all_of(questions: Iterable[Coroutine[Any, Any, One]]) -> list[One]:
    """The answers in their order, asked for at the same time; a refusal is raised as it is."""
    try:
        async with asyncio.TaskGroup() as tasks:
            pending = [tasks.create_task(question) for question in questions]
        return [task.result() for task in pending]
    except BaseExceptionGroup as group:
        raise _refusal(group) from None


def _refusal(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What a service refused, or else whatever came first: one exception as if it had been asked alone."""
    refusals = group.subgroup(CockpitError) or group
    first = refusals.exceptions[0]
    return _refusal(first) if isinstance(first, BaseExceptionGroup) else first
