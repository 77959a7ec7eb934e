"""`python -m deploy.compose.make_databases`: a database and a role for each service, idempotent."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.databases import SERVICES, create_databases

SECRETS = Path("/run/secrets")


def main() -> None:
    admin_url = (SECRETS / "admin_url").read_text(encoding="utf-8")
    urls = {name: (SECRETS / f"{name}_database_url").read_text(encoding="utf-8") for name in SERVICES}
    passwords = {name: urlsplit(url).password or "" for name, url in urls.items()}
    asyncio.run(create_databases(admin_url, role_passwords=passwords))
    print(f"The databases are there: {', '.join(SERVICES)} and the bus.", flush=True)


if __name__ == "__main__":
    main()
