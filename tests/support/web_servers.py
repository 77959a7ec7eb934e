"""The web servers that people have in front: nginx and Caddy with the files of deploy/proxy, on loopback."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from deploy.local.ports import free_port
from deploy.local.processes import ChildProcess
from deploy.local.settings import REPOSITORY

PROXY = REPOSITORY / "deploy" / "proxy"
NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr warn;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/client;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
CADDY = """
{{
    admin off
    skip_install_trust
    default_bind 127.0.0.1
    http_port {http_port}
    https_port {https_port}
}}
"""


@dataclass(frozen=True)
class WebServer:
    """Its ports, its folder, and the certificate of the authority that it is to be believed by."""

    folder: Path
    http_port: int
    https_port: int

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https_port}"

    @property
    def plain_url(self) -> str:
        return f"http://localhost:{self.http_port}"

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"


def prepare_web_server(folder: Path) -> WebServer:
    """The addresses are known before it runs: the gateway has to be told its public one."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "certificate.pem")
    return WebServer(folder, free_port(), free_port())


@contextmanager
def running_nginx(server: WebServer, gateway: str) -> Iterator[None]:
    folder, certificate = server.folder, str(server.folder / "certificate.pem")
    site = _changed(
        "nginx.conf",
        {
            "/etc/letsencrypt/live/portal.example.de/fullchain.pem": certificate,
            "/etc/letsencrypt/live/portal.example.de/privkey.pem": certificate,
            "portal.example.de": "localhost",
            "listen 80;": f"listen 127.0.0.1:{server.http_port};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{server.https_port} ssl http2;",
            "listen [::]:80;": "",
            "listen [::]:443 ssl http2;": "",
            "127.0.0.1:8080": urlsplit(gateway).netloc,
            "/var/www/acme": str(folder / "acme"),
            "/var/log/nginx/access.log": str(folder / "access.log"),
        },
    )
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [program, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with _running(command, server):
        yield


@contextmanager
def running_caddy(server: WebServer, gateway: str) -> Iterator[None]:
    folder, certificate = server.folder, str(server.folder / "certificate.pem")
    site = _changed(
        "own-server.Caddyfile",
        {
            "# tls /etc/ssl/portal.pem /etc/ssl/portal.key": f"tls {certificate} {certificate}",
            "portal.example.de {": "localhost {",
            "127.0.0.1:8080": urlsplit(gateway).netloc,
        },
    )
    ports = CADDY.format(http_port=server.http_port, https_port=server.https_port)
    (folder / "Caddyfile").write_text(ports + site)
    command = ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with _running(command, server):
        yield


def _changed(name: str, changes: dict[str, str]) -> str:
    text = (PROXY / name).read_text("utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextmanager
def _running(command: list[str], server: WebServer) -> Iterator[None]:
    home = {name: str(server.folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    environment = {"PATH": os.environ["PATH"], **home}
    child = ChildProcess(command, environment=environment, log=server.folder / "log", folder=server.folder)
    try:
        child.wait_until(lambda: _listens(server.https_port), what=command[0], timeout=30)
        yield
    finally:
        child.stop()


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
