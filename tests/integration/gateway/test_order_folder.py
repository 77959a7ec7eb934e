"""The operator sees and sets the order folder."""

import pytest

from shared.api.sync import FailingFile, FolderFault
from tests.integration.gateway.conftest import Browser, Visit
from tests.integration.gateway.dealer import NOW
from tests.integration.gateway.neighbours import Neighbours

PAGE = "/admin/order-folder"


async def send(operator: Browser, path: str = "", **form: str) -> Visit:
    token = (await operator.get(PAGE)).form_token
    return await operator.post(PAGE + path, {"form_token": token, **form})


def failing(fault: FolderFault) -> FailingFile:
    return FailingFile(
        order_number="2026-1042",
        name="Logo_v1.pdf",
        fault=fault,
        attempts=3,
        added_at=NOW,
        next_attempt_at=NOW,
    )


async def test_the_page_says_where_the_folder_is_and_where_a_file_would_lie(operator: Browser) -> None:
    text = (await operator.get(PAGE)).text
    assert "/srv/orders" in text
    assert "2026/2026-1042/Freigabemuster/Pos 2 Logo_v1.pdf" in text
    assert "Alle Dateien liegen in ihren Ordnern." in text


async def test_a_new_path_is_saved(operator: Browser, neighbours: Neighbours) -> None:
    answer = await send(operator, pattern="AB\\{order_number}")
    assert (answer.status, answer.headers["Location"]) == (303, PAGE)
    assert neighbours.installation.pattern == "AB/{order_number}", "as Windows writes it"
    assert "Der Pfad ist gespeichert." in (await operator.get(PAGE)).text


async def test_a_preview_saves_nothing(operator: Browser, neighbours: Neighbours) -> None:
    text = (await send(operator, "/preview", pattern="AB/{order_number}")).text
    assert "AB/2026-1042/Freigabemuster" in text
    assert 'value="AB/{order_number}"' in text
    assert neighbours.installation.pattern == "{year}/{order_number}"


@pytest.mark.parametrize(("pattern", "sentence"), [
    ("{year}", "Der Pfad muss {order_number} enthalten"),
    ("/{order_number}", "Bitte nennen Sie Ordner unterhalb des Stammordners"),
])  # fmt: skip
@pytest.mark.parametrize("path", ["", "/preview"])
async def test_a_path_that_cannot_be_is_refused_and_kept(
    operator: Browser, neighbours: Neighbours, path: str, pattern: str, sentence: str
) -> None:
    answer = await send(operator, path, pattern=pattern)
    assert answer.status == 422
    assert sentence in answer.text
    assert f'value="{pattern}"' in answer.text
    assert neighbours.installation.pattern == "{year}/{order_number}"


async def test_a_probe_says_that_all_is_well(operator: Browser) -> None:
    answer = await send(operator, "/probe")
    assert "Alles in Ordnung." in answer.text


@pytest.mark.parametrize(("fault", "sentence"), [
    ("root_missing", "Bitte verbinden Sie das Laufwerk"),
    ("not_writable", "den Benutzer mit der Nummer 10001"),
    ("disk_full", "Bitte schaffen Sie Platz."),
    ("no_answer", "Das Laufwerk antwortet nicht."),
    ("other", "Bitte sehen Sie im Log des Dienstes sync nach."),
])  # fmt: skip
async def test_a_probe_that_fails_says_what_is_wrong_and_what_to_do(
    operator: Browser, neighbours: Neighbours, fault: FolderFault, sentence: str
) -> None:
    neighbours.installation.folder_fault = fault
    answer = await send(operator, "/probe")
    assert answer.status == 200
    assert "Die Datei konnte nicht geschrieben werden" in answer.text
    assert sentence in answer.text


async def test_failing_files_are_listed_and_tried_again(operator: Browser, neighbours: Neighbours) -> None:
    neighbours.failing_files = [failing("disk_full"), failing("source_missing")]
    text = (await operator.get(PAGE)).text
    assert "Der Datenträger ist voll." in text
    assert "Die Datei fehlt im Speicher des Portals." in text
    assert "3 Versuche" in text
    assert (await send(operator, "/retry")).status == 303
    assert neighbours.installation.retries == 1
    assert "Die Dateien werden jetzt noch einmal versucht." in (await operator.get(PAGE)).text


async def test_a_clerk_sets_no_folder(clerk: Browser, neighbours: Neighbours) -> None:
    assert (await clerk.get(PAGE)).status == 403
    token = (await clerk.get("/desk")).form_token
    for path in ("", "/preview", "/probe", "/retry"):
        form = {"form_token": token, "pattern": "{order_number}"}
        assert (await clerk.post(PAGE + path, form)).status == 403
