"""Who knows one service finds his way in each: the files have the same names (docs/decisions/0011)."""

import pytest

from deploy.local.databases import SERVICES
from deploy.local.settings import REPOSITORY

FILES = {"README.md", "__init__.py", "__main__.py", "app.py", "settings.py", "migrations"}
FILES_OR_FOLDERS = {"routes", "use_cases", "repository", "model"}


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_the_same_files(service: str) -> None:
    names = {path.name for path in (REPOSITORY / "services" / service).iterdir()}
    hears = set() if service == "gateway" else {"subscriptions.py"}
    assert names >= FILES | hears
    assert {name.removesuffix(".py") for name in names} >= FILES_OR_FOLDERS
