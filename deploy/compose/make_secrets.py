"""`python -m deploy.compose.make_secrets`: every secret of the stack, made at the first start and kept.

Each reader has a volume of its own, so that a container sees nothing but its own secrets. In a service the
files are /run/secrets/<setting>; shared/settings.py reads them.
"""

import os
import secrets
from pathlib import Path

from deploy.local.databases import SERVICES

FOLDER = Path("/var/lib/cockpit/secrets")


def make_secrets(folder: Path) -> None:
    """Harmless when run again: the vault keeps what was made, the readers' files are derived from it anew."""
    vault = folder / "vault"
    superuser_password = _remembered(vault / "postgres")
    broker_password = _remembered(vault / "rabbitmq")
    internal_secret = _remembered(vault / "internal_secret")

    write_secret(folder / "postgres" / "password", superuser_password)
    write_secret(
        folder / "rabbitmq" / "20-user.conf", f"default_user = cockpit\ndefault_pass = {broker_password}\n"
    )
    write_secret(
        folder / "databases" / "admin_url",
        f"postgresql://postgres:{superuser_password}@postgres:5432/postgres",
    )
    for service in SERVICES:
        name = f"cockpit_{service}"
        database_url = f"postgresql://{name}:{_remembered(vault / name)}@postgres:5432/{name}"
        write_secret(folder / service / "database_url", database_url)
        write_secret(folder / service / "amqp_url", f"amqp://cockpit:{broker_password}@rabbitmq:5672/")
        write_secret(folder / "databases" / f"{service}_database_url", database_url)
    for service in (*SERVICES, "demo"):
        write_secret(folder / service / "internal_secret", internal_secret)


def _remembered(file: Path) -> str:
    if not file.is_file():
        # Letters and digits, -, _: nothing that a URL or a configuration file would need to escape.
        write_secret(file, secrets.token_urlsafe(32))
    return file.read_text(encoding="utf-8")


def write_secret(file: Path, secret: str) -> None:
    """Readable by owner and group only, from the first moment on, and never half written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440)
    with os.fdopen(opened, "w", encoding="utf-8") as stream:
        os.fchmod(opened, 0o440)  # whatever the umask
        stream.write(secret)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(file)


def main() -> None:
    make_secrets(FOLDER)
    print("The secrets are there.", flush=True)


if __name__ == "__main__":
    main()
