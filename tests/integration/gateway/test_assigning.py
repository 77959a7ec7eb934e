"""Proofs are assigned from the desk: files stream through, bad ones are named, twice sent is once done."""

import asyncio
import hashlib
import io
import re
from collections.abc import AsyncIterator, Mapping
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from services.gateway import silence
from services.gateway.model.proofs import titles_of
from shared.events.sync import PrintDetails
from tests.integration.gateway.conftest import Browser, StartGateway, Visit
from tests.integration.gateway.neighbours import INVOICE_ID, ORDER_ID, Neighbours

PAGE = f"/desk/orders/{ORDER_ID}/assign"
PDF = b"%PDF-1.7 a proof"
Files = Mapping[str, bytes]


def _form(token: str, files: Files, fields: Mapping[str, str | list[str]]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    form.add_field("form_token", token)
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            form.add_field(name, value)
    for name, content in files.items():
        form.add_field("file", io.BytesIO(content), filename=name, content_type="application/octet-stream")
    return form


def _key(page: Visit) -> str:
    found = re.search(r'name="form_key" value="([0-9a-f-]+)"', page.text)
    assert found
    return found[1]


async def _assign(
    clerk: Browser,
    files: Files,
    fields: Mapping[str, str | list[str]] | None = None,
    *,
    accept: str = "text/html",
    page: Visit | None = None,
) -> Visit:
    page = page or await clerk.get(PAGE)
    form = _form(page.form_token, files, {"form_key": _key(page), **(fields or {})})
    return await clerk.send("POST", PAGE, headers={"Accept": accept}, content=form)


async def test_from_the_open_order_it_is_one_link_to_the_form(clerk: Browser) -> None:
    order = await clerk.get(f"/orders/{ORDER_ID}")
    assert f'href="{PAGE}"' in order.text
    assert f'href="{PAGE}?position=2"' in order.text
    page = await clerk.get(f"{PAGE}?position=2")
    assert 'value="2" checked' in page.text
    assert 'value="1" checked' not in page.text


async def test_a_file_is_assigned_to_the_whole_order(clerk: Browser, neighbours: Neighbours) -> None:
    answer = await _assign(clerk, {"Entwurf ä.pdf": PDF})

    assert (answer.status, answer.headers["Location"]) == (303, f"/orders/{ORDER_ID}")
    [assigned] = neighbours.dealer.assigned
    [file] = assigned.files
    assert (assigned.order_number, assigned.position_numbers) == ("2026-1042", ())
    assert (file.name, file.title, file.sha256) == ("Entwurf ä.pdf", "", hashlib.sha256(PDF).hexdigest())
    assert "Zugeordnet." in (await clerk.get(f"/orders/{ORDER_ID}")).text
    who = neighbours.identities[-3]
    assert who.clerk_code == "SB"


async def test_positions_title_and_print_details_go_with_it(clerk: Browser, neighbours: Neighbours) -> None:
    files = {"vorn.pdf": PDF, "hinten.pdf": PDF + b"2"}
    fields: dict[str, str | list[str]] = {
        "position": ["1", "2"],
        "title": "Logo",
        "method": "Stick",
        "size_mm": "90 x 60",
    }
    answer = await _assign(clerk, files, fields)

    assert answer.status == 303
    [assigned] = neighbours.dealer.assigned
    assert assigned.position_numbers == ("1", "2")
    assert [file.title for file in assigned.files] == ["Logo vorn", "Logo hinten"]
    assert assigned.print_details == PrintDetails(method="Stick", size_mm="90 x 60")


async def test_our_script_is_told_where_to_go_on(clerk: Browser) -> None:
    answer = await _assign(clerk, {"a.pdf": PDF}, accept="application/json")

    assert answer.status == 200
    assert answer.text == f'{{"next": "/orders/{ORDER_ID}"}}'
    assert "Zugeordnet." in (await clerk.get(f"/orders/{ORDER_ID}")).text


async def test_where_mails_wait_for_outlook_the_answer_says_so(
    clerk: Browser, neighbours: Neighbours
) -> None:
    neighbours.drafts_are_in_use = True
    await _assign(clerk, {"eins.pdf": PDF})
    text = (await clerk.get(f"/orders/{ORDER_ID}")).text
    assert "Die Mail an den Kunden liegt gleich als Entwurf für Outlook bereit." in text
    assert '<a href="/desk/drafts">Zu den Entwürfen</a>' in text


async def test_a_bad_file_is_named_and_the_good_ones_are_kept(
    start_gateway: StartGateway, clerk: Browser, neighbours: Neighbours
) -> None:
    clerk.address = await start_gateway(max_file_mb=1)
    neighbours.dealer.faults = {"falsch.png": "Der Name endet auf .png, der Inhalt ist aber PDF."}
    answer = await _assign(
        clerk,
        {
            "gut.pdf": PDF,
            "zu.pdf": b"LOCKED",
            "riesig.pdf": b"x" * 1_500_000,
            "falsch.png": PDF + b"3",
            "auch gut.pdf": PDF + b"2",
        },
        {"title": "Karte"},
    )

    assert answer.status == 422
    assert "Zugeordnet: gut.pdf, auch gut.pdf" in answer.text
    for said in (
        "zu.pdf: Die PDF-Datei ist mit einem Passwort geschützt.",
        "riesig.pdf: Die Datei ist größer als 1 MB.",
        "falsch.png: Der Name endet auf .png",
    ):
        assert said in answer.text
    assert 'value="Karte"' in answer.text
    [assigned] = neighbours.dealer.assigned
    assert [file.name for file in assigned.files] == ["gut.pdf", "falsch.png", "auch gut.pdf"]
    assert _key(answer) != str(assigned.form_key), "what comes next is another form"


async def test_what_was_assigned_is_done_and_noted_although_another_file_was_refused(
    clerk: Browser, database_url: str
) -> None:
    await _assign(clerk, {"gut.pdf": PDF, "zu.pdf": b"LOCKED"})
    await _assign(clerk, {"zu.pdf": b"LOCKED"})
    await _assign(clerk, {"eins.pdf": PDF, "zwei.pdf": PDF + b"2"})
    connection = await asyncpg.connect(database_url, timeout=10)
    rows = await connection.fetch("SELECT status, note FROM audit_outcome ORDER BY audit_entry_id")
    await connection.close()
    assert [tuple(row) for row in rows] == [
        (200, "2026-1042: gut.pdf; nicht zugeordnet: zu.pdf"),
        (422, "2026-1042: nicht zugeordnet: zu.pdf"),
        (303, "2026-1042: eins.pdf, zwei.pdf"),
    ]


async def test_a_reload_sends_the_same_key(clerk: Browser, neighbours: Neighbours) -> None:
    page = await clerk.get(PAGE)
    for _ in range(2):
        assert (await _assign(clerk, {"a.pdf": PDF}, page=page)).status == 303
    first, again = neighbours.dealer.assigned
    assert first == again
    assert first.form_key == UUID(_key(page))


@pytest.mark.parametrize(
    ("files", "fields", "said"),
    [
        ({}, {}, "Bitte wählen Sie mindestens eine Datei."),
        ({"a.pdf": PDF}, {"position": "77"}, "Eine gewählte Position gibt es nicht mehr."),
    ],
    ids=["no-file", "no-position"],
)
async def test_what_is_missing_is_said(
    clerk: Browser, neighbours: Neighbours, files: Files, fields: dict[str, str], said: str
) -> None:
    answer = await _assign(clerk, files, fields)
    assert answer.status == 422
    assert said in answer.text
    assert neighbours.dealer.assigned == []


async def test_too_many_files_are_refused_one_by_one(clerk: Browser, neighbours: Neighbours) -> None:
    answer = await _assign(clerk, {f"{count}.pdf": PDF + str(count).encode() for count in range(32)})
    assert answer.status == 422
    assert answer.text.count("Höchstens 30 Dateien auf einmal.") == 2
    assert len(neighbours.dealer.assigned[0].files) == 30


async def test_an_operator_assigns_for_the_orders_clerk(operator: Browser, neighbours: Neighbours) -> None:
    assert (await _assign(operator, {"a.pdf": PDF})).status == 303
    assert neighbours.dealer.assigned[0].clerk_code == "SB"
    neighbours.documents[ORDER_ID] = neighbours.documents[ORDER_ID].model_copy(update={"clerk": None})
    answer = await _assign(operator, {"a.pdf": PDF})
    assert "keinen Sachbearbeiter" in answer.text
    assert len(neighbours.dealer.assigned) == 1


async def test_a_new_version_takes_title_and_positions_of_the_one_before(
    clerk: Browser, neighbours: Neighbours
) -> None:
    before = neighbours.add_version("changes_requested")
    page = await clerk.get(PAGE)
    assert f"?sample={before.version_id}" in page.text
    page = await clerk.get(f"{PAGE}?sample={before.version_id}")
    assert "wird durch die neue Datei abgelöst" in page.text
    for field in ('name="title" value="Logo Brust links"', 'name="position" value="1"'):
        assert field in page.text
    fields = {"sample": str(before.version_id), "title": "Logo Brust links", "position": "1"}
    assert (await _assign(clerk, {"neu.pdf": PDF}, fields, page=page)).status == 303
    assert (await _assign(clerk, {"anders.pdf": PDF}, {"title": "Anderes"})).status == 303
    first, second = neighbours.dealer.assigned
    assert (first.sample_id, first.files[0].title) == (before.sample_id, "Logo Brust links")
    assert second.sample_id is None
    assert {first.document_id, second.document_id} == {ORDER_ID}


async def test_a_wrong_file_is_replaced_while_the_customer_has_not_decided(
    clerk: Browser, neighbours: Neighbours
) -> None:
    waiting = neighbours.add_version("pending")
    page = await clerk.get(f"/proofs/{waiting.version_id}")
    assert f"{PAGE}?sample={waiting.version_id}" in page.text


async def test_the_token_is_checked_before_a_file_is_read(clerk: Browser, neighbours: Neighbours) -> None:
    page = await clerk.get(PAGE)
    for token in ("", "00" * 64, page.form_token[:-2]):
        form = _form(token, {"a.pdf": PDF}, {"form_key": _key(page)})
        assert (await clerk.send("POST", PAGE, content=form)).status == 403
    late = aiohttp.FormData(quote_fields=False)
    late.add_field("file", PDF, filename="a.pdf")
    late.add_field("form_token", page.form_token)
    assert (await clerk.send("POST", PAGE, content=late)).status == 403
    assert (neighbours.dealer.uploads, neighbours.dealer.assigned) == ({}, [])


async def test_only_the_staff_assigns(customer: Browser, neighbours: Neighbours) -> None:
    assert (await customer.get(PAGE)).status == 403
    token = (await customer.get("/")).form_token
    form = _form(token, {"a.pdf": PDF}, {"form_key": str(UUID(int=1))})
    assert (await customer.send("POST", PAGE, content=form)).status == 403
    assert neighbours.dealer.uploads == {}
    order = await customer.get(f"/orders/{ORDER_ID}")
    assert "/desk/" not in order.text


async def test_only_orders_take_proofs(clerk: Browser) -> None:
    answer = await clerk.get(f"/desk/orders/{INVOICE_ID}/assign")
    assert answer.headers["Location"] == f"/documents/{INVOICE_ID}"
    assert (await clerk.get(f"/desk/orders/{UUID(int=9)}/assign")).status == 404


async def test_without_sync_nothing_is_assigned_and_that_is_said(
    clerk: Browser, neighbours: Neighbours
) -> None:
    page = await clerk.get(PAGE)
    neighbours.down = {"sync"}
    assert (await _assign(clerk, {"a.pdf": PDF}, page=page)).status == 503


def test_several_files_get_titles_that_tell_them_apart() -> None:
    assert titles_of(["a.pdf"], "") == [""]
    assert titles_of(["a.pdf"], "Logo") == ["Logo"]
    assert titles_of(["a.pdf", "b.pdf"], "") == ["a", "b"]
    assert titles_of(["a.pdf", "a.png", "b.pdf"], "Logo") == ["Logo a.pdf", "Logo a.png", "Logo b"]
    assert titles_of(["a.pdf", "a.pdf"], "") == ["a.pdf", "a.pdf (2)"]


async def test_a_form_of_which_the_rest_does_not_come_is_ended_with_a_sentence(
    clerk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await clerk.get(PAGE)
    begun = (
        f'--b\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{page.form_token}\r\n--b\r\n'
        'Content-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF'
    )
    has_answer = asyncio.Event()

    async def form() -> AsyncIterator[bytes]:
        yield begun.encode()
        await has_answer.wait()

    monkeypatch.setattr(silence, "SILENCE_SECONDS", 0.05)
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await clerk.send("POST", PAGE, headers=headers, content=form())
    has_answer.set()
    assert answer.status == 408
    assert "Es kam eine Weile nichts mehr" in answer.text


async def test_a_form_begins_with_its_boundary(customer: Browser) -> None:
    """Looking for it in lines without end would keep everybody waiting."""
    token = (await customer.get("/account")).form_token
    form = f'--b\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert (await customer.send("POST", PAGE, headers=headers, content=form.encode())).status == 403
    assert (await customer.send("POST", PAGE, headers=headers, content=b"\n" + form.encode())).status == 400
