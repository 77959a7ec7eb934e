"""python -m services.auth"""

from pathlib import Path

from services.auth.app import create_service
from services.auth.settings import AuthSettings
from shared.process import run_service

if __name__ == "__main__":
    run_service("auth", AuthSettings(), create_service, migrations=Path(__file__).parent / "migrations")
