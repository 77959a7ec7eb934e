"""Coming in and going out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from services.gateway import sessions
from tests.integration.gateway.conftest import COOKIES, Browser, StartGateway, Visit
from tests.integration.gateway.neighbours import Neighbours
from tests.integration.gateway.people import PASSWORD


@dataclass
class Clock:
    """Stands still unless it is moved."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now


async def log_in(
    browser: Browser,
    *,
    email: str = "keller@hartmann.example",
    password: str = PASSWORD,
    next_path: str = "/",
) -> Visit:
    page = await browser.get("/login")
    form = {"form_token": page.form_token, "email": email, "password": password, "next": next_path}
    return await browser.post("/login", form)


async def test_a_stranger_is_sent_to_the_login_and_comes_back_to_the_page_asked_for(browser: Browser) -> None:
    away = await browser.get("/proofs/x?a=b")
    assert (away.status, away.headers["Location"]) == (303, "/login?next=%2Fproofs%2Fx%3Fa%3Db")
    page = await browser.get(away.headers["Location"])
    assert 'name="next" value="/proofs/x?a=b"' in page.text
    answer = await log_in(browser, next_path="/proofs/x?a=b")
    assert (answer.status, answer.headers["Location"]) == (303, "/proofs/x?a=b")


async def test_after_the_login_the_cookie_is_kept_from_scripts_and_other_sites(browser: Browser) -> None:
    """As `Browser` checks of each cookie."""
    answer = await log_in(browser)
    assert [cookie.partition("=")[0] for cookie in answer.set_cookies] == ["session", "visitor"]
    assert (await browser.get("/")).status == 200


async def test_where_the_address_is_https_cookies_are_secure_and_bound_to_the_host(
    start_gateway: StartGateway,
) -> None:
    address = await start_gateway(public_url="https://portal.example.de")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        browser = Browser(session, address, is_https=True)
        await log_in(browser)
        page = await browser.get("/")
        assert page.status == 200
        assert page.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize("public_url", ["http://portal.example.de", "https://portal.example.de"])
async def test_every_cookie_is_set_and_forgotten_as_its_address_allows(
    start_gateway: StartGateway, public_url: str
) -> None:
    """`Browser` checks each; here is every one, from the page that sets it to the one that ends it."""
    is_https = public_url.startswith("https")
    address = await start_gateway(public_url=public_url)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        browser = Browser(session, address, is_https=is_https)
        visits = [await browser.get("/login"), await log_in(browser, email="berger@dealer.example")]
        form = {"form_token": (await browser.get("/account/profile")).form_token}
        profile = form | {"name": "Sabine Berger", "locale": "en"}
        visits += [await browser.post("/account/profile", profile), await browser.get("/account")]
        for path in ("/desk/customers/10042/view", "/desk/view/end", "/logout"):
            visits.append(await browser.post(path, form))
    prefix = "__Host-" if is_https else ""
    for kept in (True, False):
        names = {name for visit in visits for name, value in visit.cookies.items() if bool(value) == kept}
        assert names == {f"{prefix}{name}" for name in COOKIES if kept or name != "locale"}


async def test_a_wrong_password_and_an_unknown_address_get_the_same_page(browser: Browser) -> None:
    wrong = await log_in(browser, password="wrong")
    unknown = await log_in(browser, email="nobody@example.com")
    sentence = "Die E-Mail-Adresse oder das Passwort stimmt nicht."
    assert wrong.status == unknown.status == 422
    assert sentence in wrong.text
    assert sentence in unknown.text
    assert 'value="nobody@example.com"' in unknown.text
    assert "wrong" not in wrong.text


async def test_too_many_attempts_say_when_to_try_again(browser: Browser, neighbours: Neighbours) -> None:
    neighbours.throttled_until = datetime.now(UTC) + timedelta(minutes=4, seconds=30)
    assert "in 5 Min. noch einmal" in (await log_in(browser)).text


async def test_nobody_is_sent_to_another_site_after_the_login(browser: Browser) -> None:
    assert (await log_in(browser, next_path="//evil.example")).headers["Location"] == "/"
    browser.cookies.clear()
    page = await browser.get("/login?next=https://evil.example")
    assert "evil" not in page.text.split("<form")[1].split("</form>")[0]


async def test_a_login_form_of_another_site_is_refused(browser: Browser) -> None:
    page = await browser.get("/login")
    form = {"form_token": page.form_token, "email": "keller@hartmann.example", "password": PASSWORD}
    foreign = await browser.post("/login", form, Sec_Fetch_Site="cross-site")
    assert foreign.status == 403
    assert "session" not in foreign.cookies
    browser.cookies.pop("visitor")
    assert (await browser.post("/login", form)).status == 403


async def test_logging_out_ends_the_session_at_once(customer: Browser, neighbours: Neighbours) -> None:
    page = await customer.get("/")
    stolen = customer.cookies["session"]
    answer = await customer.post("/logout", {"form_token": page.form_token})
    assert answer.headers["Location"] == "/login"
    assert neighbours.sessions == {}
    customer.cookies["session"] = stolen
    assert (await customer.get("/")).status == 303


async def test_who_is_logged_in_is_asked_at_most_once_a_second(
    customer: Browser, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(sessions, "time", clock)
    for _ in range(5):
        await customer.get("/")
    assert neighbours.calls["POST /auth/sessions/find"] == 1


async def test_a_session_that_is_over_is_out_a_second_after_the_last_look_at_it(
    customer: Browser, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for whoever goes on without a pause: what is kept is not kept longer because it is used."""
    clock = Clock()
    monkeypatch.setattr(sessions, "time", clock)
    assert (await customer.get("/")).status == 200
    neighbours.sessions.clear()

    clock.now += 0.9
    assert (await customer.get("/")).status == 200, "the look-up of just now holds"
    clock.now += 0.2
    answer = await customer.get("/")

    assert (answer.status, answer.headers["Location"]) == (303, "/login?next=%2F")


async def test_the_language_is_chosen_by_a_form_and_kept(customer: Browser) -> None:
    page = await customer.get("/")
    assert "<h1>Was auf Sie wartet</h1>" in page.text
    answer = await customer.post("/language", {"form_token": page.form_token, "locale": "en", "next": "/"})
    assert answer.status == 303
    page = await customer.get("/")
    assert '<html lang="en">' in page.text
    assert "<h1>What is waiting for you</h1>" in page.text


async def test_the_first_operator_is_created_by_the_one_time_link(
    browser: Browser, neighbours: Neighbours
) -> None:
    assert (await browser.get("/setup/wrong")).status == 404
    path = f"/setup/{neighbours.setup_token}"
    page = await browser.get(path)
    form = {"form_token": page.form_token, "name": "Jan", "email": "jan@dealer.example", "password": "short"}
    refused = await browser.post(path, form)
    assert refused.status == 422
    assert 'href="#password"' in refused.text
    assert 'value="jan@dealer.example"' in refused.text
    assert "short" not in refused.text.split("<form")[1]
    done = await browser.post(path, form | {"password": PASSWORD})
    assert (done.status, done.headers["Location"]) == (303, "/admin")
    assert (await browser.get("/desk")).status == 200


@pytest.mark.parametrize(
    ("email", "path"), [("keller@hartmann.example", "/desk"), ("berger@dealer.example", "/admin")]
)
async def test_a_page_of_another_role_advises_nothing_that_cannot_help(
    browser: Browser, neighbours: Neighbours, email: str, path: str
) -> None:
    browser.cookies["session"] = neighbours.log_in(email)
    page = await browser.get(path)
    assert page.status == 403
    assert "Ihr Zugang erlaubt das nicht" in page.text
    assert '<a class="button button-main" href="/">Zu Ihrer Startseite</a>' in page.text
    assert "laden Sie" not in page.text
    stale = await browser.post("/logout", {"form_token": "old"})
    assert stale.status == 403
    assert "Vielleicht war die Seite zu lange offen." in stale.text
