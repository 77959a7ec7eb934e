"""What approvals takes from the environment."""

from datetime import timedelta

from shared.settings import ServiceSettings, TimeZone


class ApprovalsSettings(ServiceSettings):
    company_name: str = ""
    """The dealer's name, at the head of the Freigabeprotokoll."""
    time_zone: TimeZone = "Europe/Berlin"
    """The local time in the Freigabeprotokoll."""
    approve_with_changes: bool = True
    """Whether customers may approve with changes."""
    rendered_pages: int = 50
    """How many pages of a file get pictures at most; the file itself can always be downloaded."""
    render_seconds: float = 90
    """How long a file may take to be rendered."""
    network_address_days: int = 180
    """How long the network address of a decision is kept."""

    @property
    def network_address_retention(self) -> timedelta:
        return timedelta(days=self.network_address_days)
