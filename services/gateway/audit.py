"""The audit log at the gateway's edge: who of the staff did what, written before it happens.

If it cannot be written, the action does not happen. What was typed is never in it: no passwords, tokens,
comments or bodies.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from aiohttp import web

from services.gateway.model.audit import AuditEntry
from services.gateway.repository import audit as repository
from shared.database import DATABASE_ERRORS, Pool, transaction
from shared.errors import CockpitError
from shared.web import Identity, ServiceUnavailableError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

AUDIT_NOTE: web.RequestKey[str] = web.RequestKey("audit_note", str)
"""A route may say in a few words whom or what it concerned: `request[AUDIT_NOTE] = account.email`."""
AUDIT_REFUSED: web.RequestKey[bool] = web.RequestKey("audit_refused", bool)
"""A route that goes on to another page although nothing was done says so: `request[AUDIT_REFUSED] = True`."""
AUDIT_DONE: web.RequestKey[bool] = web.RequestKey("audit_done", bool)
"""A route that did something and yet answers with faults says so: `request[AUDIT_DONE] = True`."""
UNTOLD = frozenset({"token"})
"""Parts of an address that are secrets."""
LONGEST = 200
"""Characters of a part of an address, or of a note."""

_log = structlog.get_logger()


class AuditLog:
    """Two rows for each action: that it begins, and how it ended."""

    def __init__(self, pool: Pool, *, keep: timedelta) -> None:
        self._pool = pool
        self._keep = keep

    async def perform(self, request: web.Request, who: Identity, handler: Handler) -> web.StreamResponse:
        """The handler's answer; raises ServiceUnavailableError, before anything happened, without a log."""
        audit_entry_id = await self._begin(_entry(request, who))
        status = 500  # of a crash
        try:
            response = await handler(request)
            status = _status(request, response)
        except (CockpitError, web.HTTPException) as error:
            status = error.status
            raise
        finally:
            await self._end(audit_entry_id, status=status, note=_plain(request.get(AUDIT_NOTE, "")))
        return response

    async def _begin(self, entry: AuditEntry) -> int:
        try:
            async with transaction(self._pool) as opened:
                await repository.delete_entries(opened, before=entry.entered_at - self._keep)
                return await repository.add_entry(opened, entry)
        except DATABASE_ERRORS as error:
            _log.error("audit_log_unreachable", route=entry.route_name, reason=str(error))
            raise ServiceUnavailableError("Nothing was done, since it could not be logged.") from error

    async def _end(self, audit_entry_id: int, *, status: int, note: str) -> None:
        """What has happened has happened: without this row the log says that the outcome is not known."""
        try:
            async with transaction(self._pool) as opened:
                await repository.add_outcome(
                    opened, audit_entry_id, status=status, note=note, entered_at=datetime.now(UTC)
                )
        except DATABASE_ERRORS as error:
            _log.error("audit_outcome_lost", audit_entry_id=audit_entry_id, reason=str(error))


def _entry(request: web.Request, who: Identity) -> AuditEntry:
    told = {name: _plain(part) for name, part in request.match_info.items() if name not in UNTOLD}
    return AuditEntry(
        entered_at=datetime.now(UTC),
        account_id=who.account_id,
        person_name=who.name,
        role=who.role,
        route_name=request.match_info.route.name or "",
        path_values=told,
        correlation_id=structlog.contextvars.get_contextvars()["correlation_id"],
    )


def _status(request: web.Request, response: web.StreamResponse) -> int:
    """How it ended, where the answer's own status does not say it."""
    if request.get(AUDIT_REFUSED):
        return 409
    return 200 if request.get(AUDIT_DONE) and response.status >= 400 else response.status


def _plain(text: str) -> str:
    """As PostgreSQL takes it: a zero character in what was typed must not cost the entry its outcome."""
    return text.replace("\0", "")[:LONGEST]
