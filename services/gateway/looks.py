"""The company's look as all pages show it: kept in memory, so that no page asks the database for it.

It is read anew when a change wakes the gateway, and at every poll. While the database is away, the last
known look stays.
"""

import asyncio
from dataclasses import dataclass

import structlog

from services.gateway.model.branding import Brand, Branding, create_brand, fit
from services.gateway.pages.assets import Assets
from services.gateway.repository import branding as repository
from services.gateway.settings import GatewaySettings
from shared.database import DATABASE_ERRORS, Pool, transaction
from shared.errors import NotFoundError, reason_of
from shared.storage import FolderStorage

_log = structlog.get_logger()


LOGO_BOX = (208, 56)
"""Pixels of a page that the logo stays within."""
_WIDE = 1.8


@dataclass(frozen=True)
class ShownLogo:
    """Where a page finds it, and its size there, so that nothing jumps.

    A wide one has the company's name in it, as a rule; beside any other the name is written out.
    """

    address: str
    width: int
    height: int

    @property
    def is_wide(self) -> bool:
        return self.width >= _WIDE * self.height


@dataclass(frozen=True)
class Look:
    """`style` and `mark` are addresses; `branding` is what of all this was set on the page."""

    company_name: str
    brand: Brand
    style: str
    mark: str
    logo: ShownLogo | None
    branding: Branding

    @property
    def misses_logo(self) -> bool:
        """It was set, but could not be read: the storage may come later than this process."""
        return self.branding.logo is not None and self.logo is None


class Looks:
    """`now` is the present look."""

    def __init__(self, settings: GatewaySettings, pool: Pool, assets: Assets, storage: FolderStorage) -> None:
        self._settings = settings
        self._pool = pool
        self._assets = assets
        self._storage = storage
        self._one_at_a_time = asyncio.Lock()
        self.now = self._dress(Branding(), None)

    async def load(self) -> None:
        """At the start; a database that is away does not keep the pages away."""
        try:
            await self.refresh()
        except DATABASE_ERRORS as error:
            _log.warning("look_not_loaded", reason=reason_of(error))

    async def refresh(self) -> bool:
        """Read it anew where it has changed or lacks its logo. False, as a loop says nothing more is due."""
        async with self._one_at_a_time:
            known = self.now
            async with transaction(self._pool) as opened:
                is_same = await repository.find_revision(opened) == known.branding.revision
                if is_same and not known.misses_logo:
                    return False
                branding = await repository.get_branding(opened)
            self.now = self._dress(branding, await self._read_logo(branding))
            if self.now != known:
                _log.info("look_changed", revision=branding.revision)
        return False

    async def _read_logo(self, branding: Branding) -> bytes | None:
        if branding.logo is None:
            return None
        try:
            return await self._storage.read(branding.logo.sha256)
        except (NotFoundError, OSError) as error:
            _log.warning("logo_unreadable", sha256=branding.logo.sha256, reason=str(error))
            return None

    def _dress(self, branding: Branding, logo: bytes | None) -> Look:
        name = branding.company_name or self._settings.company_name
        brand = create_brand(branding.colour or self._settings.brand_colour)
        shown = None
        if logo is not None and branding.logo is not None:
            size = fit(branding.logo.width, branding.logo.height, into=LOGO_BOX)
            shown = ShownLogo(self._assets.set_logo(logo), *size)
        return Look(
            company_name=name,
            brand=brand,
            style=self._assets.set_style(brand),
            mark=self._assets.set_mark(name, brand),
            logo=shown,
            branding=branding,
        )
