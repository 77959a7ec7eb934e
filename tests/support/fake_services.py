"""Six programs that stand in for the services where only their processes matter: they start and answer."""

from pathlib import Path

from deploy.local.databases import SERVICES

PROGRAM = """
import http.server, json, os, sys

if os.environ.get("CRASH") == "at start":
    sys.exit("the reason of the crash")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({**os.environ, "PID": os.getpid()}).encode())

    def log_message(self, *_):
        pass

http.server.HTTPServer.allow_reuse_address = True
http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
"""


def write_fake_services(folder: Path) -> Path:
    """Each answers every request with its environment and PID. Returns the folder to give as `code`."""
    for name in SERVICES:
        package = folder / "services" / name
        package.mkdir(parents=True)
        (package / "__main__.py").write_text(PROGRAM)
    return folder
