"""Mails show the dealer as the operator set him, else as the settings say."""

import io
import re

from PIL import Image

from services.mailer.subscriptions import SUBSCRIPTIONS
from shared.api.mailer import Preview, TryWords, Words
from shared.events.gateway import BrandingChanged
from shared.events.sync import File
from shared.storage import FolderStorage
from shared.web import ServiceClient
from tests.integration.mailer.conftest import CLERKS, ERIKA, OPERATOR, Mailer, MailServer, known, request


def branding(revision: int = 1, **changes: object) -> BrandingChanged:
    given: dict[str, object] = {
        "company_name": "Werbetex Süd GmbH",
        "colour": "#aa0000",
        "imprint": "Werbetex Süd GmbH\nMünchen",
    }
    return BrandingChanged.model_validate({"revision": revision, **given, **changes})


async def logo(storage: FolderStorage) -> File:
    written = io.BytesIO()
    Image.new("RGBA", (480, 128), "#1d3557").save(written, "PNG")
    content = written.getvalue()
    sha256 = await storage.add(content)
    return File(sha256=sha256, name="logo.png", media_type="image/png", size=len(content))


async def mail_to_erika(mailer: Mailer, mail_server: MailServer) -> str:
    await mailer.hear(CLERKS, *known(ERIKA), request())
    await mailer.compose()
    await mailer.deliver()
    [mail] = [one for one in mail_server.mails if ERIKA.email in one.recipients]
    return mail.html


async def test_name_colour_and_imprint_are_those_of_the_operator(
    mailer: Mailer, mail_server: MailServer
) -> None:
    await mailer.hear(branding())
    html = await mail_to_erika(mailer, mail_server)
    assert "Werbetex Süd GmbH" in html
    assert 'bgcolor="#aa0000"' in html
    assert "München" in html
    assert "Werbetex Nord" not in html


async def test_what_was_not_set_follows_the_settings(mailer: Mailer, mail_server: MailServer) -> None:
    await mailer.hear(branding(company_name="", colour="", imprint=""))
    assert "Werbetex Nord GmbH" in await mail_to_erika(mailer, mail_server)


async def test_what_is_told_late_changes_nothing(mailer: Mailer, mail_server: MailServer) -> None:
    await mailer.hear(branding(2, company_name="Neu GmbH"), branding(1, company_name="Alt GmbH"))
    html = await mail_to_erika(mailer, mail_server)
    assert "Neu GmbH" in html
    assert "Alt GmbH" not in html


async def test_the_logo_stands_at_the_head_in_a_size_that_outlook_knows(
    mailer: Mailer, mail_server: MailServer, storage: FolderStorage
) -> None:
    await mailer.hear(branding(logo=await logo(storage), logo_width=480, logo_height=128))
    html = await mail_to_erika(mailer, mail_server)
    [shown] = re.findall(r'<img[^>]*alt="Werbetex Süd GmbH"[^>]*>', html)
    assert 'src="cid:' in shown
    assert 'width="240"' in shown
    assert 'height="64"' in shown
    [mail] = [one for one in mail_server.mails if ERIKA.email in one.recipients]
    assert [
        part.get_content_type() for part in mail.message.walk() if "image" in part.get_content_type()
    ] == ["image/png"]


async def test_a_logo_whose_file_is_gone_holds_no_mail_up(mailer: Mailer, mail_server: MailServer) -> None:
    gone = File(sha256="0" * 64, name="logo.png", media_type="image/png", size=100)
    await mailer.hear(branding(logo=gone, logo_width=480, logo_height=128))
    assert 'alt="Werbetex Süd GmbH"' in await mail_to_erika(mailer, mail_server)


async def test_a_preview_shows_name_and_logo(
    mailer: Mailer, client: ServiceClient, storage: FolderStorage
) -> None:
    await mailer.hear(branding(logo=await logo(storage), logo_width=480, logo_height=128))
    words = Words(subject="Neues von {{ company }}", opening="Guten Tag", button="Ansehen", closing="")
    tried = TryWords(words=words, case="")
    path = "/templates/approval_requested/de"
    preview = await client.post(f"{path}/preview", tried, Preview, who=OPERATOR)
    assert preview.subject == "Neues von Werbetex Süd GmbH"
    assert 'src="data:image/png;base64,' in preview.html
    assert "cid:" not in preview.html, "a page cannot show what lies in a mail"


async def test_a_sample_to_the_operator_has_the_logo(
    mailer: Mailer, client: ServiceClient, mail_server: MailServer, storage: FolderStorage
) -> None:
    await mailer.hear(branding(logo=await logo(storage), logo_width=480, logo_height=128))
    words = Words(subject="Neues", opening="Guten Tag", button="Ansehen", closing="")
    path = "/templates/approval_confirmed/de"
    await client.call("POST", f"{path}/test", who=OPERATOR, body=TryWords(words=words))
    await mailer.deliver()
    [mail] = mail_server.mails
    assert "image/png" in [part.get_content_type() for part in mail.message.walk()]


async def test_a_preview_without_the_logos_file_is_a_preview_all_the_same(
    mailer: Mailer, client: ServiceClient
) -> None:
    gone = File(sha256="0" * 64, name="logo.png", media_type="image/png", size=100)
    await mailer.hear(branding(logo=gone, logo_width=480, logo_height=128))
    words = Words(subject="Neues", opening="Guten Tag", button="Ansehen", closing="")
    path = "/templates/approval_requested/de"
    preview = await client.post(f"{path}/preview", TryWords(words=words), Preview, who=OPERATOR)
    assert 'alt="Werbetex Süd GmbH"' in preview.html


def test_mailer_hears_of_it() -> None:
    assert BrandingChanged in {subscription.event for subscription in SUBSCRIPTIONS}
