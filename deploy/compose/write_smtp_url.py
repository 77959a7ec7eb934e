"""`python -m deploy.compose.write_smtp_url`: SMTP_URL, which holds a password, as a file of the mailer.

A step of its own, so that a new mail server starts nothing but the mailer again.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from deploy.compose.make_secrets import FOLDER, write_secret

# The mail catcher of the demo. Without the demo nobody answers there, and mails wait until SMTP_URL is given.
NO_SMTP_URL = "smtp://mail-catcher:1025"


def write_smtp_url(folder: Path, smtp_url: str) -> None:
    write_secret(folder / "mailer" / "smtp_url", smtp_url)


def main() -> None:
    smtp_url = os.environ.get("SMTP_URL") or NO_SMTP_URL
    if smtp_url != NO_SMTP_URL and not os.environ.get("MAIL_FROM"):
        sys.exit("MAIL_FROM must be given together with SMTP_URL: bounces come back to that address.")
    write_smtp_url(FOLDER, smtp_url)
    print(f"Mails go to {urlsplit(smtp_url).hostname}.", flush=True)


if __name__ == "__main__":
    main()
