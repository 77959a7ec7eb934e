"""What the gateway takes from the environment."""

import ipaddress
from pathlib import Path
from typing import Annotated

from pydantic import Field, FilePath, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict
from yarl import URL

from shared.settings import BrandColour, ServiceSettings, TimeZone

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class GatewaySettings(ServiceSettings):
    model_config = SettingsConfigDict(env_ignore_empty=True)  # compose hands on what is not set as empty

    public_url: str
    """The address people type, e.g. https://portal.example.de; never guessed from a request."""
    auth_url: str
    documents_url: str
    approvals_url: str
    mailer_url: str
    sync_url: str
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    """Networks whose X-Forwarded-For is believed, separated by commas."""
    company_name: str = "Partner-Cockpit"
    """The dealer's name, on top of every page. What an operator sets on a page wins over the environment."""
    brand_colour: BrandColour = "#0f5c8c"
    """The dealer's colour as #rrggbb; the text on it turns black or white by contrast."""
    imprint_file: FilePath | None = None
    """A text file with the Impressum; without it a marked sample text is shown."""
    privacy_file: FilePath | None = None
    """A text file with the Datenschutzerklärung."""
    time_zone: TimeZone = "Europe/Berlin"
    developer_pages: bool = False
    """Shows /components, all pieces of the pages side by side."""
    audit_days: int = Field(default=730, ge=90)
    """What the staff did is deleted after this time, in days."""
    max_file_mb: int = 100
    """The largest file that CDH may bring."""

    def legal_file(self, name: str) -> Path | None:
        """`name` is imprint or privacy."""
        return {"imprint": self.imprint_file, "privacy": self.privacy_file}[name]

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        url = URL(value)
        if (
            url.scheme not in ("http", "https")
            or not url.host
            or url.path not in ("", "/")
            or url.query_string
        ):
            raise ValueError("must look like https://portal.example.de, without a path")
        return str(url.origin())

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
