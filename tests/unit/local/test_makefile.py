import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent.parent


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(REPOSITORY / name, tmp_path)
    return tmp_path


def make(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Not as a part of the make that may be running these tests.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    return subprocess.run(
        ["make", *arguments], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )


def stand_in(clone: Path, script: str) -> str:
    python = clone / "python-stand-in"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return f"PYTHON={python}"


def test_make_alone_lists_every_target_for_people(clone: Path) -> None:
    [phony] = re.findall(r"^\.PHONY: (.*)$", (clone / "Makefile").read_text(), re.MULTILINE)
    said = re.findall(r"^  make ([a-z-]+) ", make(clone).stdout, re.MULTILINE)
    assert set(said) == set(phony.split()) - {"port"}  # which is a part of run


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("exit 1", "Python 3.11 or newer is needed, and"),
        (
            'case "$2" in *ensurepip*) exit 1;; esac',
            "Python's venv is missing (Debian, Ubuntu: apt-get install python3-venv).",
        ),
    ],
)
def test_an_unfit_python_is_said_in_one_sentence(clone: Path, script: str, sentence: str) -> None:
    ended = make(clone, "run", stand_in(clone, script))
    assert ended.returncode != 0
    first, *rest = ended.stderr.splitlines()
    assert first.startswith(sentence)
    assert all(line.startswith("make: ***") for line in rest)
    assert not (clone / ".venv").exists()


def test_a_missing_python_is_said_in_one_sentence(clone: Path) -> None:
    ended = make(clone, "run", "PYTHON=python-that-nobody-has")
    assert ended.returncode != 0
    assert ended.stderr.startswith(
        "Python 3.11 or newer is needed, and there is no python-that-nobody-has here"
    )


def test_a_taken_port_is_said_before_anything_is_installed(clone: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = make(clone, "run", f"PYTHON={sys.executable}", f"PORT={port}")
    assert ended.returncode != 0
    assert ended.stderr.startswith(f"Port {port} cannot be used")
    assert not (clone / ".venv").exists()
