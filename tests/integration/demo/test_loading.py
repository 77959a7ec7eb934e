"""How a load that cannot go on says so. That it works is shown by the tests that play the main job."""

import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from deploy.demo.loader import DemoError, Door, UnknownKeyError
from deploy.local.ports import free_port

NAMES = ("GATEWAY_URL", "AUTH_URL", "SYNC_URL", "APPROVALS_URL", "DOCUMENTS_URL")


@dataclass
class Answers:
    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
async def door(answers: Answers) -> AsyncIterator[Door]:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(answers.body, status=answers.status)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(application) as server, aiohttp.ClientSession() as session:
        yield Door(session, str(server.make_url("")), "key")


@pytest.mark.parametrize("status", [200, 422])
async def test_a_refused_event_is_said_with_its_place(door: Door, answers: Answers, status: int) -> None:
    fault = {"place": "/data/name", "reason": "This field is missing."}
    result = {"source": "/s", "id": "customer/1", "status": "refused", "errors": [fault]}
    answers.status, answers.body = status, {"results": [result]}
    with pytest.raises(DemoError, match=r"customer/1 was refused: /data/name: This field is missing\."):
        await door.post_events([{"id": "customer/1"}])


async def test_a_refused_file_is_said_in_the_words_of_the_answer(door: Door, answers: Answers) -> None:
    answers.status, answers.body = 422, {"message": "This is no PDF."}
    with pytest.raises(DemoError, match=r"was answered with 422: This is no PDF\."):
        await door.put_file(b"no PDF", "application/pdf")


async def test_a_key_that_is_not_known_any_more_is_told_apart(door: Door, answers: Answers) -> None:
    answers.status = 401
    with pytest.raises(UnknownKeyError):
        await door.check()


def run_loader(tmp_path: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.demo", "--output", tmp_path / "demo.json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_missing_in_the_environment_is_named(tmp_path: Path) -> None:
    ended = run_loader(tmp_path, dict.fromkeys(NAMES, "http://127.0.0.1:9"))
    assert ended.returncode == 2
    assert ended.stderr == "The demo needs these in the environment: INTERNAL_SECRET.\n"


def test_services_that_do_not_answer_are_one_sentence(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    ended = run_loader(tmp_path, dict.fromkeys(NAMES, nobody) | {"INTERNAL_SECRET": "secret"})
    assert ended.returncode == 1
    assert ended.stderr == f"The demo could not be brought in. {nobody} does not answer.\n"
