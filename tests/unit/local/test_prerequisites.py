"""What `make test` does on a machine that lacks a program: it never goes on without."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prerequisites


@pytest.mark.parametrize(
    ("platform", "command"), [("linux", "apt-get install chromium"), ("darwin", "brew install chromium")]
)
def test_a_missing_program_is_named_and_nothing_is_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], platform: str, command: str
) -> None:
    monkeypatch.setattr(prerequisites, "missing_packages", lambda: ["chromium"])
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert prerequisites.main() == 1

    said = capsys.readouterr().err
    assert command in said
    assert said.count("\n") == 1


def test_root_on_debian_gets_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    missing, installed = ["rabbitmq-server"], []

    def install(packages: list[str]) -> None:
        installed.extend(packages)
        missing.clear()

    monkeypatch.setattr(prerequisites, "missing_packages", lambda: list(missing))
    monkeypatch.setattr(prerequisites, "install", install)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")

    assert prerequisites.main() == 0
    assert installed == ["rabbitmq-server"]


def test_where_apt_has_no_chromium_the_driver_brings_one_and_the_rest_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As on Ubuntu, whose apt knows the name and has nothing for it."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        candidate = "(none)" if command[-1] == "chromium" else "3.12"
        return subprocess.CompletedProcess(command, 0, f"{command[-1]}:\n  Candidate: {candidate}\n", "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(prerequisites, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    prerequisites.install(["rabbitmq-server", "chromium"])

    [apt] = [command for command in commands if command[:2] == ["apt-get", "install"]]
    assert apt[-1] == "rabbitmq-server"
    assert "chromium" not in apt
    assert commands[-1][1:] == ["-m", "playwright", "install", "--with-deps", "chromium"]
    assert not (tmp_path / "policy-rc.d").exists()


def test_what_apt_cannot_install_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def install(_: list[str]) -> None:
        raise subprocess.CalledProcessError(100, ["apt-get", "install"])

    monkeypatch.setattr(prerequisites, "missing_packages", lambda: ["caddy", "chromium"])
    monkeypatch.setattr(prerequisites, "install", install)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")

    assert prerequisites.main() == 1

    assert capsys.readouterr().err == (
        "The tests need caddy, chromium. Please install as root: apt-get install caddy chromium "
        "(on Ubuntu, whose chromium is a snap: google-chrome instead)\n"
    )
