"""Sees to it that the programs which the tests drive are there: `python -m tests.prerequisites`.

On Debian and Ubuntu as root it installs what is missing; elsewhere it says what to install and fails. Where
apt has no Chromium, which Ubuntu gives as a snap only, the browser's driver brings its own.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

OWN_CHROMIUM = f"{Path.home()}/.cache/ms-playwright/chromium-*/chrome-linux*/chrome"
# The Debian package → what shows that it is there, any of: a program on the PATH, a file.
NEEDED = {
    "rabbitmq-server": (
        "rabbitmq-server",
        "/usr/lib/rabbitmq/bin/rabbitmq-server",
        "/opt/homebrew/sbin/rabbitmq-server",
    ),
    "chromium": ("chromium", "chromium-browser", "google-chrome", OWN_CHROMIUM),
    "curl": ("curl",),
    "nginx": ("nginx", "/usr/sbin/nginx"),
    "caddy": ("caddy",),
}
# The browser's driver is a Node that is linked with it.
NEEDED_ON_LINUX = {"libatomic1": ("/usr/lib/*/libatomic.so.1", "/usr/lib*/libatomic.so.1")}
POLICY = Path("/usr/sbin/policy-rc.d")
# They come enabled, and would take well-known ports at the next start of the machine.
UNITS = {
    "rabbitmq-server": ("rabbitmq-server.service", "epmd.service", "epmd.socket"),
    "nginx": ("nginx.service",),
    "caddy": ("caddy.service",),
}


def missing_packages() -> list[str]:
    needed = NEEDED | (NEEDED_ON_LINUX if sys.platform == "linux" else {})
    return [package for package, places in needed.items() if not any(map(_is_there, places))]


def _is_there(place: str) -> bool:
    return bool(shutil.which(place)) or any(Path("/").glob(place.removeprefix("/")))


def install(packages: list[str]) -> None:
    """Install Debian packages without starting the services that they bring, now or later."""
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
        offered = [package for package in packages if _is_offered(package)]
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *offered],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        if "chromium" in packages and "chromium" not in offered:
            driver = [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]
            subprocess.run(driver, check=True, env=environment, stdout=subprocess.DEVNULL)
    finally:
        if ours:
            POLICY.unlink()
    if systemctl := shutil.which("systemctl"):
        brought = [unit for package in offered for unit in UNITS.get(package, ())]
        subprocess.run([systemctl, "disable", "--quiet", *brought], check=True)


def _is_offered(package: str) -> bool:
    """By apt, with a version of its own: what only another package or a snap provides has none."""
    policy = subprocess.run(["apt-cache", "policy", package], check=True, capture_output=True, text=True)
    return "Candidate:" in policy.stdout and "Candidate: (none)" not in policy.stdout


def main() -> int:
    missing = missing_packages()
    if not missing:
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the tests: {', '.join(missing)}")
        with contextlib.suppress(subprocess.CalledProcessError):  # apt has said why
            install(missing)
        missing = missing_packages()
        if not missing:
            return 0
    print(how_to_install(missing), file=sys.stderr)
    return 1


def how_to_install(packages: list[str]) -> str:
    installer = "apt-get install" if sys.platform != "darwin" else "brew install"
    rights = " as root" if sys.platform != "darwin" else ""
    snap = " (on Ubuntu, whose chromium is a snap: google-chrome instead)" if "chromium" in packages else ""
    names = " ".join(packages)
    return f"The tests need {', '.join(packages)}. Please install{rights}: {installer} {names}{snap}"


if __name__ == "__main__":
    sys.exit(main())
