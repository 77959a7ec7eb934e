import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import aiosmtplib
import pytest

from deploy.local.mail_catcher import MailCatcher
from deploy.local.ports import free_port

PIXEL = b"\x89PNG tiny"


@pytest.fixture
async def catcher(tmp_path: Path) -> AsyncIterator[MailCatcher]:
    async with MailCatcher(tmp_path / "mails", smtp_port=free_port(), page_port=free_port()) as catcher:
        yield catcher


@pytest.fixture
async def browser(catcher: MailCatcher) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(catcher.page_url) as session:
        yield session


def proof_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Jana Berger <berger@example.de>"
    mail["To"] = "Kundin <kundin@example.com>"
    mail["Subject"] = "Auftrag 2026-1042: <b>Größe</b>"
    mail["Message-ID"] = "<1@example.de>"
    mail.set_content("Schöne Grüße\nhttp://127.0.0.1:8080/proofs/1\n")
    mail.add_alternative(
        '<p>Schöne Grüße</p><script>alert(1)</script><img src="cid:proof"><a href="http://x/">Öffnen</a>',
        subtype="html",
    )
    html = mail.get_body(("html",))
    assert html is not None
    html.add_related(PIXEL, "image", "png", cid="<proof>")
    mail.add_attachment(b"%PDF-1.7 record", maintype="application", subtype="pdf", filename="Freigabe ä.pdf")
    return mail


async def send(catcher: MailCatcher, mail: EmailMessage, **options: Any) -> None:
    host, port = catcher.smtp_url.removeprefix("smtp://").split(":")
    await aiosmtplib.send(mail, hostname=host, port=int(port), start_tls=False, **options)


async def caught(browser: aiohttp.ClientSession) -> list[dict[str, Any]]:
    async with browser.get("/mails.json") as response:
        mails: list[dict[str, Any]] = await response.json()
        return mails


async def test_a_mail_is_told_as_json_with_its_parts(
    catcher: MailCatcher, browser: aiohttp.ClientSession
) -> None:
    await send(catcher, proof_mail(), recipients=["kundin@example.com", "hidden@example.com"])
    [mail] = await caught(browser)
    assert mail["recipients"] == ["kundin@example.com", "hidden@example.com"]
    assert mail["subject"] == "Auftrag 2026-1042: <b>Größe</b>"
    assert mail["headers"]["Message-ID"] == "<1@example.de>"
    assert mail["text"].startswith("Schöne Grüße\n")
    assert "<p>Schöne Grüße</p>" in mail["html"]
    [attachment] = mail["attachments"]
    assert attachment["name"] == "Freigabe ä.pdf"
    assert attachment["media_type"] == "application/pdf"
    async with browser.get(attachment["path"]) as response:
        assert await response.read() == b"%PDF-1.7 record"
        assert response.headers["Content-Disposition"].startswith("attachment")


async def test_the_page_shows_the_mail_and_lets_nothing_in_it_run(
    catcher: MailCatcher, browser: aiohttp.ClientSession
) -> None:
    await send(catcher, proof_mail())
    [mail] = await caught(browser)
    async with browser.get("/", headers={"Accept-Language": "de-DE"}) as response:
        page = await response.text()
        assert "Aufgefangene Mails" in page
        assert "&lt;b&gt;Größe&lt;/b&gt;" in page
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    async with browser.get(f"/mails/{mail['id']}") as response:
        page = await response.text()
        assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
        assert "Freigabe ä.pdf" in page
        assert '<a href="http://127.0.0.1:8080/proofs/1"' in page
    async with browser.get(f"/mails/{mail['id']}/html") as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "script" not in policy
        assert 'src="data:image/png;base64,' in await response.text()


async def test_the_newest_mail_comes_first_and_each_is_a_file(
    catcher: MailCatcher, browser: aiohttp.ClientSession, tmp_path: Path
) -> None:
    for number in (1, 2):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "a@example.de", "b@example.de", f"number {number}"
        mail.set_content("text alone")
        await send(catcher, mail)
    assert [mail["subject"] for mail in await caught(browser)] == ["number 2", "number 1"]
    assert len(list((tmp_path / "mails").glob("*.eml"))) == 2


@pytest.mark.parametrize("mail_id", ["unknown", "..%2Fsecret", "..%2F..%2Fetc%2Fpasswd"])
async def test_an_unknown_mail_is_not_found(
    browser: aiohttp.ClientSession, tmp_path: Path, mail_id: str
) -> None:
    (tmp_path / "secret.eml").write_text("X-Envelope-To: nobody\n\n" + json.dumps("secret"))
    for part in ("", "/html", "/source", "/attachments/0"):
        async with browser.get(f"/mails/{mail_id}{part}") as response:
            assert response.status == 404


async def test_a_clerks_copy_stands_below_the_mail_it_is_a_copy_of(
    catcher: MailCatcher, browser: aiohttp.ClientSession
) -> None:
    for subject in ("Before", "Shirts", "Kopie: Shirts"):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "a@example.de", "b@example.de", subject
        mail.set_content("text alone")
        await send(catcher, mail)
    async with browser.get("/") as response:
        shown = re.findall(r'class="subject">(.*?)<', await response.text())
    assert shown == ["Shirts", "Kopie: Shirts", "Before"]


async def test_times_are_those_of_the_portal(tmp_path: Path) -> None:
    catcher = MailCatcher(tmp_path, smtp_port=free_port(), page_port=free_port(), time_zone="Asia/Kathmandu")
    async with catcher, aiohttp.ClientSession(catcher.page_url) as browser:
        await send(catcher, proof_mail())
        [mail] = await caught(browser)
        received_at = datetime.fromisoformat(mail["received_at"]) + timedelta(hours=5, minutes=45)
        for address in ("/", f"/mails/{mail['id']}"):
            async with browser.get(address) as response:
                assert f"{received_at:%d.%m.%Y %H:%M:%S}" in await response.text()
