"""What a first visit loads."""

import gzip
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.gateway.assets import Assets
from services.gateway.settings import GatewaySettings

GIVEN = {
    "internal_secret": "secret",
    "storage_folder": Path("/nowhere"),
    "port": 8080,
    "public_url": "https://portal.example.de/",
    "auth_url": "http://auth",
    "documents_url": "http://documents",
    "approvals_url": "http://approvals",
    "sync_url": "http://sync",
}


def settings(**given: object) -> GatewaySettings:
    return GatewaySettings.model_validate(GIVEN | given)


def test_style_and_scripts_of_a_first_visit_stay_small() -> None:
    assets = Assets(settings())
    packed = sum(len(asset.packed) for asset in assets._by_name.values())
    assert packed < 15_000, "interface.md allows 60 KB; we keep room for what is to come"


def test_the_name_changes_with_the_content() -> None:
    one, other = Assets(settings()), Assets(settings(brand_colour="#aa0000"))
    assert re.fullmatch(r"/static/cockpit-[0-9a-f]{12}\.css", one.url("cockpit.css"))
    assert one.url("cockpit.css") != other.url("cockpit.css")
    assert one.url("forms.js") == other.url("forms.js")


def test_the_packed_form_is_the_same_text() -> None:
    for asset in Assets(settings())._by_name.values():
        assert gzip.decompress(asset.packed) == asset.plain


def test_a_company_name_cannot_break_the_mark() -> None:
    mark = next(
        a for a in Assets(settings(company_name="<&>"))._by_name.values() if a.name.startswith("mark")
    )
    assert b">P</text>" in mark.plain


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
