"""The loops of auth: what events ask for is done, what is over is removed. Transactions open here."""

from datetime import UTC, datetime, timedelta

from services.auth.links import Links
from services.auth.repository import housekeeping
from services.auth.use_cases import invitations, passwords
from shared.database import Pool, transaction

TIDY_EVERY = timedelta(minutes=1)


class Inviting:
    """Makes the invitations that events ask for."""

    def __init__(self, pool: Pool, links: Links) -> None:
        self._pool = pool
        self._links = links

    async def perform_next(self) -> bool:
        async with transaction(self._pool) as opened:
            return await invitations.invite_next(opened, links=self._links, now=datetime.now(UTC))


class Resetting:
    """Makes the links for whoever forgot a password."""

    def __init__(self, pool: Pool, links: Links) -> None:
        self._pool = pool
        self._links = links

    async def perform_next(self) -> bool:
        async with transaction(self._pool) as opened:
            return await passwords.send_next_reset(opened, links=self._links, now=datetime.now(UTC))


class Housekeeping:
    """Removes what is over, in small portions."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._due_at = datetime.now(UTC)

    async def perform_next(self) -> bool | timedelta:
        now = datetime.now(UTC)
        if now < self._due_at:
            return self._due_at - now
        async with transaction(self._pool) as opened:
            is_more_left = await housekeeping.remove_expired(opened, now=now)
        if not is_more_left:
            self._due_at = now + TIDY_EVERY
        return is_more_left
