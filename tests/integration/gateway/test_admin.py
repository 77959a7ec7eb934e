"""The operator's pages."""

from tests.integration.gateway.conftest import Browser


async def test_the_administration_is_in_the_menu_of_operators_only(operator: Browser) -> None:
    assert 'href="/admin"' in (await operator.get("/desk")).text
    assert (await operator.get("/admin")).status == 200


async def test_a_clerk_is_no_operator(clerk: Browser) -> None:
    assert 'href="/admin"' not in (await clerk.get("/desk")).text
    assert (await clerk.get("/admin")).status == 403
