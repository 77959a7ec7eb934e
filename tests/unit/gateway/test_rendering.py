"""What the environment of a language holds."""

import pytest

from services.gateway.pages.assets import Assets
from services.gateway.pages.rendering import FOLDER, Links, _create_environment
from services.gateway.routes import ROUTES
from services.gateway.settings import GatewaySettings
from shared.i18n import LOCALES, load_translations


@pytest.mark.parametrize("locale", LOCALES)
def test_every_template_can_be_compiled(locale: str) -> None:
    """The gateway does so when a page is first asked for; a fault in a rare one would show late."""
    environment = _create_environment(
        locale,
        GatewaySettings.model_construct(),
        links=Links(ROUTES),
        assets=Assets(),
        translations=load_translations(FOLDER / "locale")[locale],
    )
    names = environment.list_templates()
    assert len(names) > 80
    for name in names:
        environment.get_template(name)
