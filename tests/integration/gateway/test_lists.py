"""The lists of quotes, orders, invoices and proofs, and the files of a document."""

import gzip
import re
from uuid import UUID

import pytest

from services.gateway.lists import PAGE_SIZE
from shared.api.documents import DocumentFile, StatusBar
from shared.events.sync import DocumentKind
from tests.integration.gateway.conftest import Browser
from tests.integration.gateway.neighbours import INVOICE_ID, ORDER_ID, Neighbours


async def test_a_list_shows_rows_their_state_and_a_count(customer: Browser) -> None:
    text = (await customer.get("/orders")).text
    assert "<h1>Aufträge</h1>" in text
    assert f'<a href="/orders/{ORDER_ID}">2026-1042</a>' in text
    assert "2.939,90\xa0€" in text
    assert "Geliefert (teilweise)" in text
    assert re.search(r'class="list-count" role="status">1 Auftrag</p>', text)
    assert str(INVOICE_ID) not in text


async def test_what_is_asked_for_reaches_the_documents(customer: Browser, neighbours: Neighbours) -> None:
    path = "/orders?q=Polo&state=order.delivered&since=1.11.2026&until=2026-11-30&sort=number&page=1"
    page = await customer.get(path)
    assert page.status == 200
    assert sorted(neighbours.list_queries[-1]) == sorted(
        [
            ("q", "Polo"),
            ("state", "order.delivered"),
            ("since", "2026-11-01"),
            ("until", "2026-11-30"),
            ("kind", "order"),
            ("sort", "number"),
            ("page", "1"),
            ("size", str(PAGE_SIZE)),
        ]
    )
    for kept in (
        'value="Polo"',
        '<option value="order.delivered" selected>Geliefert (1)</option>',
        'value="2026-11-01"',
    ):
        assert kept in page.text
    assert 'aria-sort="ascending"><a href="/orders?q=Polo&amp;state=order.delivered' in page.text


async def test_a_customer_cannot_ask_for_another_and_nonsense_is_left_out(
    customer: Browser, neighbours: Neighbours
) -> None:
    await customer.get("/invoices?customer_number=99999&kind=order&sort=margin&page=-3&unknown=1")
    assert neighbours.list_queries[-1] == [
        ("kind", "invoice"),
        ("kind", "credit_note"),
        ("sort", "-date"),
        ("page", "1"),
        ("size", str(PAGE_SIZE)),
    ]


async def test_the_staff_sees_whose_document_it_is_and_may_choose_a_customer(
    clerk: Browser, neighbours: Neighbours
) -> None:
    text = (await clerk.get("/orders?customer_number=10042")).text
    assert ("customer_number", "10042") in neighbours.list_queries[-1]
    assert '<a href="/desk/customers/10042">Hartmann Maschinenbau GmbH</a>' in text
    assert 'name="customer_number" type="text" value="10042"' in text


async def test_invoices_and_credit_notes_stand_in_one_list(customer: Browser, neighbours: Neighbours) -> None:
    await customer.get("/invoices?kind=credit_note&state=open")
    assert ("kind", "credit_note") in neighbours.list_queries[-1]
    assert ("kind", "invoice") not in neighbours.list_queries[-1]
    assert ("state", "open") in neighbours.list_queries[-1]


SETTLED = pytest.mark.parametrize(
    ("label", "said"), [("open", "Noch nicht verrechnet"), ("paid", "Verrechnet")]
)


@SETTLED
async def test_a_credit_note_is_settled_and_never_paid(
    customer: Browser, neighbours: Neighbours, label: str, said: str
) -> None:
    _keep_only_a_credit_note(neighbours, label)
    for path in ("/", "/invoices"):
        _says_only(said, (await customer.get(path)).text)


@SETTLED
async def test_the_desk_says_the_same_of_a_credit_note(
    clerk: Browser, neighbours: Neighbours, label: str, said: str
) -> None:
    _keep_only_a_credit_note(neighbours, label)
    _says_only(said, (await clerk.get("/desk/customers/10042")).text)


def _keep_only_a_credit_note(neighbours: Neighbours, label: str) -> None:
    bar = StatusBar(label=label, partial=False, negative=False, steps=())
    update = {"kind": DocumentKind.CREDIT_NOTE, "status_bar": bar}
    neighbours.documents = {INVOICE_ID: neighbours.documents[INVOICE_ID].model_copy(update=update)}


def _says_only(said: str, text: str) -> None:
    assert f"{said}</span>" in text
    assert "ezahlt</span>" not in text


async def test_a_date_that_is_none_is_said_at_its_field(customer: Browser, neighbours: Neighbours) -> None:
    text = (await customer.get("/orders?since=gestern&until=2026-11-30")).text
    assert 'id="since-error">Bitte geben Sie ein Datum wie 31.12.2026 ein.</p>' in text
    assert '<details class="filter-more" open>' in text
    assert "since" not in dict(neighbours.list_queries[-1])
    assert dict(neighbours.list_queries[-1])["until"] == "2026-11-30"


async def test_a_list_of_many_rows_has_pages_that_keep_the_filter(
    customer: Browser, neighbours: Neighbours
) -> None:
    neighbours.total = 2 * PAGE_SIZE + 1
    text = (await customer.get("/orders?q=Polo&page=2")).text
    assert "161 Aufträge · hier 81 bis 160" in text
    assert "Seite 2 von 3" in text
    assert 'href="/orders?q=Polo" rel="prev"' in text
    assert 'href="/orders?q=Polo&amp;page=3" rel="next"' in text
    beyond = await customer.get("/orders?q=Polo&page=9")
    assert (beyond.status, beyond.headers["Location"]) == (303, "/orders?q=Polo&page=3")


async def test_an_empty_list_says_what_comes_next(customer: Browser, neighbours: Neighbours) -> None:
    neighbours.documents.clear()
    assert "Es gibt noch keine Aufträge." in (await customer.get("/orders")).text
    assert "Es gibt noch keine Angebote." in (await customer.get("/quotes")).text
    assert "Es gibt noch keine Rechnungen." in (await customer.get("/invoices")).text
    filtered = (await customer.get("/orders?q=Polo")).text
    assert "Zu diesem Filter gibt es nichts." in filtered
    assert '<a class="button" href="/orders">Alle anzeigen</a>' in filtered


async def test_a_list_is_away_while_the_documents_are(customer: Browser, neighbours: Neighbours) -> None:
    neighbours.down = {"documents"}
    assert (await customer.get("/orders")).status == 503
    neighbours.down = {"approvals", "sync", "mailer"}
    assert (await customer.get("/orders")).status == 200


async def test_the_proofs_are_listed_by_state(customer: Browser, neighbours: Neighbours) -> None:
    waiting, approved = neighbours.add_version(), neighbours.add_version("approved", title="Visitenkarte")
    everything = (await customer.get("/proofs")).text
    assert f'href="/proofs/{waiting.version_id}"' in everything
    assert f'href="/proofs/{approved.version_id}"' in everything
    assert "2 Freigabemuster" in everything
    some = (await customer.get("/proofs?state=approved")).text
    assert str(waiting.version_id) not in some
    assert str(approved.version_id) in some
    assert (await customer.get("/proofs?state=lost")).status == 200
    assert "Zu diesem Filter gibt es nichts." in (await customer.get("/proofs?state=outdated")).text


async def test_the_staff_finds_proofs_at_the_desk(clerk: Browser) -> None:
    assert (await clerk.get("/proofs")).headers["Location"] == "/desk"


async def test_a_document_shows_its_files_and_hands_them_out_byte_for_byte(
    customer: Browser, neighbours: Neighbours
) -> None:
    xml = b'<?xml version="1.0"?><html><script>alert(1)</script></html>'
    stored = neighbours.add_file(xml, "RG 2026-3001 \xfc.xml", "application/xml")
    file = DocumentFile(**stored.model_dump())
    neighbours.documents[INVOICE_ID] = neighbours.documents[INVOICE_ID].model_copy(update={"files": (file,)})
    address = f"/documents/{INVOICE_ID}/files/{file.sha256}"

    page = (await customer.get(f"/documents/{INVOICE_ID}")).text
    assert f'href="{address}" download' in page
    assert "RG 2026-3001 ü.xml" in page

    answer = await customer.get(address)
    assert (answer.status, answer.body) == (200, xml)
    assert answer.headers["Content-Type"] == "application/octet-stream", "a browser does not open it"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''RG%202026-3001%20%C3%BC.xml" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await customer.get(f"/documents/{INVOICE_ID}/files/{'0' * 64}")).status == 404
    assert (await customer.get(f"/documents/{ORDER_ID}/files/{file.sha256}")).status == 404


@pytest.mark.parametrize(
    ("kind", "path", "name"),
    [
        (DocumentKind.QUOTE, "/quotes", "Angebote"),
        (DocumentKind.DELIVERY_NOTE, "/orders", "Aufträge"),
        (DocumentKind.CREDIT_NOTE, "/invoices", "Rechnungen"),
    ],
)
async def test_a_document_leads_back_to_its_list(
    customer: Browser, neighbours: Neighbours, kind: DocumentKind, path: str, name: str
) -> None:
    neighbours.documents[INVOICE_ID] = neighbours.documents[INVOICE_ID].model_copy(update={"kind": kind})
    text = (await customer.get(f"/documents/{INVOICE_ID}")).text
    assert re.search(rf'class="back"><a href="{path}"><svg[^>]*>.*?</svg>{name}</a>', text)
    assert f'<a href="{path}" aria-current="true">' in text


async def test_a_first_visit_to_a_long_list_stays_small(customer: Browser, neighbours: Neighbours) -> None:
    """HTML as a proxy compresses it, styles and scripts as they are sent: interface.md allows 60 KB."""
    order = neighbours.documents[ORDER_ID]
    for number in range(PAGE_SIZE):
        changed = {
            "number": f"2026-{number:05}",
            "document_id": UUID(int=number),
            "subject": f"Auftrag {number}",
        }
        neighbours.documents[UUID(int=number)] = order.model_copy(update=changed)
    page = (await customer.get("/orders")).body
    loaded = re.findall(rb'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page)
    assert page.count(b"<tr ") > PAGE_SIZE
    assert len(loaded) >= 2
    sizes = [len(gzip.compress(page, 5))]
    for path in loaded:
        sent = await customer.get(path.decode(), Accept_Encoding="gzip")
        sizes.append(int(sent.headers["Content-Length"]))
    assert sum(sizes) < 30_000, sizes


async def test_a_period_that_ends_before_it_begins_says_so_at_its_end(customer: Browser) -> None:
    said = "Dieses Datum liegt vor dem in „Von“."
    text = (await customer.get("/orders?since=2026-12-01&until=2026-11-01")).text
    assert said in text.split('id="until-error"')[1][:200]
    assert said not in (await customer.get("/orders?since=2026-11-01&until=2026-11-01")).text
