"""One's own account, and the way back in for those who forgot their password."""

from datetime import UTC, datetime, timedelta

from shared.api.auth import ChangeEmail, ChangePassword, RequestPasswordReset
from tests.integration.gateway.conftest import Browser
from tests.integration.gateway.neighbours import Neighbours
from tests.integration.gateway.people import PASSWORD

OWN = "keller@hartmann.example"


async def test_the_login_leads_to_the_page_for_forgotten_passwords(browser: Browser) -> None:
    assert 'href="/forgot-password"' in (await browser.get("/login")).text


async def test_a_known_and_an_unknown_address_get_the_same_answer(
    browser: Browser, neighbours: Neighbours
) -> None:
    answers = []
    for email in (OWN, "nobody@example.com"):
        page = await browser.get("/forgot-password")
        answer = await browser.post("/forgot-password", {"form_token": page.form_token, "email": email})
        answers.append((answer.status, answer.headers["Location"], answer.body, answer.set_cookies))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (303, "/forgot-password/sent")
    assert "Wenn es mit dieser Adresse einen Zugang gibt" in (await browser.get("/forgot-password/sent")).text
    assert [wish.email for wish in neighbours.people.told if isinstance(wish, RequestPasswordReset)] == [
        OWN,
        "nobody@example.com",
    ]


async def test_too_many_wishes_for_a_link_say_when_to_try_again(
    browser: Browser, neighbours: Neighbours
) -> None:
    neighbours.throttled_until = datetime.now(UTC) + timedelta(minutes=4, seconds=30)
    page = await browser.get("/forgot-password")
    answer = await browser.post("/forgot-password", {"form_token": page.form_token, "email": OWN})
    assert answer.status == 422
    assert "in 5 Min. noch einmal" in answer.text
    assert f'value="{OWN}"' in answer.text


async def test_a_new_password_by_the_link_ends_all_sessions_and_leads_to_the_login(
    customer: Browser, neighbours: Neighbours
) -> None:
    path = f"/reset/{neighbours.people.add_reset(OWN)}"
    page = await customer.get(path)
    assert OWN in page.text
    short = await customer.post(path, {"form_token": page.form_token, "password": "kurz"})
    assert short.status == 422
    assert "Dieses Passwort ist zu kurz." in short.text
    answer = await customer.post(path, {"form_token": page.form_token, "password": "drei Worte hier"})
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    login = await customer.get("/login")
    assert login.status == 200
    assert "Ihr Passwort ist geändert." in login.text
    assert neighbours.sessions == {}


async def test_the_account_shows_what_is_known_and_where_it_is_changed(customer: Browser) -> None:
    text = (await customer.get("/account")).words
    assert OWN in text
    assert "Sie dürfen Freigabemuster freigeben." in text
    for path in ("/account/profile", "/account/email", "/account/password"):
        assert f'href="{path}"' in text
        assert (await customer.get(path)).status == 200


async def test_a_new_name_and_language_are_there_at_once(customer: Browser) -> None:
    page = await customer.get("/account/profile")
    form = {"form_token": page.form_token, "name": "", "locale": "en"}
    empty = await customer.post("/account/profile", form)
    assert empty.status == 422
    assert "Bitte geben Sie einen Namen mit höchstens 80 Zeichen und ohne Internetadressen ein." in empty.text
    answer = await customer.post("/account/profile", form | {"name": "Tom Keller"})
    assert (answer.status, answer.headers["Location"]) == (303, "/account")
    page = await customer.get("/account")
    assert "Your details are changed." in page.text
    assert "Tom Keller" in page.text


async def test_a_new_address_needs_the_password_and_a_confirmation(
    customer: Browser, neighbours: Neighbours
) -> None:
    page = await customer.get("/account/email")
    form = {"form_token": page.form_token, "email": "tom@keller.example", "password": "wrong"}
    refused = await customer.post("/account/email", form)
    assert refused.status == 422
    assert 'href="#password"' in refused.text
    assert 'value="tom@keller.example"' in refused.text
    answer = await customer.post("/account/email", form | {"password": PASSWORD})
    assert answer.headers["Location"] == "/account"
    assert "Wir haben eine Mail an die neue Adresse geschickt." in (await customer.get("/account")).text
    change = neighbours.people.told[-1]
    assert isinstance(change, ChangeEmail)
    assert change.email == "tom@keller.example"


async def test_a_new_password_keeps_this_session_alone(customer: Browser, neighbours: Neighbours) -> None:
    elsewhere = neighbours.log_in()
    page = await customer.get("/account/password")
    form = {"form_token": page.form_token, "present_password": "wrong", "new_password": "drei Worte hier"}
    refused = await customer.post("/account/password", form)
    assert refused.status == 422
    assert "Das ist nicht Ihr jetziges Passwort." in refused.text
    short = form | {"present_password": PASSWORD, "new_password": "kurz"}
    assert 'href="#new_password"' in (await customer.post("/account/password", short)).text
    answer = await customer.post("/account/password", form | {"present_password": PASSWORD})
    assert answer.headers["Location"] == "/account"
    assert "Ihr Passwort ist geändert." in (await customer.get("/account")).text
    assert elsewhere not in neighbours.sessions
    change = neighbours.people.told[-1]
    assert isinstance(change, ChangePassword)
    assert change.token == customer.cookies["session"]


async def test_blanks_around_a_password_belong_to_it(customer: Browser, neighbours: Neighbours) -> None:
    page = await customer.get("/account/password")
    form = {"form_token": page.form_token, "present_password": PASSWORD, "new_password": "  drei Worte  "}
    await customer.post("/account/password", form)
    change = neighbours.people.told[-1]
    assert isinstance(change, ChangePassword)
    assert change.new_password == "  drei Worte  "


async def test_logging_out_everywhere_ends_this_session_too(
    customer: Browser, neighbours: Neighbours
) -> None:
    neighbours.log_in()
    page = await customer.get("/account")
    answer = await customer.post("/account/end-sessions", {"form_token": page.form_token})
    assert answer.headers["Location"] == "/login"
    assert "Sie sind überall abgemeldet." in (await customer.get("/login")).text
    assert neighbours.sessions == {}
