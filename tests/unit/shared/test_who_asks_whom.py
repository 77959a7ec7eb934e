"""Which service asks another by HTTP: the gateway alone; all others hear events."""

import re

from deploy.local.settings import REPOSITORY

ASKING = re.compile(
    r"\b(ServiceClient|ClientSession|aiohttp\.request|httpx|http\.client|urllib\.request|urllib3)\b"
)


def test_only_the_gateways_clients_ask_other_services() -> None:
    sources = {
        path.relative_to(REPOSITORY).as_posix(): set(ASKING.findall(path.read_text(encoding="utf-8")))
        for folder in ("services", "shared")
        for path in (REPOSITORY / folder).rglob("*.py")
    }
    assert {path: found for path, found in sources.items() if found} == {
        "services/gateway/clients.py": {"ServiceClient"},
        "services/gateway/app.py": {"ClientSession"},
        "shared/web/__init__.py": {"ServiceClient"},
        "shared/web/client.py": {"ServiceClient", "ClientSession"},
    }
