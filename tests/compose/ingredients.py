"""What a private engine needs, fetched while the network is still there: programs, file systems, wheels.

Everything lands in one cache folder and is made once; whoever deletes it gets it made anew.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from tests.compose.commands import TestComposeError, run

SUITE = "bookworm"
ENGINE_PACKAGES = ("docker.io", "debootstrap", "iptables", "iproute2", "tini")
# Compose v2 is no package of Debian 12; the one of the next release is a program without dependencies.
NEXT_SUITE = "trixie"
BASE_PACKAGES = "ca-certificates,python3,python3-venv"
SERVER_PACKAGES = ("postgresql-15", "rabbitmq-server", "caddy", "wget", "libcap2-bin")
PLUGIN_PATHS = ("usr/libexec/docker/cli-plugins/docker-compose", "usr/bin/docker-compose")


def fetch_ingredients(cache: Path) -> None:
    """Idempotent. Raises TestComposeError where this machine cannot have them."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise TestComposeError(
            "No container engine with a reachable registry of images is running, and making one here needs "
            "root on Debian. Start Docker, or run this as root."
        )
    cache.mkdir(parents=True, exist_ok=True)
    _install_engine()
    _fetch_compose(cache)
    _make_file_systems(cache)
    _fetch_wheels(cache / "wheels")


def _install_engine() -> None:
    programs = ("dockerd", "docker-init", "debootstrap", "iptables", "ip", "unshare")
    if all(map(shutil.which, programs)):
        return
    run("apt-get", "update", "-q")
    # A system whose init starts services would start a second engine of its own; we do not need that one.
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        run("apt-get", "install", "-q", "-y", "--no-install-recommends", *ENGINE_PACKAGES, timeout=600)
    finally:
        if ours:
            policy.unlink()


def _fetch_compose(cache: Path) -> None:
    plugin = cache / "docker-config" / "cli-plugins" / "docker-compose"
    if plugin.is_file():
        return
    unpacked = cache / "compose"
    shutil.rmtree(unpacked, ignore_errors=True)
    lists = cache / "next-suite"
    (lists / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (lists / "sources.list").write_text(f"deb {_debian_mirror()} {NEXT_SUITE} main\n")
    (lists / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{lists}/sources.list";\nDir::Etc::sourceparts "-";\n'
        f'Dir::State::lists "{lists}/lists";\nDir::Cache "{lists}";\nAPT::Sandbox::User "root";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(lists / "apt.conf")}
    run("apt-get", "update", "-q", environment=environment)
    run("apt-get", "download", "-q", "docker-compose", environment=environment, folder=lists)
    package = next(lists.glob("docker-compose_*.deb"))
    run("dpkg-deb", "-x", package, unpacked)
    program = next(unpacked / path for path in PLUGIN_PATHS if (unpacked / path).is_file())
    plugin.parent.mkdir(parents=True, exist_ok=True)
    program.replace(plugin)
    shutil.rmtree(lists)
    shutil.rmtree(unpacked)


def _debian_mirror() -> str:
    """Where this machine itself gets its packages from: no address is written down here."""
    listed = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages")
    mirrors = [line.split()[0] for line in listed.splitlines() if line.split()[1:] == [SUITE]]
    if not mirrors:
        raise TestComposeError(
            f"This machine's package lists do not name Debian's {SUITE}; no base can be made."
        )
    return mirrors[0]


def _make_file_systems(cache: Path) -> None:
    base, servers = cache / "base.tar", cache / "servers.tar"
    if base.is_file() and servers.is_file():
        return
    root = cache / "root"
    shutil.rmtree(root, ignore_errors=True)
    run(
        "debootstrap",
        "--variant=minbase",
        f"--include={BASE_PACKAGES}",
        SUITE,
        root,
        _debian_mirror(),
        timeout=600,
    )
    _pack(root, base)
    # Nothing may start while packages are unpacked, and the cluster is made by the container itself.
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    clusters = root / "etc/postgresql-common/createcluster.conf"
    clusters.parent.mkdir()
    clusters.write_text("create_main_cluster = false\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    run(
        *("chroot", root, "apt-get", "install", "-q", "-y", "--no-install-recommends", *SERVER_PACKAGES),
        timeout=600,
        environment=environment,
    )
    _pack(root, servers)
    shutil.rmtree(root)


def _pack(root: Path, archive: Path) -> None:
    unfinished = archive.with_suffix(".unfinished")
    run(
        *("tar", "-C", root, "--numeric-owner", "--xattrs", "--exclude=./var/cache/apt/*"),
        *("--exclude=./var/lib/apt/lists/*", "--exclude=./usr/share/doc/*", "-cf", unfinished, "."),
    )
    unfinished.replace(archive)


def _fetch_wheels(folder: Path) -> None:
    """The very files of requirements.lock, the way this machine reaches the index of packages."""
    lock = Path("requirements.lock")
    mark = folder / f".complete-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    if mark.is_file():
        return
    shutil.rmtree(folder, ignore_errors=True)
    run(
        *(sys.executable, "-m", "pip", "download", "-q", "--require-hashes", "--no-deps"),
        *("--only-binary", ":all:", "--python-version", "3.11", "-r", lock, "-d", folder),
        timeout=900,
    )
    mark.touch()
