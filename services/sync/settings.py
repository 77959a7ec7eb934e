"""What sync takes from the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from services.sync.model import check_folder_pattern
from shared.settings import ServiceSettings


class SyncSettings(ServiceSettings):
    order_folder_root: Path
    """The order folders (Auftragsordner). Never created: a share that is not mounted is not filled."""
    order_folder_pattern: Annotated[str, AfterValidator(check_folder_pattern)] = "{year}/{order_number}"
    """Where below the root an order has its folder."""
    cdh_file_root: Path | None = None
    """Files may be named by a path below this folder instead of being uploaded."""
    max_file_mb: int = 100

    @property
    def max_file_bytes(self) -> int:
        return self.max_file_mb * 1_000_000
