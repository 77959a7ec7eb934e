"""What can be set: env.example names it, and docker-compose.yml passes it on. Needs no engine."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.compose.make_secrets import make_secrets
from deploy.compose.write_smtp_url import write_smtp_url
from deploy.local.databases import SERVICES
from deploy.local.settings import REPOSITORY, LauncherSettings
from services.approvals.settings import ApprovalsSettings
from services.auth.settings import AuthSettings
from services.documents.settings import DocumentsSettings
from services.gateway.settings import GatewaySettings
from services.mailer.settings import MailerSettings
from services.sync.settings import SyncSettings
from shared.settings import ServiceSettings

COMPOSE = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
OWN_WEB_SERVER = (REPOSITORY / "deploy" / "proxy" / "own-web-server.yml").read_text(encoding="utf-8")
EXAMPLE = (REPOSITORY / "deploy" / "env.example").read_text(encoding="utf-8")
SETTINGS: dict[str, type[ServiceSettings]] = {
    "auth": AuthSettings,
    "documents": DocumentsSettings,
    "approvals": ApprovalsSettings,
    "mailer": MailerSettings,
    "sync": SyncSettings,
    "gateway": GatewaySettings,
}
# The stack has a RabbitMQ; the PostgreSQL bus is for boxes without one.
NOT_IN_COMPOSE = {"BUS_DATABASE_URL"}


def _block(name: str) -> str:
    """The lines of one service, or of one x- block, in docker-compose.yml."""
    match = re.search(
        rf"^(?:  {name}|{name}):.*\n((?:    .*\n|  .*\n|\n)*?)(?=^(?:  )?[a-z]|\Z|^  #)",
        COMPOSE,
        re.MULTILINE,
    )
    assert match, name
    return match[1]


def _names(settings: type[ServiceSettings]) -> set[str]:
    return {name.upper() for name in settings.model_fields}


def test_env_example_names_every_setting() -> None:
    named = set(re.findall(r"^#([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    settings = {name for each in SETTINGS.values() for name in _names(each)}
    settings |= {name.upper() for name in LauncherSettings.model_fields}
    in_compose = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE + OWN_WEB_SERVER)) | set(
        re.findall(r"^ +([A-Z_]+):$", COMPOSE, re.MULTILINE)
    )
    assert named == settings | in_compose | {"COMPOSE_FILE"}  # the last is docker compose's own


def test_env_example_explains_what_it_names() -> None:
    lines = EXAMPLE.splitlines()
    unexplained = [
        line
        for before, line in pairwise(lines)
        if re.match(r"#[A-Z_]+=", line) and not before.startswith("#")
    ]
    assert unexplained == []


@pytest.mark.parametrize("service", SETTINGS)
def test_compose_passes_every_setting_on_to_its_service(service: str, tmp_path: Path) -> None:
    make_secrets(tmp_path)
    write_smtp_url(tmp_path, "smtp://localhost")
    secrets = {file.name.upper() for file in (tmp_path / service).iterdir()}
    given = set(re.findall(r"^ +([A-Z_]+):", _block(service) + _block("x-environment"), re.MULTILINE))
    assert _names(SETTINGS[service]) - NOT_IN_COMPOSE <= given | secrets


def test_secrets_are_kept_and_readable_for_nobody_else(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    write_smtp_url(tmp_path, "smtp://one.example.com")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    first = {file: file.read_text() for file in files}
    make_secrets(tmp_path)
    write_smtp_url(tmp_path, "smtp://other.example.com")
    assert {file.name for file in files if file.read_text() != first[file]} == {"smtp_url"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o440}


def test_each_service_has_a_secret_of_its_own_for_its_database(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    urls = {(tmp_path / service / "database_url").read_text() for service in SERVICES}
    internal = {(tmp_path / service / "internal_secret").read_text() for service in SETTINGS}
    assert len(urls) == len(SERVICES)
    assert len(internal) == 1
