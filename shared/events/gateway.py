"""How the dealer looks and is called, told by the gateway."""

from shared.events.base import Event
from shared.events.sync import File


class BrandingChanged(Event):
    """The whole of it, each time; a newer `revision` counts. `colour` is #rrggbb.

    `imprint` is the text that stands on the page and, in short, below every mail; `logo` is a PNG.
    """

    company_name: str
    colour: str
    imprint: str = ""
    logo: File | None = None
    revision: int
