"""Runs approvals as one process."""

from pathlib import Path

from services.approvals.app import create_service
from services.approvals.settings import ApprovalsSettings
from shared.process import run_service

if __name__ == "__main__":
    run_service(
        "approvals",
        ApprovalsSettings(),
        create_service,
        migrations=Path(__file__).parent / "migrations",
    )
