"""CDH's door of the Partner-Cockpit over HTTP: files and events."""

import hashlib
import http.client
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from cockpit.errors import BadKeyError, RefusedError, UnexpectedAnswerError, UnreachableError

TIMEOUT_SECONDS = 120
_BLOCK = 1 << 20


class Client:
    def __init__(self, url: str, api_key: str, language: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {api_key}", "Accept-Language": language}

    def upload(self, file: Path, sha256: str) -> None:
        """Send the file; a file that lies there already is no fault."""
        with file.open("rb") as content:
            status, answer = self._call(
                "PUT",
                f"/cdh/v1/files/{sha256}",
                content,
                {
                    "Content-Type": "application/octet-stream",
                    "Content-Length": str(file.stat().st_size),
                },
            )
        if status not in (200, 201):
            raise RefusedError(_fault(file.name, answer.get("message") or f"HTTP {status}"))

    def send(self, events: Any) -> int:
        """Send one CloudEvent or a list; returns how many were accepted. Raises RefusedError for the rest."""
        kind = "cloudevents-batch" if isinstance(events, list) else "cloudevents"
        body = json.dumps(events).encode()
        status, answer = self._call(
            "POST", "/cdh/v1/events", body, {"Content-Type": f"application/{kind}+json; charset=utf-8"}
        )
        if status not in (200, 422) or "results" not in answer:
            raise RefusedError(_fault("/", answer.get("message") or f"HTTP {status}"))
        faults = [
            _fault(fault["place"], fault["reason"])
            for result in answer["results"]
            for fault in result.get("errors", [])
        ]
        if faults:
            raise RefusedError(*faults)
        return len(answer["results"])

    def check(self) -> None:
        """Raise when address or key do not work. An empty batch changes nothing."""
        status, _ = self._call(
            "POST", "/cdh/v1/events", b"[]", {"Content-Type": "application/cloudevents-batch+json"}
        )
        if status != 200:
            raise self._unexpected(status)

    def _call(
        self, method: str, path: str, content: Any, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(  # noqa: S310 - the address is the user's own setting
            self._url + path, data=content, headers={**self._headers, **headers}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - as above
                status, body = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        except urllib.error.URLError as error:
            raise self._unreachable(error.reason) from error
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error or type(error).__name__) from error
        if status == 401:
            raise BadKeyError
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise self._unexpected(status) from error
        if not isinstance(answer, dict):
            raise self._unexpected(status)
        return status, answer

    def _unreachable(self, reason: object) -> UnreachableError:
        return UnreachableError({"url": self._url, "reason": reason})

    def _unexpected(self, status: int) -> UnexpectedAnswerError:
        return UnexpectedAnswerError({"url": self._url, "reason": f"HTTP {status}"})


def _fault(place: str, reason: object) -> dict[str, object]:
    return {"place": place, "reason": reason}


def sha256_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
