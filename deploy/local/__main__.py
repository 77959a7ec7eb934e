"""`python -m deploy.local` runs everything until Ctrl-C; `python -m deploy.local reset` forgets it."""

import argparse
import asyncio
import logging
import sys

from pydantic import ValidationError

from deploy.local.errors import LauncherError
from deploy.local.launcher import run
from deploy.local.run_folder import reset, sole_use_of
from deploy.local.settings import LauncherSettings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("action", nargs="?", choices=("run", "reset"), default="run")
    action = parser.parse_args().action
    # Its complaint about an unreachable broker would stand beside our own sentence.
    logging.getLogger("aiormq").addHandler(logging.NullHandler())
    try:
        settings = LauncherSettings()
        if action == "reset":
            print(_reset(settings))
        else:
            with sole_use_of(settings.run_folder):
                asyncio.run(run(settings))
    except LauncherError as error:
        print(error, file=sys.stderr)
        return 1
    except ValidationError as error:
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"]).upper()
            print(f"The setting {name} does not fit: {fault['msg']}.", file=sys.stderr)
        return 1
    return 0


def _reset(settings: LauncherSettings) -> str:
    forgotten = (
        f"Forgotten: {settings.run_folder}." if reset(settings.run_folder) else "There is nothing to forget."
    )
    if settings.database_url:
        return f"{forgotten} The databases on the server of DATABASE_URL are left as they are."
    return forgotten


if __name__ == "__main__":
    sys.exit(main())
