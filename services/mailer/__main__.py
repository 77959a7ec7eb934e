"""python -m services.mailer"""

from pathlib import Path

from services.mailer.app import create_service
from services.mailer.settings import MailerSettings
from shared.process import run_service

if __name__ == "__main__":
    run_service("mailer", MailerSettings(), create_service, migrations=Path(__file__).parent / "migrations")
