"""A private RabbitMQ in a folder, with an epmd of its own: no service of the system, no well-known port."""

import os
import shutil
import socket
from pathlib import Path
from urllib.parse import quote

from deploy.local.errors import LauncherError
from deploy.local.ports import is_free, remembered_port
from deploy.local.processes import ChildProcess
from deploy.local.secret_files import private_folder, remembered_secret, write_secret

# The plain script: the one that Debian puts in /usr/sbin changes to the user rabbitmq first.
SERVER_SCRIPTS = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server",
    "/usr/local/opt/rabbitmq/sbin/rabbitmq-server",
)
ERLANG_FOLDERS = "/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin"
USER = "cockpit"
NODE = "cockpit@localhost"
START_TIMEOUT = 90.0  # seconds; a busy machine with two cores needs up to 20

AMQP_GREETING = b"AMQP\x00\x00\x09\x01"


class RunningRabbit:
    def __init__(
        self, broker: ChildProcess, epmd: ChildProcess, *, ports: tuple[int, int, int], password: str
    ) -> None:
        """`ports` are those of AMQP, of the node's distribution, and of epmd."""
        self._broker = broker
        self._epmd = epmd
        self.ports = ports
        self.port = ports[0]
        self.url = _url(self.port, password)

    @property
    def pid(self) -> int:
        return self._broker.pid

    @property
    def epmd_pid(self) -> int:
        return self._epmd.pid

    @property
    def is_running(self) -> bool:
        return self._broker.exit_code is None

    @property
    def is_ready(self) -> bool:
        return _speaks_amqp(self.port)

    def wait_until_ready(self) -> None:
        try:
            self._broker.wait_until(lambda: self.is_ready, what="RabbitMQ", timeout=START_TIMEOUT)
        except LauncherError:
            self._epmd.stop()
            raise

    def stop(self) -> None:
        self._broker.stop(timeout=30)
        self._epmd.stop()

    def kill(self) -> None:
        """kill -9 of the broker. Its epmd knows nothing that could be lost, so it goes the same way."""
        self._broker.kill()
        self._epmd.kill()


def find_rabbitmq() -> Path | None:
    """The script that starts a server, where RabbitMQ and its Erlang are installed."""
    script = next((Path(path) for path in SERVER_SCRIPTS if Path(path).is_file()), None)
    if script is None or _find_epmd() is None:
        return None
    return script


def rabbitmq_url(folder: Path) -> str:
    """The address that the next `start_rabbitmq` on this folder has, known before it is started."""
    folder = private_folder(folder.resolve())
    return _url(remembered_port(folder / "port"), remembered_secret(folder / "password"))


def start_rabbitmq(folder: Path, *, wait: bool = True) -> RunningRabbit:
    """Makes the folder at the first start; later its ports, password and durable queues are the same again.

    Everything listens on loopback only; the password lies in the folder. Without `wait` it comes back while
    the broker, some seconds slow, still starts.
    """
    script, epmd_program = find_rabbitmq(), _find_epmd()
    if script is None or epmd_program is None:
        raise LauncherError("RabbitMQ is not installed (Debian, Ubuntu: apt-get install rabbitmq-server).")
    folder = private_folder(folder.resolve())
    password = remembered_secret(folder / "password")
    port = remembered_port(folder / "port")
    epmd_port = remembered_port(folder / "epmd_port")
    distribution_port = remembered_port(folder / "distribution_port")
    environment = _environment(folder, epmd_port, distribution_port)
    _write_configuration(folder, port, password)
    epmd = ChildProcess(
        [epmd_program, "-address", "127.0.0.1", "-port", str(epmd_port)],
        environment=environment,
        log=folder / "epmd.log",
    )
    epmd.wait_until(lambda: not is_free(epmd_port), what="RabbitMQ's epmd", timeout=10)
    broker = ChildProcess([script], environment=environment, log=folder / "rabbitmq.log", folder=folder)
    rabbit = RunningRabbit(broker, epmd, ports=(port, distribution_port, epmd_port), password=password)
    if wait:
        rabbit.wait_until_ready()
    return rabbit


def _url(port: int, password: str) -> str:
    return f"amqp://{USER}:{quote(password)}@127.0.0.1:{port}/"


def _find_epmd() -> str | None:
    return shutil.which("epmd", path=f"{os.environ.get('PATH', '')}:{ERLANG_FOLDERS}")


def _environment(folder: Path, epmd_port: int, distribution_port: int) -> dict[str, str]:
    """Nothing of the caller's RabbitMQ or Erlang settings gets in."""
    # An Erlang cookie is made by us, so that no node of this user's home can join.
    cookie = folder / ".erlang.cookie"
    if not cookie.is_file():
        cookie.write_text(remembered_secret(folder / "cookie"))
        cookie.chmod(0o400)
    return {
        "HOME": str(folder),
        "PATH": f"{os.environ.get('PATH', '')}:{ERLANG_FOLDERS}",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd_port),
        "RABBITMQ_NODENAME": NODE,
        "RABBITMQ_DIST_PORT": str(distribution_port),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        # The script then becomes the server instead of waiting beside it: one process, one pid.
        "RUNNING_UNDER_SYSTEMD": "true",
    }


def _write_configuration(folder: Path, port: int, password: str) -> None:
    (folder / "enabled_plugins").write_text("[].\n")
    settings = {
        "listeners.tcp.local": f"127.0.0.1:{port}",
        "default_user": USER,
        "default_pass": password,
        "log.console.level": "warning",
    }
    write_secret(folder / "rabbitmq.conf", "".join(f"{name} = {value}\n" for name, value in settings.items()))


def _speaks_amqp(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.settimeout(5)
            connection.sendall(AMQP_GREETING)
            return connection.recv(1) == b"\x01"  # a method frame: connection.start
    except OSError:
        return False
