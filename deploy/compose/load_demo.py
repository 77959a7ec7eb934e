"""`python -m deploy.compose.load_demo`: the demo data, once; at each start, what a visitor needs to know."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from deploy.demo.outcome import Outcome

SECRETS = Path("/run/secrets")
LOADED = Path("/var/lib/cockpit/demo/demo.json")
TIMEOUT = 900  # seconds; a small machine with everything starting at once


def load_demo() -> Outcome:
    """Harmless when run again: a load that was cut is gone on with, a finished one is only read."""
    if LOADED.is_file():
        return Outcome.model_validate_json(LOADED.read_bytes())
    secret = (SECRETS / "internal_secret").read_text(encoding="utf-8")
    unfinished = LOADED.with_name("unfinished.json")
    subprocess.run(
        [sys.executable, "-m", "deploy.demo", "--output", unfinished, "--files", LOADED.parent],
        env=os.environ | {"INTERNAL_SECRET": secret},
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT,
        check=True,
    )
    unfinished.rename(LOADED)
    return Outcome.model_validate_json(LOADED.read_bytes())


def welcome(demo: Outcome, *, public_url: str, mails_url: str) -> str:
    lines = ["", f"The demo is ready: {public_url}", ""]
    lines += [f"  {login.role:9} {login.email}  password: {login.password}" for login in demo.logins]
    lines += [
        "",
        f"  mails     {mails_url}  (in a browser on this machine)",
        f"  API key   {demo.api_key}",
        "",
    ]
    if proof := demo.assign:
        where = f"--order {proof.order_number} --position {proof.position} --title {shlex.quote(proof.title)}"
        lines += [
            "To play the clerk who assigns a proof:",
            "",
            f"  docker compose --profile demo run --rm -e COCKPIT_API_KEY={demo.api_key} demo \\",
            f"    python -m cockpit assign-sample {where} \\",
            f"    --clerk {proof.clerk_code} {shlex.quote(str(proof.file))}",
            "",
        ]
    return "\n".join(lines)


def main() -> None:
    try:
        demo = load_demo()
    except subprocess.SubprocessError as error:
        sys.exit(f"The demo data could not be brought in: {error}")
    print(welcome(demo, public_url=os.environ["PUBLIC_URL"], mails_url=os.environ["MAILS_URL"]), flush=True)


if __name__ == "__main__":
    main()
