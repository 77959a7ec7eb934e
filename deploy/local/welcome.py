"""What `make run` prints when everything stands."""

import json
import shlex
import sys
from pathlib import Path

from deploy.local.demo import Demo
from deploy.local.stack import Stack

ROLES = {"customer": "Customer", "clerk": "Clerk", "operator": "Operator"}


def welcome(stack: Stack, demo: Demo, *, mails: str) -> str:
    """`mails` says where mails go."""
    logins = "\n".join(
        f"    {ROLES.get(login.role, login.role):10}{login.email}  password {login.password}  ({login.name})"
        for login in demo.logins
    )
    insecure = (
        ""
        if stack.public_url.startswith("https://")
        else "  On plain http the cookies go without `Secure`; so this is for your own machine only.\n"
    )
    return f"""
  The Partner-Cockpit runs: {stack.public_url}
{insecure}
  Log in as
{logins}

  Mails             {mails}
  Order folders     {stack.order_folder_root}
  Logs              {stack.folder / "logs"}
  API key of CDH    {demo.api_key}

  Play the clerk who assigns a proof in CDH (order {demo.proof.order_number}):

{assign_by_curl(stack, demo)}

  or, as on a clerk's workstation:

{assign_by_cockpit(stack, demo)}

  The mails arrive within a few seconds.
  The same file again changes nothing; any other PDF or picture is the next version.

  Ctrl-C stops everything, `make run` continues where you left, `make reset` forgets it.
"""


def assign_by_curl(stack: Stack, demo: Demo) -> str:
    """A line that may be run again and again: each time a new event, though the same file counts once."""
    proof = demo.proof
    event = {
        "specversion": "1.0",
        "type": "cdh.sample.assigned",
        "source": "/cdh/demo",
        "id": "ID",
        "datacontenttype": "application/json",
        "data": {
            "order_number": proof.order_number,
            "position_numbers": [proof.position],
            **({"title": proof.title} if proof.title else {}),
            "clerk_code": proof.clerk_code,
            "file": {"path": proof.file.name},
        },
    }
    address = f"{stack.gateway_url}/cdh/v1/events"
    headers = {"Authorization": f"Bearer {demo.api_key}", "Content-Type": "application/cloudevents+json"}
    words = [
        *("curl", "-sS"),
        *(word for name, value in headers.items() for word in ("-H", f"{name}: {value}")),
        address,
    ]
    # The shell ends the quotes for the moment that it needs to write the time.
    body = shlex.quote(json.dumps(event)).replace('"ID"', "\"'$(date +%s)'\"")
    return f"{shlex.join(words)} -d {body}"


def assign_by_cockpit(stack: Stack, demo: Demo) -> str:
    proof = demo.proof
    settings = {
        "COCKPIT_URL": stack.gateway_url,
        "COCKPIT_API_KEY": demo.api_key,
        "COCKPIT_CLERK": proof.clerk_code,
    }
    words = [str(_relative(Path(sys.executable))), "-m", "cockpit", "assign-sample"]
    words += ["--order", proof.order_number, "--position", proof.position]
    words += ["--title", proof.title] if proof.title else []
    words.append(str(_relative(proof.file)))
    return (
        " ".join([f"{name}={shlex.quote(value)}" for name, value in settings.items()])
        + f" {shlex.join(words)}"
    )


def _relative(path: Path) -> Path:
    """Shorter to read where it lies below the folder in which the command was given."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
