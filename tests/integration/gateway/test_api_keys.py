"""The operator makes keys for CDH and revokes them; nobody else does."""

from tests.integration.gateway.conftest import Browser, Visit
from tests.integration.gateway.neighbours import Neighbours

PAGE = "/admin/api-keys"


async def _create(operator: Browser, name: str) -> Visit:
    token = (await operator.get(PAGE)).form_token
    return await operator.post(PAGE, {"form_token": token, "name": name})


async def test_a_key_is_shown_once(operator: Browser) -> None:
    assert "Es gibt noch keinen Schlüssel." in (await operator.get(PAGE)).text
    answer = await _create(operator, "Büro 2")
    assert answer.status == 200
    assert "cdh_shown-once" in answer.text
    assert f"url = {operator.address}" in answer.text
    page = await operator.get(PAGE)
    assert "Büro 2" in page.text
    assert "cdh_shown-once" not in page.text


async def test_a_page_with_a_key_that_is_loaded_again_makes_no_second_one(
    operator: Browser, neighbours: Neighbours
) -> None:
    await _create(operator, "Büro 2")
    again = await _create(operator, "Büro 2")
    assert again.status == 422
    assert "Es gibt schon einen Schlüssel dieses Namens." in again.text
    assert "cdh_shown-once" not in again.text
    [row] = neighbours.dealer.api_keys
    form = {"form_token": (await operator.get(PAGE)).form_token}
    await operator.post(f"{PAGE}/{row.api_key_id}/revoke", form)
    assert (await _create(operator, "Büro 2")).status == 200, "the name of a revoked one is free"


async def test_a_key_without_a_good_name_is_refused_and_the_name_stays(
    operator: Browser, neighbours: Neighbours
) -> None:
    answer = await _create(operator, "x" * 101)
    assert answer.status == 422
    assert "Bitte geben Sie einen Namen" in answer.text
    assert "x" * 101 in answer.text
    assert neighbours.dealer.api_keys == []


async def test_a_key_is_revoked_after_a_second_look(operator: Browser, neighbours: Neighbours) -> None:
    await _create(operator, "Büro 2")
    check = await operator.get(f"{PAGE}/1/revoke")
    assert "Schlüssel für Büro 2 widerrufen?" in check.text
    assert neighbours.dealer.api_keys[0].revoked_at is None, "to look changes nothing"
    answer = await operator.post(f"{PAGE}/1/revoke", {"form_token": check.form_token})
    assert answer.headers["Location"] == PAGE
    page = await operator.get(PAGE)
    assert "Der Schlüssel ist widerrufen" in page.text
    assert "Widerrufen am 21.11.2026" in page.text
    assert f"{PAGE}/1/revoke" not in page.text
    assert (await operator.get(f"{PAGE}/1/revoke")).headers["Location"] == PAGE
    assert (await operator.get(f"{PAGE}/9/revoke")).status == 404


async def test_a_clerk_has_nothing_to_do_with_keys(clerk: Browser, neighbours: Neighbours) -> None:
    token = (await clerk.get("/desk")).form_token
    for path in (PAGE, f"{PAGE}/1/revoke"):
        assert (await clerk.get(path)).status == 403
        assert (await clerk.post(path, {"form_token": token, "name": "Meins"})).status == 403
    assert neighbours.dealer.api_keys == []
