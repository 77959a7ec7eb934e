"""A child that misbehaves ends alone."""

import platform
import resource

import pytest

from shared.sandbox import SandboxError, run_sandboxed

CHILD = "tests.support.sandboxed_child"


async def test_the_answer_of_the_child_comes_back() -> None:
    assert await run_sandboxed(CHILD, {"do": "echo", "text": "Grüße"}, seconds=20) == {"text": "Grüße"}


async def test_a_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(SandboxError, match="too long"):
        await run_sandboxed(CHILD, {"do": "sleep"}, seconds=1)


async def test_a_child_that_wants_too_much_memory_is_ended() -> None:
    with pytest.raises(SandboxError, match="MemoryError"):
        await run_sandboxed(CHILD, {"do": "eat"}, seconds=20, memory_mb=256)


async def test_a_mac_refuses_the_limit_of_memory_and_is_not_asked_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit = resource.setrlimit

    def as_a_mac(kind: int, limits: tuple[int, int]) -> None:
        if kind == resource.RLIMIT_AS:
            raise ValueError("current limit exceeds maximum limit")
        limit(kind, limits)

    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(resource, "setrlimit", as_a_mac)
    assert await run_sandboxed(CHILD, {"do": "echo", "text": "x"}, seconds=20) == {"text": "x"}


async def test_a_child_that_crashes_is_an_error() -> None:
    with pytest.raises(SandboxError, match="ended with -11"):
        await run_sandboxed(CHILD, {"do": "crash"}, seconds=20)


async def test_the_child_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERNAL_SECRET", "must not be seen")
    assert await run_sandboxed(CHILD, {"do": "environment"}, seconds=20) == {"names": ["PATH", "PYTHONPATH"]}
