"""Secrets of a local run: made once, kept in files that only their owner may read."""

import os
import secrets
from pathlib import Path


def private_folder(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_secret(file: Path, secret: str) -> None:
    """The file is never, not even for a moment, readable for others."""
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w") as stream:
        stream.write(secret)


def remembered_secret(file: Path) -> str:
    if not file.is_file():
        write_secret(file, secrets.token_hex(32))
    return file.read_text().strip()
