"""python -m services.gateway"""

from pathlib import Path

from services.gateway.app import create_service
from services.gateway.settings import GatewaySettings
from shared.process import run_service

if __name__ == "__main__":
    run_service("gateway", GatewaySettings(), create_service, migrations=Path(__file__).parent / "migrations")
