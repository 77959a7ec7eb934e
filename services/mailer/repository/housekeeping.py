"""Removing what ended long ago."""

from datetime import datetime

from shared.database import Transaction

PORTION = 500


async def remove_old(transaction: Transaction, *, before: datetime) -> bool:
    """Mails that were sent or failed, and events that were made into mails. True where more may be left."""
    removed: list[int] = [
        await transaction.fetchval(statement, before, PORTION)
        for statement in (_REMOVE_MAILS, _REMOVE_REQUESTS, _REMOVE_DECISIONS)
    ]
    return max(removed) == PORTION


_REMOVE_MAILS = """
WITH gone AS (
    DELETE FROM mail
     WHERE mail_id IN (SELECT mail_id FROM mail WHERE ended_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING 1)
SELECT count(*) FROM gone
"""
_REMOVE_REQUESTS = """
WITH gone AS (
    DELETE FROM approval_request
     WHERE version_id IN (
        SELECT version_id FROM approval_request WHERE composed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING 1)
SELECT count(*) FROM gone
"""
_REMOVE_DECISIONS = """
WITH gone AS (
    DELETE FROM decision
     WHERE decision_id IN (
        SELECT decision_id FROM decision WHERE composed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING 1)
SELECT count(*) FROM gone
"""
