"""`python -m deploy.compose.load_demo`: the demo data, once; at each start, what a visitor needs to know."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.demo import Demo

SECRETS = Path("/run/secrets")
LOADED = Path("/var/lib/cockpit/demo/demo.json")
TIMEOUT = 900  # seconds; a small machine with everything starting at once


def load_demo_once() -> Demo:
    """A load that was cut is done again; the events it repeats have no second effect."""
    if not LOADED.is_file():
        unfinished = LOADED.with_suffix(".unfinished")
        secret = (SECRETS / "internal_secret").read_text(encoding="utf-8")
        subprocess.run(
            [sys.executable, "-m", "deploy.demo", "--output", unfinished],
            env=os.environ | {"INTERNAL_SECRET": secret},
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=True,
        )
        demo = Demo.model_validate_json(unfinished.read_bytes())
        # Where it stays, and where the command below finds it.
        proof = demo.assign.model_copy(update={"file": LOADED.parent / demo.assign.file.name})
        if demo.assign.file != proof.file:
            shutil.copy(demo.assign.file, proof.file)
        unfinished.write_text(demo.model_copy(update={"assign": proof}).model_dump_json(), encoding="utf-8")
        unfinished.chmod(0o600)
        unfinished.rename(LOADED)
    return Demo.model_validate_json(LOADED.read_bytes())


def welcome(demo: Demo, *, public_url: str, mails_url: str) -> str:
    assign = demo.assign
    command = (
        f"docker compose --profile demo run --rm -e COCKPIT_API_KEY={demo.api_key} demo python -m cockpit"
        f" assign-sample --order {assign.order_number} --position {assign.position} {assign.file}"
    )
    lines = [f"The demo is ready: {public_url}", ""]
    lines += [f"  {login.role:9} {login.email}  password: {login.password}" for login in demo.logins]
    lines += [
        "",
        f"  mails     {mails_url}  (in a browser on this machine)",
        f"  API key   {demo.api_key}",
        "",
        "To play the clerk who assigns a proof:",
        "",
        f"  {command}",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    try:
        demo = load_demo_once()
    except subprocess.SubprocessError as error:
        sys.exit(f"The demo data could not be brought in: {error}")
    print(welcome(demo, public_url=os.environ["PUBLIC_URL"], mails_url=os.environ["MAILS_URL"]), flush=True)


if __name__ == "__main__":
    main()
