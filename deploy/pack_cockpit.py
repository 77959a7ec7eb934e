"""`python -m deploy.pack_cockpit build/cockpit.pyz`: the command line as one file for clerks' workstations.

On Windows a double-clickable shortcut or CDH calls `py cockpit.pyz assign-sample …`; nothing is installed.
"""

import sys
import tempfile
import zipapp
from pathlib import Path
from shutil import copytree, ignore_patterns

SOURCE = Path(__file__).resolve().parent.parent / "cockpit"
# zipapp's own start-up code drops what main returns, and with it the exit code.
START = "import sys\n\nfrom cockpit.__main__ import main\n\nsys.exit(main())\n"


def pack(target: Path) -> None:
    """Write the archive; any Python from 3.9 on runs it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        copytree(SOURCE, Path(folder) / "cockpit", ignore=ignore_patterns("__pycache__"))
        (Path(folder) / "__main__.py").write_text(START, encoding="utf-8")
        zipapp.create_archive(folder, target, interpreter="/usr/bin/env python3", compressed=True)


if __name__ == "__main__":
    pack(Path(sys.argv[1]))
