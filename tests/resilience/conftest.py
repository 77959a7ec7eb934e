"""Servers of their own for each test: they are killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import start_postgres
from deploy.local.rabbitmq import start_rabbitmq
from tests.resilience.harness import Bus, Servers
from tests.support.postgres import OWN_MEMORY, copy_of


@pytest.fixture
def bus() -> Bus:
    """What the product speaks over, unless a test is played on both."""
    return "rabbitmq"


@pytest.fixture
def servers(memory_path: Path, new_cluster: Path, bus: Bus) -> Iterator[Servers]:
    # With all that the tests' own server leaves out: what a killed server has confirmed must be there again.
    postgres = start_postgres(copy_of(new_cluster, memory_path / "postgres"), settings=OWN_MEMORY)
    rabbitmq = start_rabbitmq(memory_path / "rabbitmq") if bus == "rabbitmq" else None
    running = Servers(memory_path, postgres, rabbitmq)
    yield running
    if running.rabbitmq:
        running.rabbitmq.stop()
    running.postgres.stop()
