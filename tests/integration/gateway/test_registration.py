"""From an invitation to an access, and every link that comes by mail."""

from urllib.parse import quote

import pytest

from shared.api.auth import AcceptInvitation
from tests.integration.gateway.conftest import Browser
from tests.integration.gateway.neighbours import Neighbours
from tests.integration.gateway.people import PASSWORD

INVITED = "vogel@hartmann.example"


def entered(form_token: str, **more: str) -> dict[str, str]:
    return {
        "form_token": form_token,
        "name": "Petra Vogel",
        "email": INVITED,
        "password": "drei Worte hier",
        **more,
    }


async def test_the_page_says_who_invites_for_which_company_and_begins_with_the_invited_address(
    browser: Browser, neighbours: Neighbours
) -> None:
    page = await browser.get(f"/register/{neighbours.people.invite()}")
    assert page.status == 200
    assert "Sabine Berger (Musterdruck) lädt Sie ein." in page.text
    assert "Hartmann Maschinenbau GmbH" in page.text
    assert f'value="{INVITED}"' in page.text
    assert "Mindestens 6 Zeichen" in page.text


async def test_with_the_invited_address_one_is_logged_in_and_welcomed(
    browser: Browser, neighbours: Neighbours
) -> None:
    path = f"/register/{neighbours.people.invite()}"
    page = await browser.get(path)
    answer = await browser.post(path, entered(page.form_token))
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "Willkommen. Ihr Zugang ist bereit" in (await browser.get("/")).text
    over = await browser.get(path)
    assert over.status == 404
    assert "Dieser Link gilt nicht mehr" in over.text


async def test_another_address_is_to_be_confirmed_first_and_may_be_entered_again(
    browser: Browser, neighbours: Neighbours
) -> None:
    path = f"/register/{neighbours.people.invite()}"
    page = await browser.get(path)
    answer = await browser.post(path, entered(page.form_token, email="petra@vogel.example"))
    assert (answer.status, answer.headers["Location"]) == (303, path)
    assert "session" not in answer.cookies
    waits = await browser.get(path)
    assert "Wir haben eine Mail an petra@vogel.example geschickt." in waits.text
    assert f'href="{path}?again=yes"' in waits.text
    again = await browser.get(f"{path}?again=yes")
    assert (await browser.post(path, entered(again.form_token))).headers["Location"] == "/"


async def test_the_language_of_the_account_is_that_of_the_page(
    browser: Browser, neighbours: Neighbours
) -> None:
    path = f"/register/{neighbours.people.invite()}"
    page = await browser.get(path, Accept_Language="en")
    assert "Create your account" in page.text
    await browser.post(path, entered(page.form_token), Accept_Language="en")
    acceptance = neighbours.people.told[-1]
    assert isinstance(acceptance, AcceptInvitation)
    assert acceptance.locale == "en"


async def test_what_is_wrong_is_said_at_its_field_and_only_the_password_is_forgotten(
    browser: Browser, neighbours: Neighbours
) -> None:
    path = f"/register/{neighbours.people.invite()}"
    page = await browser.get(path)
    refused = await browser.post(path, entered(page.form_token, password="kurz!"))
    assert refused.status == 422
    assert 'href="#password"' in refused.text
    assert 'value="Petra Vogel"' in refused.text
    assert "kurz!" not in refused.text
    taken = await browser.post(path, entered(page.form_token, email="berger@dealer.example"))
    assert taken.status == 422
    assert "Mit dieser E-Mail-Adresse gibt es schon einen Zugang." in taken.text


async def test_staff_is_invited_in_its_own_words(browser: Browser, neighbours: Neighbours) -> None:
    clerk = await browser.get(f"/register/{neighbours.people.invite(role='clerk')}")
    assert "lädt Sie als Sachbearbeiter ein" in clerk.text
    operator = await browser.get(f"/register/{neighbours.people.invite(role='operator')}")
    assert "lädt Sie als Betreiber ein" in operator.text


async def test_confirming_the_address_is_a_button_and_logs_in(
    browser: Browser, neighbours: Neighbours
) -> None:
    invitation = neighbours.people.invite()
    page = await browser.get(f"/register/{invitation}")
    person = entered(page.form_token, email="petra@vogel.example", password=PASSWORD)
    await browser.post(f"/register/{invitation}", person)
    path = f"/confirm/{neighbours.people.add_confirmation('registration', 'petra@vogel.example')}"
    page = await browser.get(path)
    said = "Petra Vogel hat sich mit petra@vogel.example registriert, als Person von Hartmann Logistik GmbH."
    assert said in page.text, "a stranger sees that he is not meant"
    wrong = {"form_token": page.form_token, "password": "another"}
    refused = await browser.post(path, wrong)
    assert refused.status == 422
    assert "Das ist nicht das Passwort, das Sie gewählt haben." in refused.text
    right = {"form_token": page.form_token, "password": PASSWORD}
    answer = await browser.post(path, right)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "Willkommen" in (await browser.get("/")).text
    assert (await browser.post(path, right)).status == 403, "another visitor by now"
    assert (await browser.get(path)).status == 404


async def test_a_changed_address_is_confirmed_and_the_session_before_ends(
    customer: Browser, neighbours: Neighbours
) -> None:
    before = customer.cookies["session"]
    path = f"/confirm/{neighbours.people.add_confirmation('change', 'keller@hartmann.example')}"
    page = await customer.get(path)
    answer = await customer.post(path, {"form_token": page.form_token})
    assert answer.headers["Location"] == "/account"
    assert "Ihre neue E-Mail-Adresse ist bestätigt." in (await customer.get("/account")).text
    assert before not in neighbours.sessions


async def test_a_changed_address_is_confirmed_by_its_owner_alone(
    browser: Browser, neighbours: Neighbours
) -> None:
    """A mistyped address is a stranger's mailbox, and its link must not let him in."""
    path = f"/confirm/{neighbours.people.add_confirmation('change', 'keller@hartmann.example')}"
    page = await browser.get(path)
    answer = await browser.post(path, {"form_token": page.form_token})
    assert (answer.status, answer.headers["Location"]) == (303, f"/login?next={quote(path, safe='')}")
    assert (await browser.get(path)).status == 200, "good for its owner still"


@pytest.mark.parametrize("kind", ["register", "confirm", "reset"])
async def test_scanners_may_open_a_link_as_often_as_they_like(
    browser: Browser, neighbours: Neighbours, kind: str
) -> None:
    people = neighbours.people
    token = {
        "register": people.invite(),
        "confirm": people.add_confirmation("registration", "keller@hartmann.example"),
        "reset": people.add_reset("keller@hartmann.example"),
    }[kind]
    path = f"/{kind}/{token}"
    for method in ("GET", "HEAD") * 5:
        visit = await browser.send(method, path)
        assert visit.status == 200
        assert "session" not in visit.cookies
    assert people.told == []
    assert neighbours.sessions == {}
    page = await browser.get(path)
    done = await browser.post(path, entered(page.form_token, password=PASSWORD))
    assert done.status == 303
    over = await browser.get(path)
    assert over.status == 404
    assert "Dieser Link gilt nicht mehr" in over.text


@pytest.mark.parametrize(
    "path", ["/register/unknown", "/confirm/unknown", "/reset/unknown", "/setup/unknown"]
)
async def test_a_link_that_is_over_says_what_to_do(browser: Browser, path: str) -> None:
    page = await browser.get(path)
    assert page.status == 404
    assert "Dieser Link gilt nicht mehr" in page.text
    form = {"form_token": page.form_token, "name": "x", "email": "x@x.example", "password": PASSWORD}
    assert (await browser.post(path, form)).status == 404
