"""Free ports on loopback, and the same ones again after a restart."""

import random
import socket
from pathlib import Path

from deploy.local.errors import LauncherError

# Below the ports that systems hand to outgoing connections: a client that keeps knocking at a stopped server
# could otherwise be given the server's own port, and even connect to itself.
LOWEST_PORT = 20_000
HIGHEST_PORT = 32_000
# Each is handed out once: two that are chosen before the first of them is listened on never meet.
_given: set[int] = set()
_remembered: dict[Path, int] = {}


def is_free(port: int, *, host: str = "127.0.0.1") -> bool:
    with socket.socket() as listener:
        # As the servers do it: connections of the last run that are still being closed are no obstacle.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
        return True


def require_free(port: int, *, variable: str) -> None:
    """`variable` is the setting that names another port. From now on the port is given to nobody else."""
    _given.add(port)
    if not is_free(port):
        raise LauncherError(
            f"Port {port} is taken by another program: choose another one, "
            f"for example `make run {variable}={port + 1}`."
        )


def free_port() -> int:
    """Another one each time: what was given out a moment ago may not be listened on yet."""
    for _ in range(1_000):
        port = random.randint(LOWEST_PORT, HIGHEST_PORT)  # noqa: S311 - nobody gains by guessing it
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise LauncherError(f"No free port was found between {LOWEST_PORT} and {HIGHEST_PORT} on 127.0.0.1.")


def remembered_port(file: Path) -> int:
    """The port written in `file` where it is still free, else a new one, which is written there.

    Once this process has it, it stays, taken or not: it belongs to a server that is started again, whose
    clients know no other. From then on it is given to nobody else.
    """
    port = int(file.read_text()) if file.is_file() else None
    if port is None or (port != _remembered.get(file) and not is_free(port)):
        port = free_port()
        file.write_text(f"{port}\n")
    _given.add(port)
    _remembered[file] = port
    return port
