"""The loops of auth: what events ask for is done. Transactions open here."""

from datetime import UTC, datetime

from services.auth.links import Links
from services.auth.use_cases import invitations, passwords
from shared.database import Pool, transaction


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
