"""Where the services are: all from the environment."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class DemoSettings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    gateway_url: str
    auth_url: str
    sync_url: str
    approvals_url: str
    documents_url: str
    internal_secret: SecretStr
