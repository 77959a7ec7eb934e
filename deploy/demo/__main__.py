"""`python -m deploy.demo --output FILE`: brings the demo into a running Partner-Cockpit."""

import argparse
import asyncio
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from deploy.demo.loader import DemoError, Loader
from deploy.demo.settings import DemoSettings
from shared.errors import CockpitError


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        settings = DemoSettings()
    except ValidationError as error:
        missing = ", ".join(str(fault["loc"][0]).upper() for fault in error.errors())
        print(f"The demo needs these in the environment: {missing}.", file=sys.stderr)
        return 2
    problems: list[BaseException] = []
    try:
        asyncio.run(_load(settings, options.output, options.files or options.output.parent / "proofs"))
    except* (DemoError, CockpitError) as group:
        problems += _single(group)
    for problem in problems:
        print(f"The demo could not be brought in. {problem}", file=sys.stderr)
    return 1 if problems else 0


async def _load(settings: DemoSettings, output: Path, files: Path) -> None:
    today = dt.datetime.now().astimezone().date()
    async with Loader(settings, output=output, files=files, today=today) as loader:
        await loader.load()


def _single(problem: BaseException) -> list[BaseException]:
    """The members of groups of groups."""
    if isinstance(problem, BaseExceptionGroup):
        return [one for member in problem.exceptions for one in _single(member)]
    return [problem]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.demo",
        description="Brings demo data, accounts, proofs and decisions into a running Partner-Cockpit.",
        epilog="The environment says where it is: GATEWAY_URL, AUTH_URL, SYNC_URL, APPROVALS_URL,"
        " DOCUMENTS_URL and INTERNAL_SECRET.",
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="JSON file for logins, API key and the proof to assign; an earlier one is gone on with",
    )
    parser.add_argument(
        "--files", type=Path, help="folder for the proof that is left to the visitor; beside the output"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
