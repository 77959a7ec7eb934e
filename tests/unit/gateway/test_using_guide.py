"""The guide to where everything is names only addresses that exist."""

import re
from pathlib import Path

import pytest

from services.gateway.routes import ROUTES

GUIDE = Path(__file__).parents[3] / "docs" / "using.md"
ADDRESSES = re.findall(r"`(/[^`?]*)`", GUIDE.read_text("utf-8"))
PAGES = [re.compile(re.sub(r"\{\w+\}", "[^/]+", route.path)) for route in ROUTES if route.method == "GET"]


def test_the_guide_names_addresses() -> None:
    assert len(ADDRESSES) > 20


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_of_the_guide_is_a_page(address: str) -> None:
    assert any(page.fullmatch(address) for page in PAGES)
