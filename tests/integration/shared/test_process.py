"""A process of a service, from outside."""

import asyncio
import os
import signal
import sys
from pathlib import Path


async def test_a_service_that_waits_for_its_database_can_be_stopped(tmp_path: Path) -> None:
    settings = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "BUS_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "INTERNAL_SECRET": "the secret of the test",
        "STORAGE_FOLDER": str(tmp_path),
        "PORT": "1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.documents", env=os.environ | settings, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    assert b"database_awaited" in await process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    log, _ = await process.communicate()
    assert process.returncode == 0
    assert b"stopped" in log
