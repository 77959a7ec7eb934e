"""Sees to it that the programs which the tests drive are there: `python -m tests.prerequisites`.

On Debian and Ubuntu as root it installs what is missing; elsewhere it says what to install and fails.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Program as it is found on the PATH or at a fixed place → the Debian package that brings it.
PROGRAMS = {
    ("rabbitmq-server", "/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/homebrew/sbin/rabbitmq-server"): (
        "rabbitmq-server"
    ),
    ("chromium", "chromium-browser", "google-chrome"): "chromium",
    ("curl",): "curl",
}


def missing_packages() -> list[str]:
    return [package for places, package in PROGRAMS.items() if not any(map(shutil.which, places))]


def install(packages: list[str]) -> None:
    """Install Debian packages without starting the services that they bring."""
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        policy.chmod(0o755)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
    finally:
        if ours:
            policy.unlink()


def main() -> int:
    missing = missing_packages()
    if not missing:
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the tests: {', '.join(missing)}")
        install(missing)
        missing = missing_packages()
        if not missing:
            return 0
    print(how_to_install(missing), file=sys.stderr)
    return 1


def how_to_install(packages: list[str]) -> str:
    installer = "apt-get install" if sys.platform != "darwin" else "brew install"
    rights = " as root" if sys.platform != "darwin" else ""
    return f"The tests need {', '.join(packages)}. Please install{rights}: {installer} {' '.join(packages)}"


if __name__ == "__main__":
    sys.exit(main())
