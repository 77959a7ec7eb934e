"""The settings that services have in common. Each service's own class adds to them."""

import ipaddress
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS_FOLDER = Path("/run/secrets")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise ValueError("must be a time zone like Europe/Berlin") from error
    return name


def _written_colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError("must look like #0f5c8c")
    return text


TimeZone = Annotated[str, AfterValidator(_known_zone)]
BrandColour = Annotated[str, AfterValidator(_written_colour)]


class ServiceSettings(BaseSettings):
    """Read from the environment; a file /run/secrets/<name> may hold a secret instead."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        # What is complained of may be a secret.
        hide_input_in_errors=True,
        secrets_dir=SECRETS_FOLDER if SECRETS_FOLDER.is_dir() else None,
    )

    internal_secret: SecretStr
    """Signs the identity that the gateway hands to the services; the same for all."""
    storage_folder: Path
    """Files by SHA-256; the same folder for all services."""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int
    log_level: str = "INFO"
    log_form: str = "json"
    """"json" for machines, "console" for people."""

    database_url: SecretStr
    """This service's own database, postgresql://…"""
    amqp_url: SecretStr | None = None
    """RabbitMQ, amqp://…; without it the PostgreSQL bus is used."""
    bus_database_url: SecretStr | None = None
    """The database of the PostgreSQL bus."""

    lease_seconds: float = Field(default=20, ge=1)
    """What a process had in hand when it died is taken up again after this time."""

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)

    @model_validator(mode="after")
    def _host_is_an_address(self) -> Self:
        ipaddress.ip_address(self.host)
        return self

    @model_validator(mode="after")
    def _one_bus(self) -> Self:
        if self.amqp_url is None and self.bus_database_url is None:
            raise ValueError("AMQP_URL or BUS_DATABASE_URL must be given")
        return self
