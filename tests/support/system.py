"""What the machine itself says of processes."""

import os
from pathlib import Path


def is_alive(pid: int) -> bool:
    """A zombie, which only waits for its parent to look, is not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
