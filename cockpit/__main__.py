"""`cockpit assign-sample --order 2026-1042 --position 2 proof.pdf` does what the button in CDH does,
`cockpit request-access --customer 10014` invites, `cockpit open --order 2026-1042` leads to the page.

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 not reachable.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import uuid
import webbrowser
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

from cockpit.client import Client, sha256_of
from cockpit.errors import CommandError, UsageError
from cockpit.settings import Settings, read_settings
from cockpit.texts import TEXTS, choose_language, wished_language

SOURCE = "/cdh/cockpit-command-line"
DETAILS = ("method", "place", "size_mm", "colours", "quantity")
PLACES = ("customer", "order", "quote")
Say = Callable[..., str]


def main(arguments: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    language = choose_language(wished_language(words), os.environ)

    def say(text: str, **values: object) -> str:
        return TEXTS[text][language].format(**values)

    try:
        options = _parser().parse_args(words)
        settings = read_settings(options, os.environ)
        client = Client(settings.url, settings.api_key, language)
        for line in options.run(options, settings, client, say):
            print(line)
    except CommandError as error:
        for values in error.values:
            print(say(error.text, **values), file=sys.stderr)
        return error.exit_code
    return 0


def _assign_sample(options: argparse.Namespace, settings: Settings, client: Client, say: Say) -> list[str]:
    """Several files are several samples, each titled by its file's name without the ending."""
    try:
        hashes = {file: sha256_of(file) for file in options.files}
    except OSError as error:
        raise _unreadable(error) from error
    events = []
    for file, sha256 in hashes.items():
        client.upload(file, sha256)
        title = " ".join(part for part in (options.title, file.stem if len(hashes) > 1 else "") if part)
        events.append(_sample_assigned(options, settings, file.name, sha256, title))
    client.send(events)
    numbers = ", ".join(options.position)
    positions = say("positions", numbers=numbers) if numbers else ""
    return [say("assigned", file=file.name, order=options.order, positions=positions) for file in hashes]


def _sample_assigned(
    options: argparse.Namespace, settings: Settings, name: str, sha256: str, title: str
) -> dict[str, Any]:
    # Each command is an event of its own. Repeated after a lost answer it has no second effect, since the
    # newest version's bytes are no new version; after another version it brings the file back on purpose.
    details = {name: value for name in DETAILS if (value := getattr(options, name))}
    return _event(
        "cdh.sample.assigned",
        {
            "order_number": options.order,
            "position_numbers": options.position,
            "title": title,
            "file": {"sha256": sha256, "name": name},
            "print_details": details,
            "clerk_code": settings.clerk,
        },
    )


def _request_access(options: argparse.Namespace, settings: Settings, client: Client, say: Say) -> list[str]:
    """Repeated, it is the same invitation with a new link."""
    given = {
        "contact_id": options.contact,
        "email": options.email,
        "name": options.name,
        "clerk_code": settings.clerk,
    }
    data = {"customer_number": options.customer, **{name: value for name, value in given.items() if value}}
    client.send([_event("cdh.access.requested", data)])
    return [say("access_requested", customer=options.customer)]


def _event(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(timezone.utc)  # noqa: UP017 - Python 3.9 has no datetime.UTC
    return {
        "specversion": "1.0",
        "source": SOURCE,
        "id": str(uuid.uuid4()),
        "type": kind,
        "time": now.isoformat(),
        "data": data,
    }


def _open(options: argparse.Namespace, settings: Settings, _client: Client, _say: Say) -> list[str]:
    """The link of a customer, an order or a quote; the browser asks for the log-in where it is needed."""
    kind = next(kind for kind in PLACES if getattr(options, kind))
    address = f"{settings.url}/desk/go/{kind}/{quote(getattr(options, kind), safe='')}"
    if options.action:
        address += f"?action={options.action}"
    if not options.print_only:
        webbrowser.open(address)
    return [address]


def _send(options: argparse.Namespace, _settings: Settings, client: Client, say: Say) -> list[str]:
    try:
        text = sys.stdin.read() if options.file == "-" else Path(options.file).read_text(encoding="utf-8-sig")
        events = json.loads(text)
    except OSError as error:
        raise _unreadable(error) from error
    except ValueError as error:
        raise UsageError("no_json", file=options.file, reason=error) from error
    return [say("accepted", count=client.send(events))]


def _check(_options: argparse.Namespace, settings: Settings, client: Client, say: Say) -> list[str]:
    client.check()
    return [say("works", url=settings.url)]


def _unreadable(error: OSError) -> UsageError:
    return UsageError("unreadable", file=error.filename, reason=error.strerror)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError("wrong_usage", reason=message, program=self.prog)


def _parser() -> argparse.ArgumentParser:
    # Without defaults: what a command is not told does not undo what stands before it.
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--url", help="address of the Partner-Cockpit (COCKPIT_URL)")
    common.add_argument("--api-key", help="key of this workstation (COCKPIT_API_KEY)")
    common.add_argument("--clerk", help="your short code (COCKPIT_CLERK)")
    common.add_argument("--language", choices=("de", "en"), help="of what is said here")
    parser = _Parser(
        prog="cockpit",
        description="Tells the Partner-Cockpit what happens in CDH.",
        epilog="--url, --api-key, --clerk and --language may stand before the command or after it.",
        parents=[common],
    )
    parser.set_defaults(needs=("url", "api_key"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add_command(name: str, help: str) -> argparse.ArgumentParser:  # noqa: A002 - argparse's word
        return commands.add_parser(name, help=help, parents=[common])

    assign = add_command("assign-sample", help="assign proofs to an order (Freigabemuster zuordnen)")
    assign.set_defaults(run=_assign_sample, needs=("url", "api_key", "clerk"))
    assign.add_argument("--order", required=True, help="number of the order")
    assign.add_argument(
        "--position", action="append", default=[], help="number of a position; may be repeated"
    )
    assign.add_argument("--title", default="", help="names the sample where an order has several")
    for detail in DETAILS:
        assign.add_argument(f"--{detail.replace('_', '-')}", default="", help="of the print, optional")
    assign.add_argument("files", nargs="+", type=Path, metavar="FILE")

    access = add_command("request-access", help="invite a person of a customer (Kundenzugang erstellen)")
    access.set_defaults(run=_request_access)
    access.add_argument("--customer", required=True, help="number of the customer")
    access.add_argument("--contact", default="", help="CDH's id of the contact; else the customer's address")
    access.add_argument("--email", default="", help="where CDH knows no address, or another one is meant")
    access.add_argument("--name", default="", help="of the person")

    opening = add_command("open", help="open a page of the Partner-Cockpit in the browser")
    opening.set_defaults(run=_open, needs=("url",))
    place = opening.add_mutually_exclusive_group(required=True)
    for kind in PLACES:
        place.add_argument(f"--{kind}", help=f"number of the {kind}")
    opening.add_argument("--action", choices=("access", "view", "assign"), help="what is to be done there")
    opening.add_argument("--print-only", action="store_true", help="print the address, open nothing")

    send = add_command("send", help="send CloudEvents from a JSON file")
    send.set_defaults(run=_send)
    send.add_argument("file", help='one event or a list of them; "-" is standard input')

    check = add_command("check", help="see whether address and key work")
    check.set_defaults(run=_check)
    return parser


if __name__ == "__main__":
    sys.exit(main())
