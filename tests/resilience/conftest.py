"""Servers of their own for each test: they are killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import start_postgres
from deploy.local.rabbitmq import start_rabbitmq
from tests.resilience.harness import Servers


@pytest.fixture
def servers(memory_path: Path) -> Iterator[Servers]:
    # With all that the tests' own server leaves out: what a killed server has confirmed must be there again.
    running = Servers(
        memory_path, start_postgres(memory_path / "postgres"), start_rabbitmq(memory_path / "rabbitmq")
    )
    yield running
    running.rabbitmq.stop()
    running.postgres.stop()
