"""What documents takes from the environment."""

from zoneinfo import ZoneInfo

from shared.settings import ServiceSettings


class DocumentsSettings(ServiceSettings):
    time_zone: ZoneInfo = ZoneInfo("Europe/Berlin")
    """The dealer's: an invoice is overdue from his midnight on."""
