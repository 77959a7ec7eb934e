"""For operators: look at what went wrong and have it done again.

    python -m shared.messaging dead list approvals
    python -m shared.messaging dead replay approvals [message id]
    python -m shared.messaging outbox list
    python -m shared.messaging outbox resend

The bus is the one of AMQP_URL or BUS_DATABASE_URL, the outbox the one of DATABASE_URL.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.database import DATABASE_ERRORS, connect
from shared.messaging import outbox
from shared.messaging.bus import BusUnreachableError, Message
from shared.messaging.running import open_bus
from shared.messaging.topology import checked_in_topology
from shared.settings import SECRETS_FOLDER


class OperatorSettings(BaseSettings):
    """The part of a service's settings that says where its messages are."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", secrets_dir=SECRETS_FOLDER if SECRETS_FOLDER.is_dir() else None
    )

    amqp_url: SecretStr | None = None
    bus_database_url: SecretStr | None = None
    database_url: SecretStr | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parse(arguments)
    settings = OperatorSettings()
    try:
        if chosen.place == "dead":
            asyncio.run(_dead(settings, chosen.action, chosen.service, chosen.message_id))
        else:
            asyncio.run(_outbox(settings, chosen.action))
    except (BusUnreachableError, ValueError, *DATABASE_ERRORS) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command line speaks to a person
        return 1
    return 0


async def _dead(settings: OperatorSettings, action: str, service: str, message_id: str | None) -> None:
    bus = open_bus(settings.amqp_url, settings.bus_database_url, checked_in_topology())
    if action == "list":
        messages = await bus.dead_letters(service)
        _print(_lines((message, message.reason) for message in messages), none="No dead letters.")
    else:
        _print([f"Replayed: {await bus.replay(service, message_id)}."])


async def _outbox(settings: OperatorSettings, action: str) -> None:
    if settings.database_url is None:
        raise ValueError("DATABASE_URL must be given.")
    connection = await connect(settings.database_url.get_secret_value(), timeout=5)
    try:
        if action == "list":
            _print(_lines(await outbox.list_set_aside(connection)), none="Nothing was set aside.")
        else:
            _print([f"To be sent again: {await outbox.send_again(connection)}."])
    finally:
        await connection.close()


def _lines(messages: Iterable[tuple[Message, str]]) -> list[str]:
    return [
        f"{message.message_id}  {message.occurred_at:%Y-%m-%d %H:%M:%S %Z}  {message.name}  "
        f"attempts {message.attempts}  {reason}"
        for message, reason in messages
    ]


def _print(lines: Iterable[str], *, none: str = "") -> None:
    print("\n".join(lines) or none)  # noqa: T201 - a command line speaks to a person


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m shared.messaging",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    places = parser.add_subparsers(dest="place", required=True)
    dead = places.add_parser("dead", help="events that a service could not do")
    actions = dead.add_subparsers(dest="action", required=True)
    for name, explanation in (("list", "show them"), ("replay", "have them done again, one or all")):
        action = actions.add_parser(name, help=explanation)
        action.add_argument("service", choices=sorted(checked_in_topology().bindings))
        action.set_defaults(message_id=None)
    actions.choices["replay"].add_argument("message_id", nargs="?", help="only this one")
    events = places.add_parser("outbox", help="events of a service that could not be sent")
    events.add_argument("action", choices=["list", "resend"])
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
