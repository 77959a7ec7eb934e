"""What the routes work with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from services.mailer.packing import Packing
from services.mailer.use_cases.mail_room import MailRoom


@dataclass(frozen=True)
class Tools:
    room: MailRoom
    packing: Packing
    ca_file: Path | None


TOOLS: web.AppKey[Tools] = web.AppKey("tools", Tools)


def tools_of(request: web.Request) -> Tools:
    return request.app[TOOLS]


def now() -> datetime:
    return datetime.now(UTC)
