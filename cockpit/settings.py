"""Where the Partner-Cockpit is, and who is sending: options, then the environment, then the user's file."""

import argparse
import configparser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cockpit.errors import UsageError

SECTION = "cockpit"
NAMES = ("url", "api_key", "clerk")


@dataclass(frozen=True)
class Settings:
    url: str
    api_key: str
    clerk: str


def settings_file(environment: Mapping[str, str]) -> Path:
    """%APPDATA%\\Partner-Cockpit\\cockpit.ini on Windows, ~/.config/partner-cockpit/cockpit.ini elsewhere."""
    if roaming := environment.get("APPDATA"):
        return Path(roaming) / "Partner-Cockpit" / "cockpit.ini"
    return Path(environment.get("HOME", "")) / ".config" / "partner-cockpit" / "cockpit.ini"


def read_settings(options: argparse.Namespace, environment: Mapping[str, str]) -> Settings:
    """Raises UsageError where something is not given that `options.needs` names."""
    path = settings_file(environment)
    file = configparser.ConfigParser(interpolation=None)
    file.read(path, encoding="utf-8-sig")  # Notepad writes a byte order mark
    found = {
        name: str(getattr(options, name, None) or "")
        or environment.get(f"COCKPIT_{name.upper()}")
        or str(file.get(SECTION, name, fallback=""))
        for name in NAMES
    }
    for name in options.needs:
        if not found[name]:
            raise UsageError(f"{name}_missing", file=path)
    return Settings(url=found["url"].rstrip("/"), api_key=found["api_key"], clerk=found["clerk"])
