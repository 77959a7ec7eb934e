"""What is shown to whom, also while something is away."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from aiohttp import FormData

from services.gateway import silence
from services.gateway.edge import MACHINE_ROUTES, OPEN_ROUTES, UPLOAD_ROUTES
from services.gateway.routes import ROUTES
from services.gateway.words.reasons import NO_ADDRESS
from shared.api.documents import StatusBar, StatusNote
from shared.api.sync import FailingFile
from shared.events.sync import DocumentKind
from tests.integration.gateway.conftest import Browser, StartGateway
from tests.integration.gateway.neighbours import INVOICE_ID, ORDER_ID, Neighbours

PLACEHOLDERS = re.compile(r"\{\w+\}")


async def test_the_start_page_shows_what_waits_then_what_moved_then_the_clerk(
    customer: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version()
    neighbours.add_version("approved", title="Visitenkarte")
    text = (await customer.get("/")).text
    assert "Ein Freigabemuster wartet auf Ihre Freigabe." in text
    assert "Visitenkarte" not in text
    places = [
        text.index(f"/proofs/{version.version_id}"),
        text.index(f"/orders/{ORDER_ID}"),
        text.index("Sabine Berger"),
    ]
    assert places == sorted(places)


async def test_the_start_page_leads_to_what_waits_beyond_the_hundred_that_it_shows(
    customer: Browser, neighbours: Neighbours
) -> None:
    waiting = [neighbours.add_version() for _ in range(102)]
    text = (await customer.get("/")).text
    assert "102 Freigabemuster warten auf Ihre Freigabe." in text
    assert sum(f'href="/proofs/{one.version_id}"' in text for one in waiting) == 100
    assert '<a href="/proofs?state=pending">und 2 weitere</a>' in text


async def test_an_order_counts_its_proofs_although_they_have_more_versions_than_a_page_of_a_list(
    customer: Browser, neighbours: Neighbours
) -> None:
    for _ in range(50):
        neighbours.add_version("superseded", version=1)
        neighbours.add_version("approved", version=1)
    last = neighbours.add_version(title="Visitenkarte")
    assert "50 von 101 freigegeben" in (await customer.get(f"/orders/{ORDER_ID}")).text
    customer.cookies["session"] = neighbours.log_in("berger@dealer.example")
    form = await customer.get(f"/desk/orders/{ORDER_ID}/assign")
    assert f"/assign?sample={last.version_id}" in form.text


async def test_a_long_address_goes_on_after_its_at_sign_and_hides_no_mark_up(
    customer: Browser, neighbours: Neighbours
) -> None:
    order = neighbours.documents[ORDER_ID]
    assert order.clerk
    clerk = order.clerk.model_copy(update={"email": "<b>@werbeland.example"})
    neighbours.documents[ORDER_ID] = order.model_copy(update={"clerk": clerk})
    text = (await customer.get(f"/orders/{ORDER_ID}")).text
    assert "<span>&lt;b&gt;@<wbr>werbeland.example</span>" in text


async def test_a_credit_note_among_what_moved_is_settled_and_not_paid(
    customer: Browser, neighbours: Neighbours
) -> None:
    bar = StatusBar(label="open", partial=False, negative=False, steps=())
    neighbours.documents[INVOICE_ID] = neighbours.documents[INVOICE_ID].model_copy(
        update={"kind": DocumentKind.CREDIT_NOTE, "status_bar": bar}
    )
    text = (await customer.get("/")).text
    assert "Noch nicht verrechnet" in text
    assert "Offen" not in text


async def test_an_order_shows_status_positions_proofs_and_clerk(
    customer: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version()
    text = (await customer.get(f"/orders/{ORDER_ID}")).text
    assert "<h1>Auftrag 2026-1042</h1>" in text
    assert text.count('aria-current="step"') == 1
    assert "Schritt 4 von 5:" in text
    assert "1.788,00\xa0€" in text
    assert "2.939,90\xa0€" in text
    assert text.count(f'href="/proofs/{version.version_id}"') == 2, "in the list and at its position"
    assert "0 von 1 freigegeben" in text
    assert f'href="/documents/{INVOICE_ID}"' in text


async def test_an_english_reader_reads_the_shipped_statuses_in_english(
    customer: Browser, neighbours: Neighbours
) -> None:
    """What the dealer named himself stays as he wrote it."""
    order = neighbours.documents[ORDER_ID]
    assert order.status_bar is not None
    steps = [step.model_copy() for step in order.status_bar.steps]
    steps[1] = steps[1].model_copy(update={"name": "Im Druck"})
    note = StatusNote(
        entered_at=datetime.now(UTC), status="Freigegeben", negative=False, position_numbers=(), author=""
    )
    bar = order.status_bar.model_copy(update={"steps": tuple(steps)})
    changed = {"status_bar": bar, "history": (note,)}
    neighbours.documents[ORDER_ID] = order.model_copy(update=changed)
    customer.cookies["locale"] = "en"

    page = (await customer.get(f"/orders/{ORDER_ID}")).text
    orders = (await customer.get("/orders")).text
    start = (await customer.get("/")).text

    assert re.search(r"Step 4 of 5:\s+<strong>Delivered \(partly\)</strong>", page)
    assert re.findall(r'class="step-name">([^< ]+(?: [^< ]+)*)', page) == [
        "Created",
        "Im Druck",
        "Released",
        "Delivered",
        "Invoiced",
    ]
    assert "</span> <span>Released</span></li>" in page, "in the history"
    assert ">Delivered (1)</option>" in orders
    assert "Delivered (partly)</span>" in orders
    assert "Delivered (partly)</span>" in start
    for text in (page, orders, start):
        assert not re.search("Angelegt|Bestätigt|Freigegeben|Geliefert|Fakturiert", text)


async def test_a_quote_is_valid_until_a_day_and_an_invoice_is_due(
    customer: Browser, neighbours: Neighbours
) -> None:
    invoice = neighbours.documents[INVOICE_ID].model_copy(update={"due_date": date(2026, 12, 16)})
    neighbours.documents[INVOICE_ID] = invoice
    facts = r"<dt>{}</dt>\s*<dd[^>]*>16\.12\.2026</dd>"
    assert re.search(facts.format("Fällig"), (await customer.get(f"/documents/{INVOICE_ID}")).text)

    neighbours.documents[INVOICE_ID] = invoice.model_copy(update={"kind": DocumentKind.QUOTE})
    quote = (await customer.get(f"/documents/{INVOICE_ID}")).text
    assert re.search(facts.format("Gültig bis"), quote)
    assert "Fällig" not in quote


async def test_an_order_is_shown_while_the_proofs_are_away(customer: Browser, neighbours: Neighbours) -> None:
    neighbours.down = {"approvals", "sync"}
    page = await customer.get(f"/orders/{ORDER_ID}")
    assert page.status == 200
    assert "Die Freigabemuster können gerade nicht angezeigt werden." in page.text
    assert "Poloshirt" in page.text
    assert (await customer.get("/")).status == 200


async def test_a_proof_is_shown_while_the_documents_are_away(
    customer: Browser, neighbours: Neighbours
) -> None:
    neighbours.down = {"documents"}
    version = neighbours.add_version()
    assert (await customer.get(f"/proofs/{version.version_id}")).status == 200
    assert (await customer.get(f"/orders/{ORDER_ID}")).status == 503


async def test_the_legal_pages_are_there_while_everything_is_away(
    customer: Browser, neighbours: Neighbours
) -> None:
    neighbours.down = {"auth", "documents", "approvals", "sync"}
    for path in ("/imprint", "/privacy", "/login", "/health/ready", "/health/live"):
        assert (await customer.get(path)).status == 200
    away = await customer.get("/")
    assert away.status == 503
    assert "Impressum" in away.text


async def test_each_kind_of_document_has_one_address(customer: Browser) -> None:
    assert (await customer.get(f"/documents/{INVOICE_ID}")).status == 200
    wrong = await customer.get(f"/orders/{INVOICE_ID}")
    assert (wrong.status, wrong.headers["Location"]) == (303, f"/documents/{INVOICE_ID}")
    wrong = await customer.get(f"/documents/{ORDER_ID}")
    assert (wrong.status, wrong.headers["Location"]) == (303, f"/orders/{ORDER_ID}")


async def test_the_desk_shows_staff_what_waits_for_whom(clerk: Browser, neighbours: Neighbours) -> None:
    waiting = neighbours.add_version("waiting_for_order")
    failed = neighbours.add_version()
    neighbours.change(failed.version_id, mail_state="failed")
    neighbours.add_version("changes_requested")
    assert (await clerk.get("/")).headers["Location"] == "/desk"
    text = (await clerk.get("/desk")).text
    assert f'href="/proofs/{waiting.version_id}"' in text
    assert "Freigabemuster, die auf ihren Auftrag warten" in text
    assert "Die Mail kam nicht an" in text
    assert "Die Telefonnummer endet auf 45." in text
    assert (await clerk.get(f"/proofs/{waiting.version_id}")).status == 200


async def test_the_staff_is_told_why_a_request_failed_and_the_way_out(
    clerk: Browser, neighbours: Neighbours
) -> None:
    failed = neighbours.add_version()
    neighbours.change(failed.version_id, mail_state="failed", mail_reason=NO_ADDRESS)
    for path in ("/desk", f"/proofs/{failed.version_id}"):
        text = (await clerk.get(path)).text
        assert "Die Mail kam nicht an" in text
        assert "Niemand bei diesem Kunden hat eine brauchbare E-Mail-Adresse." in text
        assert '<a href="/desk/customers/10042/access">Zugang anlegen</a>' in text
    assert text.index("Die Mail kam nicht an") < text.index('class="columns"'), (
        "at the head of the proof's page"
    )

    neighbours.change(failed.version_id, mail_reason="550 no such user")
    for path in ("/desk", f"/proofs/{failed.version_id}"):
        text = (await clerk.get(path)).text
        assert "550 no such user" in text
        assert "/desk/customers/10042/access" not in text


async def test_a_customer_reads_nothing_of_failed_mails(customer: Browser, neighbours: Neighbours) -> None:
    failed = neighbours.add_version()
    neighbours.change(failed.version_id, mail_state="failed", mail_reason=NO_ADDRESS)
    for path in ("/", f"/orders/{ORDER_ID}", f"/proofs/{failed.version_id}"):
        text = (await customer.get(path)).text
        assert "kam nicht an" not in text
        assert "Niemand bei diesem Kunden" not in text


async def test_the_desk_says_which_files_do_not_get_into_their_folder(
    clerk: Browser, neighbours: Neighbours
) -> None:
    now = datetime.now(UTC)
    neighbours.failing_files.append(
        FailingFile(
            order_number="2026-1042",
            name="Muster_v1.pdf",
            fault="disk_full",
            attempts=3,
            added_at=now,
            next_attempt_at=now,
        )
    )
    text = (await clerk.get("/desk")).text
    assert "Auftrag 2026-1042: Muster_v1.pdf." in text
    assert "Der Datenträger ist voll." in text
    neighbours.down.add("order-folder")
    assert (await clerk.get("/desk")).status == 200


async def test_the_desk_is_not_for_customers(customer: Browser) -> None:
    assert (await customer.get("/desk")).status == 403


async def test_a_stranger_gets_no_page_of_anybody(browser: Browser) -> None:
    """Every route that is not open sends somebody unknown to the login; a new route is covered by itself."""
    for route in ROUTES:
        name = route.kwargs["name"]
        if name in OPEN_ROUTES | MACHINE_ROUTES:
            continue
        answer = await browser.send(route.method, PLACEHOLDERS.sub(str(uuid4()), route.path))
        assert answer.status == 303, name
        assert answer.headers["Location"].startswith("/login?next="), name


@pytest.mark.parametrize("origin", ["", "https://evil.example"])
async def test_no_form_is_believed_without_its_token_or_from_elsewhere(
    customer: Browser, neighbours: Neighbours, origin: str
) -> None:
    """Every form of every route; a new route is covered by itself."""
    version = neighbours.add_version()
    form = {"sha256": version.file.sha256, "comment": "x", "locale": "en", "email": "a@b.example"}
    if origin:
        form["form_token"] = (await customer.get("/imprint")).form_token
    for route in ROUTES:
        if route.method in ("GET", "HEAD") or route.kwargs["name"] in MACHINE_ROUTES:
            continue
        path = PLACEHOLDERS.sub(str(version.version_id), route.path)
        content = FormData(form, default_to_multipart=route.kwargs["name"] in UPLOAD_ROUTES)
        answer = await customer.send(
            "POST", path, headers={"Origin": origin} if origin else {}, content=content
        )
        assert (path, answer.status) == (path, 403)
        assert answer.set_cookies == (), path
    assert neighbours.last_decision is None


async def test_a_strangers_ids_are_simply_not_found(customer: Browser, neighbours: Neighbours) -> None:
    foreign = neighbours.add_version("approved")
    neighbours.change(foreign.version_id, customer_number="99999")
    neighbours.documents[ORDER_ID] = neighbours.documents[ORDER_ID].model_copy(
        update={"customer_number": "99999"}
    )
    token = (await customer.get("/imprint")).form_token
    assert (await customer.get(f"/orders/{ORDER_ID}")).status == 404
    for tail in (
        "",
        "/approve",
        "/approve-with-changes",
        "/request-changes",
        "/decided",
        "/pages/1",
        "/file",
        "/record",
    ):
        assert (await customer.get(f"/proofs/{foreign.version_id}{tail}")).status == 404, tail
    for tail in ("/approve", "/approve-with-changes", "/request-changes"):
        form = {"form_token": token, "sha256": foreign.file.sha256, "comment": "x"}
        assert (await customer.post(f"/proofs/{foreign.version_id}{tail}", form)).status == 404, tail


async def test_wrong_addresses_get_a_calm_page(customer: Browser) -> None:
    for path in ("/nothing", "/orders/no-id", f"/orders/{uuid4()}", "/proofs/%00", "/static/nothing.css"):
        assert (await customer.get(path)).status == 404
    page = await customer.get("/nothing")
    assert "Diese Seite gibt es nicht" in page.text
    assert "Datenschutz" in page.text
    assert (await customer.send("POST", "/imprint")).status == 405
    assert (await customer.post("/login", {"email": "x" * 300_000})).status == 413


async def test_a_form_that_does_not_come_to_its_end_is_not_waited_for(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_answer = asyncio.Event()

    async def form() -> AsyncIterator[bytes]:
        yield b"email"
        await has_answer.wait()

    monkeypatch.setattr(silence, "SILENCE_SECONDS", 0.05)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await browser.send("POST", "/login", headers=headers, content=form())
    has_answer.set()
    assert answer.status == 408
    assert "Es kam eine Weile nichts mehr" in answer.text


async def test_pages_are_strict_and_belong_to_one_person(customer: Browser) -> None:
    page = await customer.get("/")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/register/unknown", "/confirm/unknown", "/reset/unknown", "/setup/unknown"]
)
async def test_a_page_whose_address_is_a_secret_tells_it_to_no_log(browser: Browser, path: str) -> None:
    """Not "no-referrer": with that, browsers send forms of an origin that is null."""
    assert (await browser.get(path)).headers["Referrer-Policy"] == "strict-origin"


class Inline(HTMLParser):
    """Finds what the policy would stop."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag == "style" or "style" in names or any(name.startswith("on") for name in names):
            self.found.append(tag)
        if tag == "script" and "src" not in names:
            self.found.append(tag)


@pytest.mark.parametrize("path", ["/", "/login", f"/orders/{ORDER_ID}", "/imprint", "/components"])
async def test_nothing_on_a_page_is_inline(
    start_gateway: StartGateway, neighbours: Neighbours, path: str
) -> None:
    import aiohttp

    address = await start_gateway(developer_pages=True)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        browser = Browser(session, address)
        browser.cookies["session"] = neighbours.log_in()
        parser = Inline()
        parser.feed((await browser.get(path)).text)
        assert parser.found == []


async def test_the_pieces_are_for_developers_only(browser: Browser) -> None:
    assert (await browser.get("/components")).status == 404
