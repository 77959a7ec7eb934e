"""Runs the service: python -m services.documents"""

from pathlib import Path

from services.documents.app import create_service
from services.documents.settings import DocumentsSettings
from shared.process import run_service

if __name__ == "__main__":
    run_service(
        "documents", DocumentsSettings(), create_service, migrations=Path(__file__).parent / "migrations"
    )
