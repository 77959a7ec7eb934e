import asyncio

import pytest

from deploy.local import supervision
from deploy.local.errors import LauncherError
from deploy.local.supervision import Watched
from tests.support import eventually


async def nothing() -> None:
    pass


def test_who_dies_again_and_again_waits_longer_each_time_up_to_a_limit() -> None:
    watched = Watched("sync", lambda: False, nothing)
    assert [watched.next_delay(ran_seconds=1) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


def test_who_has_run_steadily_is_started_quickly_again() -> None:
    watched = Watched("sync", lambda: False, nothing)
    assert [watched.next_delay(ran_seconds=1) for _ in range(2)] == [1, 2]
    assert watched.next_delay(ran_seconds=supervision.STEADY_SECONDS + 1) == 1


async def test_a_start_that_fails_is_said_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "LOOK_SECONDS", 0)
    attempts: list[str] = []

    async def start() -> None:
        attempts.append("started")
        if len(attempts) == 1:
            raise LauncherError("The service sync ended at its start.")

    said: list[str] = []
    watched = Watched("The service sync", lambda: len(attempts) == 2, start, delay=0)
    keeping = asyncio.create_task(watched.keep_running(said.append))
    await eventually(lambda: "The service sync runs again." in said)
    keeping.cancel()
    assert "The service sync ended at its start." in said
    assert len(attempts) == 2
