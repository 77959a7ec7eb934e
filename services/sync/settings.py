"""What sync takes from the environment."""

from pathlib import Path

from pydantic import field_validator

from services.sync.model import check_folder_pattern
from shared.settings import ServiceSettings


class SyncSettings(ServiceSettings):
    order_folder_root: Path
    """The order folders (Auftragsordner). Never created: a share that is not mounted is not filled."""
    order_folder_pattern: str = "{year}/{order_number}"
    """Where below the root an order has its folder."""
    cdh_file_root: Path | None = None
    """Files may be named by a path below this folder instead of being uploaded."""
    max_file_mb: int = 100

    @field_validator("order_folder_pattern")
    @classmethod
    def _pattern_can_be_used(cls, pattern: str) -> str:
        return check_folder_pattern(pattern)

    @property
    def max_file_bytes(self) -> int:
        return self.max_file_mb * 1_000_000
