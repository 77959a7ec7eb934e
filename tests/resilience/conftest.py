"""Servers of their own for each test: they are killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import start_postgres
from deploy.local.rabbitmq import start_rabbitmq
from tests.resilience.harness import Bus, Servers


@pytest.fixture
def bus() -> Bus:
    """What the product speaks over, unless a test is played on both."""
    return "rabbitmq"


@pytest.fixture
def servers(memory_path: Path, bus: Bus) -> Iterator[Servers]:
    # With all that the tests' own server leaves out: what a killed server has confirmed must be there again.
    postgres = start_postgres(memory_path / "postgres")
    rabbitmq = start_rabbitmq(memory_path / "rabbitmq") if bus == "rabbitmq" else None
    running = Servers(memory_path, postgres, rabbitmq)
    yield running
    if running.rabbitmq:
        running.rabbitmq.stop()
    running.postgres.stop()
