"""How the dealer looks and is called, told by the gateway."""

from shared.events.base import Event
from shared.events.sync import File


class BrandingChanged(Event):
    """The whole of it, each time; a newer `revision` counts. `colour` is #rrggbb; `logo` is a PNG.

    What is empty was not set: there the hearer's own settings hold. `imprint` are the lines below every mail.
    """

    company_name: str
    colour: str
    imprint: str = ""
    logo: File | None = None
    logo_width: int = 0
    logo_height: int = 0
    revision: int
