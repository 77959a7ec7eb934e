"""The operator changes how the company looks, and everybody sees it."""

import io
import json

import aiohttp
import asyncpg
import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from services.gateway.words.texts import default_legal_text
from tests.integration.gateway.conftest import Browser, StartGateway, Visit
from tests.integration.gateway.neighbours import Neighbours

FORM = {"company_name": "Werbetex Nord GmbH", "colour": "#AA0000", "mail_imprint": "Werbetex Nord\r\nKiel"}


async def save(operator: Browser, path: str = "/admin/company", **fields: str) -> Visit:
    token = (await operator.get("/admin/company")).form_token
    return await operator.post(path, {"form_token": token, **FORM, **fields})


async def upload(operator: Browser, content: bytes, *, name: str = "logo.png") -> Visit:
    form = aiohttp.FormData()
    form.add_field("form_token", (await operator.get("/admin/company")).form_token, content_type="text/plain")
    form.add_field("logo", io.BytesIO(content), filename=name)
    return await operator.send("POST", "/admin/company/logo", content=form)


async def told(database_url: str) -> list[dict[str, object]]:
    connection = await asyncpg.connect(database_url, timeout=10)
    rows = await connection.fetch("SELECT body FROM outbox ORDER BY added_at")
    await connection.close()
    return [json.loads(row["body"]) for row in rows]


def picture(width: int = 600, height: int = 200, *, form: str = "PNG", colour: str = "#1d3557") -> bytes:
    drawn = Image.new("RGBA" if form != "JPEG" else "RGB", (width, height))
    ImageDraw.Draw(drawn).ellipse((width // 10, height // 10, width * 9 // 10, height * 9 // 10), fill=colour)
    written, more = io.BytesIO(), {}
    if form == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Comment", "taken at home")
    drawn.save(written, form, **more)
    return written.getvalue()


def logo_address(page: Visit) -> str:
    return page.text.split('class="logo-picture" src="')[1].split('"')[0]


async def test_name_and_colour_are_on_every_page_at_once(operator: Browser, database_url: str) -> None:
    answer = await save(operator)
    assert (answer.status, answer.headers["Location"]) == (303, "/admin/company")
    page = await operator.get("/admin/company")
    assert "Name, Farbe und Mail-Fußzeile sind gespeichert." in page.text
    assert "Werbetex Nord GmbH" in (await operator.get("/login", Cookie="")).text
    style = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert b"--brand:#aa0000" in (await operator.get(style)).body
    [event] = await told(database_url)
    assert (event["company_name"], event["colour"]) == ("Werbetex Nord GmbH", "#aa0000")
    assert (event["imprint"], event["revision"]) == ("Werbetex Nord\nKiel", 1)


async def test_another_copy_shows_it_from_its_start(operator: Browser, start_gateway: StartGateway) -> None:
    await save(operator)
    await upload(operator, picture())
    first = logo_address(await operator.get("/desk"))
    operator.address = await start_gateway()
    page = await operator.get("/desk")
    assert "Werbetex Nord GmbH" in page.text
    assert logo_address(page) == first
    assert (await operator.get(first)).status == 200


async def test_what_equals_the_settings_goes_on_to_follow_them(operator: Browser, database_url: str) -> None:
    await save(operator, company_name="Musterdruck", colour="#0F5C8C", mail_imprint="")
    assert await told(database_url) == []
    await save(operator)
    await save(operator, company_name="Musterdruck", colour="0f5c8c", mail_imprint="")
    event = (await told(database_url))[-1]
    assert (event["company_name"], event["colour"], event["revision"]) == ("", "", 2)


@pytest.mark.parametrize(("fields", "place"), [
    ({"company_name": " "}, "company_name"),
    ({"company_name": "x" * 81}, "company_name"),
    ({"colour": "rot"}, "colour"),
    ({"colour": "#12345"}, "colour"),
    ({"mail_imprint": "x" * 1001}, "mail_imprint"),
])  # fmt: skip
async def test_a_fault_is_said_at_its_field_and_keeps_what_was_typed(
    operator: Browser, database_url: str, fields: dict[str, str], place: str
) -> None:
    answer = await save(operator, **fields)
    assert answer.status == 422
    assert f'href="#{place}"' in answer.text
    assert FORM["mail_imprint"].splitlines()[0] in answer.text or "mail_imprint" in fields
    assert await told(database_url) == []


async def test_a_preview_saves_nothing(operator: Browser, database_url: str) -> None:
    page = await save(operator, "/admin/company/preview", colour="#ffee00")
    assert page.status == 200
    assert "Noch ist nichts gespeichert." in page.text
    assert 'fill="#ffee00"' in page.text
    assert "Das ist zu wenig zum Lesen" in page.text
    assert await told(database_url) == []
    assert "Werbetex Nord GmbH</span>" not in page.text


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
async def test_a_logo_is_made_anew_and_shown(operator: Browser, database_url: str, form: str) -> None:
    assert (await upload(operator, picture(form=form))).status == 303
    page = await operator.get("/desk")
    shown = await operator.get(logo_address(page))
    assert shown.headers["Content-Type"] == "image/png"
    assert b"taken at home" not in shown.body
    with Image.open(io.BytesIO(shown.body)) as logo:
        assert logo.format == "PNG"
        assert logo.width <= 960
        assert logo.height <= 320
        assert logo.info.keys() <= {"transparency"}
    [event] = await told(database_url)
    file = event["logo"]
    assert isinstance(file, dict)
    assert (file["media_type"], file["size"]) == ("image/png", len(shown.body))
    assert 'alt="Musterdruck"' in page.text


async def test_a_removed_logo_is_gone(operator: Browser, database_url: str) -> None:
    await upload(operator, picture())
    token = (await operator.get("/admin/company")).form_token
    await operator.post("/admin/company/logo/remove", {"form_token": token})
    assert "logo-picture" not in (await operator.get("/desk")).text
    assert (await told(database_url))[-1]["logo"] is None


@pytest.mark.parametrize(("content", "sentence"), [
    (b"", "Bitte wählen Sie eine Datei."),
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "Eine SVG-Datei wird nicht"),
    (b"%PDF-1.4 no picture", "Diese Datei ist kein lesbares Bild."),
    (picture()[:300], "Diese Datei ist kein lesbares Bild."),
    (b"x" * 5_000_001, "Die Datei ist größer als 5 MB."),
], ids=["nothing", "svg", "pdf", "half", "large"])  # fmt: skip
async def test_what_is_no_picture_is_refused_in_plain_words(
    operator: Browser, database_url: str, content: bytes, sentence: str
) -> None:
    answer = await upload(operator, content, name="logo.png" if content else "")
    assert answer.status == 422
    assert sentence in answer.text
    assert await told(database_url) == []


async def test_a_bomb_of_pixels_is_refused(operator: Browser) -> None:
    written = io.BytesIO()
    Image.new("1", (8000, 8000)).save(written, "PNG")
    answer = await upload(operator, written.getvalue())
    assert "Das Bild hat zu viele Bildpunkte." in answer.text


async def test_a_pale_logo_is_taken_with_a_warning(operator: Browser) -> None:
    await upload(operator, picture(colour="#ffffff"))
    assert "so hell, dass man es auf Weiß kaum sieht" in (await operator.get("/admin/company")).text


async def test_own_legal_texts_replace_the_sample(operator: Browser) -> None:
    address = "/admin/company/texts/imprint"
    page = await operator.get(address)
    sample = default_legal_text("imprint", "de", None)
    assert sample.splitlines()[0] in page.text
    assert "Mustertext, bitte ersetzen" in page.text
    form = {"form_token": page.form_token, "de": "# Angaben\r\n\r\nWerbetex <Nord>\r\nKiel", "en": ""}
    assert "<h3>Angaben</h3>" in (await operator.post(f"{address}/preview", form)).text
    assert "message-warning" in (await operator.get("/imprint")).text
    assert (await operator.post(address, form)).status == 303
    await operator.get(address)  # which says what was saved
    shown = (await operator.get("/imprint")).text
    assert "<h2>Angaben</h2>" in shown
    assert "Werbetex &lt;Nord&gt;<br>Kiel" in shown
    assert "message-warning" not in shown
    operator.cookies["locale"] = "en"
    assert "message-warning" in (await operator.get("/imprint")).text


async def test_a_sample_that_is_saved_as_it_is_stays_one(operator: Browser, database_url: str) -> None:
    address = "/admin/company/texts/privacy"
    page = await operator.get(address)
    texts = {locale: default_legal_text("privacy", locale, None) for locale in ("de", "en")}
    await operator.post(address, {"form_token": page.form_token, **texts})
    assert "message-warning" in (await operator.get("/privacy")).text
    assert await told(database_url) == []


async def test_a_text_that_is_too_long_is_kept_and_not_saved(operator: Browser, database_url: str) -> None:
    address = "/admin/company/texts/privacy"
    page = await operator.get(address)
    answer = await operator.post(address, {"form_token": page.form_token, "de": "x" * 40_001, "en": ""})
    assert answer.status == 422
    assert 'href="#de"' in answer.text
    assert await told(database_url) == []


async def test_an_emptied_text_says_that_the_sample_stands_there_again(operator: Browser) -> None:
    address = "/admin/company/texts/imprint"
    for texts, said in (
        ({"de": "", "en": ""}, "Die Seite zeigt wieder den Mustertext"),
        ({"de": "Eigener Text", "en": ""}, "In einer Sprache zeigt die Seite den Mustertext"),
        ({"de": "Eigener Text", "en": "Own text"}, "Die Texte sind gespeichert und stehen auf der Seite."),
    ):
        form = {"form_token": (await operator.get(address)).form_token, **texts}
        await operator.post(address, form)
        assert said in (await operator.get(address)).text, texts


async def test_there_are_two_legal_texts(operator: Browser) -> None:
    assert (await operator.get("/admin/company/texts/other")).status == 404


async def test_a_clerk_changes_nothing_of_the_company(
    clerk: Browser, neighbours: Neighbours, database_url: str
) -> None:
    assert (await clerk.get("/admin/company")).status == 403
    token = (await clerk.get("/desk")).form_token
    assert (await clerk.post("/admin/company", {"form_token": token, **FORM})).status == 403
    assert await told(database_url) == []
