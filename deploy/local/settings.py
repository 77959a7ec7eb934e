"""What `make run` takes from the environment. Everything has a default."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import TimeZone

REPOSITORY = Path(__file__).resolve().parent.parent.parent


class LauncherSettings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    run_folder: Path = REPOSITORY / ".run"
    """Everything that a run keeps; `make reset` removes it."""
    port: int = Field(default=8080, ge=1, le=65535)
    """Of the pages, on 127.0.0.1."""
    public_url: str | None = None
    """By which address people reach the pages, where something stands in front."""
    mails_port: int | None = Field(default=None, ge=1, le=65535)
    """Of the page that shows the caught mails; without it any free port."""
    database_url: SecretStr | None = None
    """A PostgreSQL server on which this user may make databases; without it a private one is started."""
    amqp_url: SecretStr | None = None
    """A RabbitMQ; without it a private one is started where RabbitMQ is installed."""
    time_zone: TimeZone = "Europe/Berlin"
    """Of the times on the page with the caught mails, as on all others."""
    smtp_url: SecretStr | None = None
    """A mail server; without it the mails are caught and shown on a page."""
    order_folder_root: Path | None = None
    """Where the order folders lie; without it below the run folder."""
    cdh_file_root: Path | None = None
    """Below it CDH may name files by their path; without it below the run folder."""
