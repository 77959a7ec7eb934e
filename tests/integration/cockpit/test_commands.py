"""The command line against a small real server: what it sends, what it says, how it ends."""

import ast
import hashlib
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from cockpit.__main__ import main
from deploy.local.settings import REPOSITORY
from deploy.pack_cockpit import pack

KEY = "the key of the test"
PROOF = b"%PDF-1.7 a proof"
SHA256 = hashlib.sha256(PROOF).hexdigest()
REFUSED = {
    "source": "/s",
    "id": "1",
    "status": "refused",
    "errors": [{"place": "/data/x", "reason": "Unbekannt."}],
}


@dataclass
class Portal:
    """A server that keeps what it got and answers as it is told."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)
    answer: tuple[int, bytes] | None = None


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def _respond(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Authorization"] != f"Bearer {KEY}":
                self._respond(401, b"{}")
            elif portal.answer:
                self._respond(*portal.answer)
            elif self.command == "PUT":
                portal.files[self.path.rpartition("/")[2]] = body
                self._respond(200, b"{}")
            else:
                events = json.loads(body)
                portal.events += events
                results = [{"source": "/s", "id": event["id"], "status": "accepted"} for event in events]
                self._respond(200, json.dumps({"results": results}).encode())

        do_PUT = do_POST = _take  # noqa: N815 - names of http.server

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    portal.url = f"http://127.0.0.1:{server.server_port}"
    yield portal
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass(frozen=True)
class Ended:
    code: int
    said: str


def environment(portal: Portal, *, key: str = KEY) -> dict[str, str]:
    return {
        "COCKPIT_URL": portal.url,
        "COCKPIT_API_KEY": key,
        "COCKPIT_CLERK": "MB",
        "HOME": "/nonexistent",
    }


def cockpit(portal: Portal, *arguments: str, key: str = KEY, language: str = "de", text: str = "") -> Ended:
    """In this process, which is as quick as the command itself."""
    said, complained = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, environment(portal, key=key), clear=True),
        patch.object(sys, "stdin", io.StringIO(text)),
        redirect_stdout(said),
        redirect_stderr(complained),
    ):
        code = main(["--language", language, *arguments])
    return Ended(code, said.getvalue() + complained.getvalue())


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    file = tmp_path / "Muster Größe.pdf"
    file.write_bytes(PROOF)
    return file


def test_assigning_uploads_the_file_and_tells_the_event(portal: Portal, proof: Path) -> None:
    ended = cockpit(
        portal, "assign-sample", "--order", "2026-1042", "--position", "2", "--method", "Stick", str(proof)
    )
    assert ended == Ended(0, "Zugeordnet: Muster Größe.pdf zu Auftrag 2026-1042, Position 2.\n")
    assert portal.files == {SHA256: PROOF}
    [event] = portal.events
    assert event["type"] == "cdh.sample.assigned"
    assert event["data"] == {
        "order_number": "2026-1042",
        "position_numbers": ["2"],
        "title": "",
        "file": {"sha256": SHA256, "name": "Muster Größe.pdf"},
        "print_details": {"method": "Stick"},
        "clerk_code": "MB",
    }


def test_it_is_a_program_that_says_what_it_did_and_ends_with_a_code(portal: Portal, proof: Path) -> None:
    command = [sys.executable, "-m", "cockpit", "assign-sample", "--order"]
    for order, code, words in (("2026-1042", 0, "Zugeordnet: Muster Größe.pdf"), ("", 2, "Aufruf")):
        ended = subprocess.run(
            [*command, *filter(None, (order, str(proof)))],
            env=environment(portal) | {"LANG": "de_DE.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == code
        assert words in (ended.stderr if code else ended.stdout)
    assert portal.files == {SHA256: PROOF}


def test_a_file_can_be_brought_back_after_another(portal: Portal, proof: Path) -> None:
    """So the same command again is another event; that the same bytes are no new version is sync's care."""
    for _ in range(2):
        assert cockpit(portal, "assign-sample", "--order", "2026-1042", str(proof)).code == 0
    first, again = portal.events
    assert first["id"] != again["id"]
    assert first["data"] == again["data"]


def test_several_files_are_several_samples_titled_by_their_names(portal: Portal, tmp_path: Path) -> None:
    files = [tmp_path / "Vorderseite.pdf", tmp_path / "Rückseite.pdf"]
    for file in files:
        file.write_bytes(file.name.encode())
    assert cockpit(portal, "assign-sample", "--order", "2026-1042", *map(str, files)).code == 0
    assert [event["data"]["title"] for event in portal.events] == ["Vorderseite", "Rückseite"]
    portal.events.clear()
    cockpit(portal, "assign-sample", "--order", "2026-1042", "--title", "Karte", *map(str, files))
    assert [event["data"]["title"] for event in portal.events] == ["Karte Vorderseite", "Karte Rückseite"]


def test_a_refusal_is_said_with_its_place(portal: Portal, proof: Path) -> None:
    portal.answer = (422, json.dumps({"results": [REFUSED]}).encode())
    ended = cockpit(portal, "send", "-", text="[{}]")
    assert ended == Ended(1, "Nicht angenommen: Unbekannt. (/data/x)\n")
    portal.answer = (422, b'{"message": "Diese Datei ist kein PDF."}')
    ended = cockpit(portal, "assign-sample", "--order", "1", str(proof))
    assert ended == Ended(1, "Nicht angenommen: Diese Datei ist kein PDF. (Muster Größe.pdf)\n")


def test_an_access_is_asked_for_with_what_is_given(portal: Portal) -> None:
    ended = cockpit(portal, "request-access", "--customer", "10014", "--contact", "2")
    assert ended == Ended(
        0, "Die Einladung für Kunde 10014 ist angefragt. Wer schon einen Zugang hat, bekommt keine.\n"
    )
    cockpit(portal, "request-access", "--customer", "10014", "--email", "n@k.example", "--name", "Nele")
    assert [event["type"] for event in portal.events] == ["cdh.access.requested"] * 2
    assert [event["data"] for event in portal.events] == [
        {"customer_number": "10014", "contact_id": "2", "clerk_code": "MB"},
        {"customer_number": "10014", "email": "n@k.example", "name": "Nele", "clerk_code": "MB"},
    ]


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["--order", "2026-1042", "--action", "assign"], "/desk/go/order/2026-1042?action=assign"),
        (["--customer", "10014"], "/desk/go/customer/10014"),
        (["--quote", "A/1 ä"], "/desk/go/quote/A%2F1%20%C3%A4"),
    ],
)
def test_the_link_to_a_page_needs_no_key(portal: Portal, arguments: list[str], path: str) -> None:
    ended = cockpit(portal, "open", "--print-only", *arguments, key="")
    assert ended == Ended(0, f"{portal.url}{path}\n")
    assert portal.events == []


def test_the_browser_is_opened(portal: Portal, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    command = [sys.executable, "-m", "cockpit", "open", "--order", "7"]
    variables = {"COCKPIT_URL": portal.url, "BROWSER": str(browser), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, env=variables, check=True, capture_output=True)
    assert opened.read_text() == f"{portal.url}/desk/go/order/7\n"


def test_a_bad_key_is_said_in_words(portal: Portal) -> None:
    ended = cockpit(portal, "check", key="another")
    assert ended.code == 1
    assert ended.said.startswith("Der Schlüssel gilt nicht")
    assert cockpit(portal, "check").code == 0


def test_an_address_where_nobody_answers_is_said(portal: Portal) -> None:
    ended = cockpit(portal, "--url", "http://127.0.0.1:9", "check", language="en")
    assert ended.code == 3
    assert ended.said.startswith("http://127.0.0.1:9 cannot be reached")


def test_an_address_of_something_else_is_said(portal: Portal) -> None:
    portal.answer = (200, b"<html>")
    ended = cockpit(portal, "check")
    assert ended.code == 3
    assert "Ist das die Adresse des Partner-Cockpits?" in ended.said


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["assign-sample", "--order", "1", "/nonexistent.pdf"], "kann nicht gelesen werden"),
        (["send", "/nonexistent.json"], "kann nicht gelesen werden"),
        (["send", "-"], "ist kein JSON"),
        (["assign-sample", "/nonexistent.pdf"], "--order"),
        (["open"], "--customer"),
        (["open", "--order", "1", "--quote", "2"], "not allowed"),
        (["request-access"], "--customer"),
        (["chekc"], "Dieser Aufruf stimmt nicht (argument COMMAND: invalid choice: 'chekc'"),
        (["open", "--order", "1", "--action", "x"], "Was möglich ist, sagt: cockpit open --help"),
        (["check", "--language"], "Dieser Aufruf stimmt nicht"),
    ],
)
def test_wrong_usage_is_said(portal: Portal, arguments: list[str], text: str) -> None:
    ended = cockpit(portal, *arguments)
    assert ended.code == 2
    assert text in ended.said


def test_wrong_usage_is_said_in_english_too(portal: Portal) -> None:
    ended = cockpit(portal, "chekc", language="en")
    assert ended.said.startswith("This command is not right (")
    assert len(ended.said.splitlines()) == 1


@pytest.mark.parametrize("comes_first", [True, False])
def test_the_clerk_may_stand_before_the_command_or_after_it(
    portal: Portal, proof: Path, *, comes_first: bool
) -> None:
    clerk, command = ["--clerk", "TK"], ["assign-sample", "--order", "1", str(proof)]
    cockpit(portal, *(clerk + command if comes_first else command + clerk))
    [event] = portal.events
    assert event["data"]["clerk_code"] == "TK"


def test_the_users_file_holds_address_key_and_clerk(portal: Portal, tmp_path: Path, proof: Path) -> None:
    folder = tmp_path / "Partner-Cockpit"
    folder.mkdir()
    text = f"\ufeff[cockpit]\nurl = {portal.url}/\napi_key = {KEY}\nclerk = AN\n"
    (folder / "cockpit.ini").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "cockpit", "assign-sample", "--order", "1", str(proof)]
    subprocess.run(command, env={"APPDATA": str(tmp_path)}, check=True, capture_output=True)
    assert portal.events[0]["data"]["clerk_code"] == "AN"


def test_one_file_holds_the_whole_command_line(portal: Portal, tmp_path: Path) -> None:
    packed = tmp_path / "cockpit.pyz"
    pack(packed)
    command = [sys.executable, str(packed), "--url", portal.url, "--language", "en", "--api-key"]
    for key, code, words in ((KEY, 0, "the key is good"), ("another", 1, "The key is not valid")):
        ended = subprocess.run([*command, key, "check"], capture_output=True, text=True, check=False)
        assert ended.returncode == code
        assert words in ended.stdout + ended.stderr


@pytest.mark.parametrize("file", sorted((REPOSITORY / "cockpit").glob("*.py")), ids=lambda file: file.name)
def test_it_is_written_in_the_python_of_the_workstations(file: Path) -> None:
    ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))
