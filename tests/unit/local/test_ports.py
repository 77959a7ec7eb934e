import random
import socket
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.errors import LauncherError
from deploy.local.ports import free_port, is_free, remembered_port, require_free


def test_a_port_that_somebody_took_meanwhile_is_replaced(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as somebody:
        taken = somebody.getsockname()[1]
        (tmp_path / "port").write_text(f"{taken}\n")
        other = remembered_port(tmp_path / "port")
        assert other != taken
    assert remembered_port(tmp_path / "port") == other


def test_a_server_that_starts_again_keeps_the_port_its_clients_know(tmp_path: Path) -> None:
    """Its own last connection may still be dying there."""
    port = remembered_port(tmp_path / "port")
    with socket.create_server(("127.0.0.1", port)):
        assert remembered_port(tmp_path / "port") == port


def test_free_ports_lie_outside_of_those_for_outgoing_connections() -> None:
    port = free_port()
    assert is_free(port)
    assert 20_000 <= port <= 32_000


def test_two_ports_that_nobody_listens_on_yet_are_not_the_same() -> None:
    chosen = [free_port() for _ in range(200)]
    assert len(set(chosen)) == 200


def test_a_taken_port_names_the_setting_for_another_one() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        port = other.getsockname()[1]
        with pytest.raises(LauncherError, match=f"make run MAILS_PORT={port + 1}"):
            require_free(port, variable="MAILS_PORT")


def test_no_port_is_given_out_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two services of one product began with the same, and the second could not start."""
    diced = iter([21_001, 21_001, 21_001, 21_002])
    monkeypatch.setattr(ports, "_given", set())
    monkeypatch.setattr(random, "randint", lambda *_: next(diced))
    monkeypatch.setattr(ports, "is_free", lambda _port: True)
    assert [free_port(), free_port()] == [21_001, 21_002]


def test_a_port_that_a_person_named_is_given_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though nobody listens on it yet: the gateway comes after the services that it asks."""
    diced = iter([21_001, 21_002])
    monkeypatch.setattr(ports, "_given", set())
    monkeypatch.setattr(random, "randint", lambda *_: next(diced))
    monkeypatch.setattr(ports, "is_free", lambda _port: True)
    require_free(21_001, variable="PORT")
    assert free_port() == 21_002


def test_a_remembered_port_is_given_to_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though its server does not listen yet, or is just being started again."""
    diced = iter([21_001, 21_002])
    monkeypatch.setattr(ports, "_given", set())
    monkeypatch.setattr(random, "randint", lambda *_: next(diced))
    monkeypatch.setattr(ports, "is_free", lambda _port: True)
    (tmp_path / "port").write_text("21001\n")
    assert remembered_port(tmp_path / "port") == 21_001
    assert free_port() == 21_002
