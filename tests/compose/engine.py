"""A container engine: the one at hand, or a private one that lives and dies with this process."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import free_port
from tests.compose.commands import TestComposeError, answers, run

START_TIMEOUT = 60.0  # seconds
STOP_TIMEOUT = 10.0
STAND_IN = Path(__file__).parent / "stand_in"


@dataclass(frozen=True)
class Engine:
    """How to call docker: the variables it needs, and the compose files to read."""

    environment: dict[str, str]
    compose_files: tuple[Path, ...] = (Path("docker-compose.yml"),)
    public_url: str = "https://localhost"
    mails_url: str = "http://localhost:8025"

    def docker(self, *arguments: str | Path, timeout: float = 120) -> str:
        return run("docker", *arguments, environment=self.environment, timeout=timeout)


def is_engine_at_hand() -> bool:
    """An engine runs, Compose v2 is there, and the registry of images answers."""
    return (
        answers("docker", "info")
        and answers("docker", "compose", "version")
        and answers("docker", "pull", "-q", "hello-world", timeout=60)
    )


def engine_at_hand() -> Engine:
    """Its well-known ports may be taken by something real, so the stack gets free ones."""
    http_port, https_port, mail_port = free_port(), free_port(), free_port()
    public_url = f"https://localhost:{https_port}"
    environment = {
        **os.environ,
        "HTTP_PORT": str(http_port),
        "HTTPS_PORT": str(https_port),
        "MAILS_PORT": str(mail_port),
        "PUBLIC_URL": public_url,
    }
    return Engine(environment=environment, public_url=public_url, mails_url=f"http://localhost:{mail_port}")


@contextlib.contextmanager
def private_engine(cache: Path, work: Path) -> Iterator[Engine]:
    """dockerd in this process's own namespaces, with the stand-in images loaded; stopped at the end."""
    socket = work / "docker.sock"
    environment = {
        **os.environ,
        "DOCKER_HOST": f"unix://{socket}",
        "DOCKER_CONFIG": str(cache / "docker-config"),
    }
    run("ip", "link", "set", "lo", "up")
    with (work / "dockerd.log").open("wb") as log:
        daemon = subprocess.Popen(
            [
                *("dockerd", "--host", f"unix://{socket}", "--data-root", work / "data"),
                *(
                    "--exec-root",
                    work / "exec",
                    "--pidfile",
                    work / "dockerd.pid",
                    "--cgroup-parent",
                    _control_group(work),
                ),
                *("--exec-opt", "native.cgroupdriver=cgroupfs"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_it_answers(daemon, environment, work / "dockerd.log")
        engine = Engine(
            environment=environment,
            compose_files=(Path("docker-compose.yml"), STAND_IN / "docker-compose.yml"),
        )
        _load_images(engine, cache, work)
        yield engine
    finally:
        daemon.terminate()
        try:
            daemon.wait(timeout=60)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def _wait_until_it_answers(daemon: "subprocess.Popen[bytes]", environment: dict[str, str], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        with contextlib.suppress(TestComposeError):
            run("docker", "info", environment=environment, timeout=10)
            return
        if daemon.poll() is not None or time.monotonic() > deadline:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise TestComposeError(f"The private engine did not start:\n{last}")
        time.sleep(0.2)


def _load_images(engine: Engine, cache: Path, work: Path) -> None:
    for name in ("base", "servers"):
        engine.docker("import", cache / f"{name}.tar", f"stand-in/{name}", timeout=300)
    context = work / "context"
    shutil.copytree(STAND_IN, context)
    shutil.copytree(cache / "wheels", context / "wheels")
    run(
        *("docker", "compose", "--file", STAND_IN / "images.yml", "build"),
        environment={**engine.environment, "CONTEXT": str(context)},
    )
    shutil.rmtree(context)


def _control_group(work: Path) -> str:
    return f"/{work.parent.name}"


def remove_control_groups(work: Path) -> None:
    """They are the only trace outside the namespaces; rmdir removes what has no process any more."""
    name = _control_group(work).lstrip("/")
    deadline = time.monotonic() + STOP_TIMEOUT
    while left := [root / name for root in _hierarchies() if (root / name).is_dir()]:
        for folder in left:
            inner = sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True)
            for path in (*inner, folder):
                with contextlib.suppress(OSError):
                    path.rmdir()
        if time.monotonic() > deadline:
            return
        time.sleep(0.1)


def _hierarchies() -> list[Path]:
    """One in today's systems, several in older ones."""
    root = Path("/sys/fs/cgroup")
    return [root, *(path for path in root.glob("*/") if (path / "cgroup.procs").is_file())]
