"""Runs the service: python -m services.sync"""

from pathlib import Path

from services.sync.app import create_service
from services.sync.settings import SyncSettings
from shared.process import run_service

if __name__ == "__main__":
    run_service("sync", SyncSettings(), create_service, migrations=Path(__file__).parent / "migrations")
