"""The running stack, as seen through `docker compose`."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.compose.commands import TestComposeError, run
from tests.compose.engine import Engine

POLL_SECONDS = 0.5
# What differs from a fresh clone: nobody wants to wait for a minute until the mail is sent.
SETTINGS = {"REQUEST_MAIL_DELAY_SECONDS": "3", "MAIL_FROM": "portal@example.com"}


@dataclass(frozen=True)
class Container:
    """One line of `docker compose ps`."""

    name: str
    service: str
    state: str
    health: str
    exit_code: int


class Stack:
    def __init__(self, engine: Engine, *, project: str) -> None:
        self._engine = engine
        self._project = project
        # No .env of this clone: the test starts what a fresh clone starts.
        self._arguments = ["--project-name", project, "--env-file", os.devnull]
        for file in engine.compose_files:
            self._arguments += ["--file", str(file)]

    def compose(
        self,
        *arguments: str | Path,
        timeout: float = 120,  # seconds
        environment: Mapping[str, str] | None = None,
    ) -> str:
        return run(
            *("docker", "compose", *self._arguments, *arguments),
            environment={**self._engine.environment, **SETTINGS, **(environment or {})},
            timeout=timeout,
        )

    def script(self, program: str, *arguments: str | Path, timeout: float) -> str:  # seconds
        """One of this clone's own, which calls `docker compose` itself."""
        environment = {
            **self._engine.environment,
            **SETTINGS,
            "COMPOSE_PROJECT_NAME": self._project,
            "COMPOSE_ENV_FILES": os.devnull,
            "COMPOSE_FILE": ":".join(map(str, self._engine.compose_files)),
        }
        return run(program, *arguments, environment=environment, timeout=timeout)

    def remove(self) -> None:
        """Containers, networks and volumes. Harmless when run again."""
        self.compose("--profile", "demo", "down", "--volumes", "--timeout", "10", timeout=180)

    def containers(self) -> list[Container]:
        lines = self.compose("--profile", "demo", "ps", "--all", "--format", "json").splitlines()
        return [_container(json.loads(line)) for line in lines if line.startswith("{")]

    def of(self, service: str) -> list[Container]:
        return [container for container in self.containers() if container.service == service]

    def inspect(self, container: Container) -> dict[str, Any]:
        inspected: list[dict[str, Any]] = json.loads(self._engine.docker("inspect", container.name))
        return inspected[0]

    def execute(self, container: Container, *command: str) -> str:
        return self._engine.docker("exec", container.name, *command)

    def copy(self, container: Container, path: str, target: Path) -> None:
        self._engine.docker("cp", f"{container.name}:{path}", target)

    def log(self, container: Container) -> str:
        return self._engine.docker("logs", container.name)

    def events(self, container: Container) -> Iterator[dict[str, Any]]:
        """What the container logged as JSON."""
        for line in self.log(container).splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                yield event

    def wait_until(self, is_so: Callable[[], bool], *, what: str, timeout: float) -> None:  # seconds
        """Raises TestComposeError, with the state of all containers, when it does not become so in time."""
        deadline = time.monotonic() + timeout
        while not is_so():
            if time.monotonic() > deadline:
                raise TestComposeError(f"Not within {timeout:.0f} s: {what}\n{self.describe()}")
            time.sleep(POLL_SECONDS)

    def describe(self) -> str:
        """For a failure's report: each container's state, and the last words of those that are not well."""
        lines = []
        for container in self.containers():
            lines.append(f"  {container.name}: {container.state} {container.health} ({container.exit_code})")
            if container.exit_code != 0 or container.health == "unhealthy" or container.state == "restarting":
                lines += [f"    | {line}" for line in self.log(container).splitlines()[-8:]]
        return "\n".join(lines)


def _container(line: dict[str, Any]) -> Container:
    return Container(
        name=line["Name"],
        service=line["Service"],
        state=line["State"],
        health=line.get("Health", ""),
        exit_code=int(line.get("ExitCode", 0)),
    )
