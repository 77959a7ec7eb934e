"""The pages about mails, with a real mailer behind them and a real mail server behind that."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from services.mailer.app import create_service
from services.mailer.settings import MailerSettings
from shared.database import create_pool
from shared.events.auth import AccountRegistered
from tests.conftest import DatabaseFactory
from tests.integration.gateway.conftest import Browser, StartGateway, Visit
from tests.integration.gateway.neighbours import SECRET, Neighbours
from tests.integration.mailer.conftest import (
    CLERKS,
    ERIKA,
    Mailer,
    MailServer,
    customer,
    known,
    listening,
    request,
)

TEMPLATE = "/admin/mail/templates/approval_requested/de"


@dataclass
class Office:
    """A gateway with a real mailer; each browser is one person."""

    mailer: Mailer
    server: MailServer
    operator: Browser
    clerk: Browser
    customer: Browser


@pytest.fixture
async def office(
    start_gateway: StartGateway, neighbours: Neighbours, make_database: DatabaseFactory, tmp_path: Path
) -> AsyncIterator[Office]:
    database_url = await make_database("mailer")
    pool = await create_pool(database_url)
    async with listening(MailServer()) as server:
        settings = MailerSettings.model_validate(
            {
                "database_url": database_url,
                "bus_database_url": database_url,
                "internal_secret": SECRET,
                "storage_folder": tmp_path / "storage",
                "port": 1,
                "public_url": "https://portal.example.de",
                "smtp_url": f"smtp://127.0.0.1:{server.port}",
                "mail_from": "portal@werbetex-nord.de",
                "request_mail_delay_seconds": 0,
                "mail_way": "outlook",
            }
        )
        mailer = Mailer(create_service(settings, pool), pool)
        async with TestServer(mailer.service.application) as served:
            address = await start_gateway(mailer_url=str(served.make_url("")))
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
                yield Office(
                    mailer,
                    server,
                    *(
                        _browser(session, address, neighbours.log_in(email))
                        for email in (
                            "admin@dealer.example",
                            "berger@dealer.example",
                            "keller@hartmann.example",
                        )
                    ),
                )
    await pool.close()


def _browser(session: aiohttp.ClientSession, address: str, token: str) -> Browser:
    browser = Browser(session, address)
    browser.cookies["session"] = token
    return browser


async def fill(browser: Browser, page: str, action: str, **changes: str) -> Visit:
    """Send the form of a page as it stands there, with some fields changed."""
    visit = await browser.get(page)
    form = {"form_token": visit.form_token} | fields_of(visit.text) | changes
    return await browser.post(action, form)


def fields_of(html: str) -> dict[str, str]:
    """What the fields of a page hold."""
    found = {
        match[1]: unescape(match[2])
        for match in re.finditer(r'<input id="(\w+)" name="\1"[^>]*? value="([^"]*)"', html)
        if match[1] != "q"
    }
    found |= dict(re.findall(r'<input type="hidden" name="(form_key)" value="([^"]*)"', html))
    found |= {
        match[1]: unescape(match[2])
        for match in re.finditer(r'<textarea id="(\w+)"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    }
    for name, options in re.findall(r'<select id="(\w+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        if chosen := re.search(r'value="([^"]*)" selected', options):
            found[name] = chosen[1]
    if chosen := re.search(r'name="way" type="radio" value="(\w+)" checked', html):
        found["way"] = chosen[1]
    return found


# How mails leave


async def test_the_page_shows_what_holds_and_no_password(office: Office) -> None:
    text = (await office.operator.get("/admin/mail")).text
    assert 'value="portal@werbetex-nord.de"' in text
    assert "Das sind die Werte der Installation" in text
    assert fields_of(text)["way"] == "outlook"


async def test_saved_settings_are_shown_without_the_password(office: Office) -> None:
    visit = await fill(
        office.operator,
        "/admin/mail",
        "/admin/mail",
        username="portal",
        password=" s3cret ",
        sender="neu@w.example",
    )
    assert (visit.status, visit.headers["Location"]) == (303, "/admin/mail")
    text = (await office.operator.get("/admin/mail")).text
    assert "Die Einstellungen sind gespeichert" in text
    assert 'value="neu@w.example"' in text
    assert "s3cret" not in text
    assert "Ein Passwort ist gespeichert" in text
    assert "von Jan Admin" in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"host": ""}, "Bitte geben Sie den Namen des Mailservers ein"),
        ({"host": "smtp://mail.example.de"}, "Bitte geben Sie nur den Namen des Mailservers ein"),
        ({"port": "abc"}, "Bitte geben Sie eine Zahl von 1 bis 65535 ein"),
        ({"port": "70000"}, "Bitte geben Sie eine Zahl von 1 bis 65535 ein"),
        ({"sender": "portal"}, "eine E-Mail-Adresse wie portal@firma.de"),
        ({"fallback": "büro"}, "eine E-Mail-Adresse wie buero@firma.de"),
        ({"request_delay_seconds": "4000"}, "eine Zahl von 0 bis 3600 Sekunden"),
        ({"username": "portal"}, "Bitte geben Sie das Passwort noch einmal ein"),
    ],
)
async def test_settings_that_cannot_work_come_back_with_a_sentence(
    office: Office, changes: dict[str, str], sentence: str
) -> None:
    given = {"username": "", "copy_to_clerk": "yes"} | changes
    visit = await fill(office.operator, "/admin/mail", "/admin/mail", **given)
    assert visit.status == 422
    assert sentence in visit.text
    for name, value in changes.items():
        assert fields_of(visit.text)[name] == value, "what was typed stays"
    assert "Das sind die Werte der Installation" in visit.text, "nothing was saved"


async def test_a_test_mail_really_arrives_and_saves_nothing(office: Office) -> None:
    visit = await fill(office.operator, "/admin/mail", "/admin/mail/test", sender="neu@w.example")
    assert "Der Mailserver hat die Testmail angenommen." in visit.text
    assert "unterwegs an admin@dealer.example" in visit.text
    assert "noch nicht gespeichert" in visit.text
    assert [mail.recipients for mail in office.server.mails] == [["admin@dealer.example"]]
    assert 'value="portal@werbetex-nord.de"' in (await office.operator.get("/admin/mail")).text


async def test_what_is_wrong_is_said_and_the_servers_answer_is_no_html(office: Office) -> None:
    office.server.answers["MAIL"] = ["550 <script>alert(1)</script>"]
    visit = await fill(office.operator, "/admin/mail", "/admin/mail/test")
    assert "Der Mailserver nimmt den Absender nicht an." in visit.text
    assert "&lt;script&gt;" in visit.text
    assert "<script>alert" not in visit.text


async def test_a_password_that_was_tried_is_saved_without_typing_it_again(office: Office) -> None:
    """It stands in the page sealed, never in the clear."""
    office.server.offers_login = False
    given = {"username": "portal", "password": "s3cret"}
    tried = await fill(office.operator, "/admin/mail", "/admin/mail/test", **given)
    assert "bietet hier keine Anmeldung an" in tried.text
    assert "s3cret" not in tried.text
    sealed = re.search(r'name="sealed_password" value="([^"]+)"', tried.text)
    assert sealed
    form = fields_of(tried.text) | {"form_token": tried.form_token, "sealed_password": sealed[1]}
    assert (await office.operator.post("/admin/mail", form)).status == 303
    assert "Ein Passwort ist gespeichert" in (await office.operator.get("/admin/mail")).text


async def test_a_sealed_password_of_somebody_else_is_none(office: Office) -> None:
    visit = await fill(
        office.operator, "/admin/mail", "/admin/mail", username="portal", sealed_password="gAAAAA-made-up"
    )
    assert "Bitte geben Sie das Passwort noch einmal ein" in visit.text


async def test_the_values_of_the_installation_come_back(office: Office) -> None:
    await fill(office.operator, "/admin/mail", "/admin/mail", sender="neu@w.example", username="")
    visit = await fill(office.operator, "/admin/mail", "/admin/mail/reset")
    assert visit.status == 303
    assert 'value="portal@werbetex-nord.de"' in (await office.operator.get("/admin/mail")).text


# Words


async def test_the_mails_are_listed_under_their_titles(office: Office) -> None:
    text = (await office.operator.get("/admin/mail/templates")).text
    titles = re.findall(r'<h2 class="template-title">(.*?)</h2>', text)
    assert titles[:4] == [
        "Registrierung Partner-Cockpit",
        "Passwort zurückgesetzt",
        "Freigabe Anforderung zum Auftrag",
        "Freigabebestätigung zum Auftrag",
    ]
    assert text.count("Mitgeliefert") == 2 * len(titles)


async def test_saved_words_hold_and_stand_in_the_history(office: Office) -> None:
    visit = await fill(office.operator, TEMPLATE, TEMPLATE, subject="Neu: {{ order_number }}")
    assert visit.status == 303
    text = (await office.operator.get(TEMPLATE)).text
    assert "Die Texte sind gespeichert" in text
    assert fields_of(text)["subject"] == "Neu: {{ order_number }}"
    assert "Jan Admin" in text
    assert "Eigene Texte" in (await office.operator.get("/admin/mail/templates")).text


async def test_words_that_cannot_be_used_come_back_with_their_line(office: Office) -> None:
    wrong = "Guten Tag\n{{ nmae }}, {% for x in range(10**9) %}"
    visit = await fill(office.operator, TEMPLATE, TEMPLATE, opening=wrong, closing="{% if name %}")
    assert visit.status == 422
    assert fields_of(visit.text)["opening"] == wrong
    assert "Zeile 1: Klammern oder eine Bedingung sind nicht vollständig" in visit.text
    visit = await fill(office.operator, TEMPLATE, TEMPLATE, opening="Guten Tag\n{{ nmae }}")
    assert "Zeile 2: Ein Feld „nmae“ gibt es in dieser Mail nicht." in visit.text


async def test_the_fields_are_explained(office: Office) -> None:
    text = (await office.operator.get(TEMPLATE)).text
    assert "{{ order_number }}" in text
    assert "die Nummer des Auftrags" in text


@pytest.mark.parametrize("template", ["approval_requested", "customer_invited", "email_changed", "smtp_test"])
@pytest.mark.parametrize("locale", ["de", "en"])
async def test_every_mail_can_be_edited(office: Office, template: str, locale: str) -> None:
    path = f"/admin/mail/templates/{template}/{locale}"
    assert (await office.operator.get(path)).status == 200
    assert (await fill(office.operator, path, path)).status == 303


async def test_the_preview_is_locked_in(office: Office) -> None:
    page = await office.operator.get(TEMPLATE)
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert re.search(r'<iframe class="preview" name="preview" title="[^"]+" sandbox src="/admin', page.text)
    preview = await office.operator.get(f"{TEMPLATE}/preview?case=several")
    policy = preview.headers["Content-Security-Policy"]
    assert "sandbox;" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "2 Freigabemuster" in preview.text


async def test_the_preview_shows_what_is_typed_and_keeps_nothing(office: Office) -> None:
    shown = await fill(
        office.operator, TEMPLATE, f"{TEMPLATE}/preview", opening="Moin <b>{{ name }}</b>", case="one"
    )
    assert "Moin &lt;b&gt;Erika Muster&lt;/b&gt;" in shown.text
    as_text = await fill(office.operator, TEMPLATE, f"{TEMPLATE}/preview", subject="S", **{"as": "text"})
    assert "Betreff: S" in as_text.text
    assert "Mitgeliefert" in (await office.operator.get(TEMPLATE)).text


async def test_the_preview_of_wrong_words_says_why(office: Office) -> None:
    shown = await fill(office.operator, TEMPLATE, f"{TEMPLATE}/preview", opening="{{ nmae }}")
    assert shown.status == 422
    assert "Ein Feld „nmae“ gibt es in dieser Mail nicht" in shown.text


async def test_a_sample_goes_to_the_operator_and_the_words_stay_on_the_page(office: Office) -> None:
    visit = await fill(office.operator, TEMPLATE, f"{TEMPLATE}/sample", subject="Muster {{ order_number }}")
    assert "unterwegs an admin@dealer.example" in visit.text
    assert fields_of(visit.text)["subject"] == "Muster {{ order_number }}"
    await office.mailer.deliver()
    assert office.server.to("admin@dealer.example").message["Subject"] == "Muster 2026-1042"


async def test_a_former_version_can_be_looked_at_and_saved_again(office: Office) -> None:
    await fill(office.operator, TEMPLATE, TEMPLATE, subject="Erste")
    await fill(office.operator, TEMPLATE, TEMPLATE, subject="Zweite")
    text = (await office.operator.get(TEMPLATE)).text
    addresses = re.findall(rf'href="({TEMPLATE}\?version=\d+)"', text)
    old = await office.operator.get(addresses[1])
    assert fields_of(old.text)["subject"] == "Erste"
    assert "Wenn Sie sie speichern, gelten sie wieder" in old.text
    await fill(office.operator, addresses[1], TEMPLATE)
    assert fields_of((await office.operator.get(TEMPLATE)).text)["subject"] == "Erste"
    assert (await office.operator.get(f"{TEMPLATE}?version=4711")).status == 404


async def test_the_shipped_words_come_back(office: Office) -> None:
    await fill(office.operator, TEMPLATE, TEMPLATE, subject="Eigener")
    await fill(office.operator, TEMPLATE, f"{TEMPLATE}/reset")
    text = (await office.operator.get(TEMPLATE)).text
    assert fields_of(text)["subject"].startswith("Auftrag {{ order_number }}")
    assert "Mitgeliefert" in text


# The log


async def test_a_mail_that_failed_is_sent_again_from_the_log(office: Office) -> None:
    office.server.answers["RCPT"] = ["550 unknown"]
    await fill(office.operator, TEMPLATE, f"{TEMPLATE}/sample")
    await office.mailer.deliver()
    text = (await office.operator.get("/admin/mail/log?state=failed")).text
    assert "550 unknown" in text
    [again] = re.findall(r'action="(/admin/mail/log/[^"]+/send-again)"', text)
    await fill(office.operator, "/admin/mail/log", again)
    await office.mailer.deliver()
    assert "Verschickt" in (await office.operator.get("/admin/mail/log?q=admin@dealer")).text
    assert len(office.server.mails) == 1


async def test_the_log_says_in_the_readers_language_what_mailer_says_itself(office: Office) -> None:
    await office.mailer.hear(customer(), request())
    await office.mailer.compose()
    text = (await office.operator.get("/admin/mail/log?state=failed")).text
    assert "Niemand bei diesem Kunden hat eine brauchbare E-Mail-Adresse." in text
    assert "Nobody of this customer" not in text


async def test_an_empty_log_says_what_comes(office: Office) -> None:
    assert "Es wurde noch keine Mail verschickt" in (await office.operator.get("/admin/mail/log")).text


# Drafts


async def draft_of(office: Office, *, clerk_code: str = "SB") -> str:
    """The address of a draft that waits for the clerk."""
    await office.mailer.hear(CLERKS, *known(ERIKA), request(clerk_codes=(clerk_code,)))
    await office.mailer.compose()
    mail_id = await office.mailer.pool.fetchval("SELECT mail_id FROM mail")
    return f"/desk/drafts/{mail_id}"


async def test_a_draft_is_opened_in_outlook_and_marked(office: Office) -> None:
    path = await draft_of(office)
    assert path in (await office.clerk.get("/desk/drafts")).text
    file = await office.clerk.get(path)
    assert file.headers["Content-Type"] == "message/rfc822"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="Auftrag 2026-1042')
    assert b"X-Unsent: 1" in file.body
    visit = await fill(office.clerk, "/desk/drafts", f"{path}/sent")
    assert visit.headers["Location"] == "/desk/drafts"
    text = (await office.clerk.get("/desk/drafts")).text
    assert "Vermerkt: Sie haben die Mail verschickt." in text
    assert "Keine Mail wartet auf Sie" in text


async def test_a_draft_is_sent_by_the_portal_after_all(office: Office) -> None:
    path = await draft_of(office)
    await fill(office.clerk, "/desk/drafts", f"{path}/send")
    await office.mailer.deliver()
    assert office.server.to("erika@muster-ag.de").message["From"].startswith("Sabine Berger")


async def test_a_draft_is_discarded_and_gone(office: Office) -> None:
    path = await draft_of(office)
    assert f'href="{path}/discard"' in (await office.clerk.get("/desk/drafts")).text
    check = (await office.clerk.get(f"{path}/discard")).text
    assert "Erika Muster bekommt sie dann nicht." in check
    assert f'action="{path}/discard"' in check
    assert path in (await office.clerk.get("/desk/drafts")).text, "looking discards nothing"
    await fill(office.clerk, f"{path}/discard", f"{path}/discard")
    gone = await office.clerk.get(f"{path}/discard")
    assert (gone.status, gone.headers["Location"]) == (303, "/desk/drafts")
    assert (await office.clerk.get(path)).headers["Location"] == "/desk/drafts"
    assert "wurde schon verschickt oder verworfen" in (await office.clerk.get("/desk/drafts")).text


async def test_where_mails_wait_for_outlook_an_invitation_says_so(office: Office) -> None:
    page = "/desk/customers/10042/access"
    person = {"person": "other", "email": "neu@hartmann.example", "may_approve": "yes"}
    await fill(office.clerk, page, page, **person)
    text = (await office.clerk.get("/desk/customers/10042")).text
    assert "liegt gleich als Entwurf für Outlook bereit" in text
    assert '<a href="/desk/drafts">Zu den Entwürfen</a>' in text
    assert "unterwegs" not in text
    await fill(office.operator, "/admin/mail", "/admin/mail", way="smtp")
    await fill(office.clerk, page, page, **person | {"email": "zwei@hartmann.example"})
    assert "Die Einladung ist unterwegs." in (await office.clerk.get("/desk/customers/10042")).text


async def test_the_drafts_of_colleagues_are_a_click_away(office: Office) -> None:
    path = await draft_of(office, clerk_code="TK")
    own = (await office.clerk.get("/desk/drafts")).text
    assert path not in own
    assert "1 Mail eines Kollegen wartet." in own
    everybodys = (await office.clerk.get("/desk/drafts?whose=all")).text
    assert path in everybodys
    assert "Tim Kruse" in everybodys
    assert path in (await office.operator.get("/desk/drafts")).text, "who is no clerk sees all"


async def test_the_desk_says_how_many_mails_wait(office: Office) -> None:
    await draft_of(office)
    text = (await office.clerk.get("/desk")).text
    assert "1 Mail wartet darauf, dass Sie sie aus Outlook verschicken" in text


async def test_the_desk_works_without_the_mailer(clerk: Browser, neighbours: Neighbours) -> None:
    neighbours.own_drafts = 1
    assert "aus Outlook" in (await clerk.get("/desk")).text
    neighbours.down.add("mailer")
    assert (await clerk.get("/desk")).status == 200


async def test_a_mail_of_the_portal_is_no_draft(office: Office) -> None:
    told = AccountRegistered(
        account_id=uuid4(),
        role="customer",
        name="Erika",
        email="erika@muster-ag.de",
        locale="de",
        customer_number="10023",
        invited_by="SB",
        invited_email="erika@muster-ag.de",
    )
    await office.mailer.hear(CLERKS, customer(ERIKA), told)
    await office.mailer.compose()
    mail_id = await office.mailer.pool.fetchval("SELECT mail_id FROM mail")
    assert (await office.clerk.get(f"/desk/drafts/{mail_id}")).status == 404


async def test_the_pages_are_not_for_everybody(office: Office) -> None:
    path = await draft_of(office)
    for page in ("/admin/mail", "/admin/mail/templates", TEMPLATE, f"{TEMPLATE}/preview", "/admin/mail/log"):
        assert (await office.clerk.get(page)).status == 403
        assert (await office.customer.get(page)).status == 403
    for page in ("/desk/drafts", path):
        assert (await office.customer.get(page)).status == 403
