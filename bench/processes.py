"""What processes cost, read from /proc (Linux)."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found.extend(int(child) for child in _read(task).split())
    return found


def _read(file: Path) -> str:
    """Nothing of a process that has ended meanwhile: PostgreSQL's helpers come and go."""
    try:
        return file.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def cpu_seconds(pid: int) -> float:
    """User and system time of the process and its descendants, the ended ones it waited for included."""
    total = 0
    for member in family(pid):
        fields = _read(Path(f"/proc/{member}/stat")).rpartition(") ")[2].split()
        total += sum(map(int, fields[11:15] if member == pid else fields[11:13]))
    return total / _TICKS


def pss_mb(pid: int) -> float:
    """Proportional set size of the process and its descendants, in MB."""
    total = 0
    for member in family(pid):
        for line in _read(Path(f"/proc/{member}/smaps_rollup")).splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024
