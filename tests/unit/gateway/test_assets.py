"""What a first visit loads."""

import gzip
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.gateway.model.branding import create_brand
from services.gateway.pages.assets import Assets
from services.gateway.settings import GatewaySettings

GIVEN = {
    "internal_secret": "secret",
    "database_url": "postgresql://",
    "bus_database_url": "postgresql://",
    "storage_folder": Path("/nowhere"),
    "port": 8080,
    "public_url": "https://portal.example.de/",
    "auth_url": "http://auth",
    "documents_url": "http://documents",
    "approvals_url": "http://approvals",
    "mailer_url": "http://mailer",
    "sync_url": "http://sync",
}


def settings(**given: object) -> GatewaySettings:
    return GatewaySettings.model_validate(GIVEN | given)


BLUE, RED = create_brand("#0f5c8c"), create_brand("#aa0000")


def dressed(name: str = "Musterdruck") -> Assets:
    assets = Assets()
    assets.set_style(BLUE)
    assets.set_mark(name, BLUE)
    return assets


def test_style_and_scripts_of_a_first_visit_stay_small() -> None:
    packed = sum(len(asset.packed or asset.plain) for asset in dressed()._present.values())
    assert packed < 15_000, "interface.md allows 60 KB; we keep room for what is to come"


def test_the_name_changes_with_the_content() -> None:
    assets = dressed()
    blue, script = assets.url("cockpit.css"), assets.url("forms.js")
    assert re.fullmatch(r"/static/cockpit-[0-9a-f]{12}\.css", blue)
    assert assets.set_style(RED) != blue
    assert assets.set_style(BLUE) == blue
    assert assets.url("forms.js") == script


def test_the_packed_form_is_the_same_text() -> None:
    for asset in dressed()._present.values():
        assert asset.packed is not None
        assert gzip.decompress(asset.packed) == asset.plain


def test_a_company_name_cannot_break_the_mark() -> None:
    assert b">P</text>" in dressed("<&>")._present["mark.svg"].plain


@pytest.mark.parametrize(
    "public_url", ["portal.example.de", "ftp://x", "https://x.de/portal", "https://x.de/?a"]
)
def test_a_public_address_with_a_path_is_refused(public_url: str) -> None:
    with pytest.raises(ValidationError, match="public_url"):
        settings(public_url=public_url)


@pytest.mark.parametrize("given", [{"brand_colour": "red"}, {"trusted_proxies": "10.0.0.0/33"}])
def test_wrong_settings_are_refused_at_the_start(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings(**given)


def test_networks_of_proxies_are_separated_by_commas() -> None:
    assert [str(network) for network in settings(trusted_proxies="10.0.0.0/8, ::1/128").trusted_proxies] == [
        "10.0.0.0/8",
        "::1/128",
    ]
