"""A customer finds his documents, reads them to the cent and fetches their files."""

import datetime as dt
import hashlib
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.async_api import Page, expect

from deploy.demo.papers import printed_documents
from shared.events.sync import Document, DocumentKind
from shared.i18n import Formats
from tests.e2e.conftest import OpenAs, OpenPage, log_in
from tests.e2e.telling import documents_of_the_demo, position, tell_document, told_for_the_demo
from tests.support.cockpit import Cockpit

FORMATS = Formats("de", "Europe/Berlin")
ROWS = "table.table tbody tr"
Numbers = set[str]
Choose = Callable[[Cockpit], tuple[Document, Document]]


def _order_with_invoice(cockpit: Cockpit) -> tuple[Document, Document]:
    """The newest with the customer's own number whose one invoice is printed as the order is."""
    told = told_for_the_demo(cockpit)
    printed = {one.document_id: one for one in printed_documents(told.documents, told.today)}
    for order in reversed(printed.values()):
        bills = [printed[one] for one in order.related if one in printed]
        is_told = order.kind is DocumentKind.ORDER and order.customer_reference and len(order.positions) > 1
        if is_told and [bill.kind for bill in bills] == [DocumentKind.INVOICE]:
            return order, bills[0]
    raise AssertionError("The demo has no such order.")


def _quote_with_order(cockpit: Cockpit) -> tuple[Document, Document]:
    orders = {order.document_id: order for order in documents_of_the_demo(cockpit, DocumentKind.ORDER)}
    return next(
        (quote, orders[quote.related[0]])
        for quote in reversed(documents_of_the_demo(cockpit, DocumentKind.QUOTE))
        if quote.related and quote.related[0] in orders
    )


async def _numbers(page: Page) -> list[str]:
    """Of the rows; the sentence above them counts the same."""
    numbers = await page.locator(f"{ROWS} .row-number a").all_inner_texts()
    words = "Auftrag" if len(numbers) == 1 else "Aufträge"
    await expect(page.locator(".list-count")).to_have_text(f"{len(numbers)} {words}")
    return [number.strip() for number in numbers]


async def _search(page: Page, words: str) -> Numbers:
    await page.goto("/orders")
    await page.fill("#q", words)
    async with page.expect_navigation():
        await page.press("#q", "Enter")
    await expect(page.locator("#q")).to_have_value(words)
    return set(await _numbers(page))


async def _apply(page: Page) -> None:
    async with page.expect_navigation():
        await page.locator(".filter-search-button").click()


def _only(orders: list[Document], fits: Callable[[Document], bool]) -> Numbers:
    return {order.number for order in orders if fits(order)}


@pytest.mark.timeout("240")
async def test_a_customer_finds_an_order_by_its_number_his_own_and_its_articles(
    cockpit: Cockpit, open_as: OpenAs
) -> None:
    orders = documents_of_the_demo(cockpit, DocumentKind.ORDER)
    known = {order.number for order in orders}
    wanted, _ = _order_with_invoice(cockpit)
    article = wanted.positions[0].text
    page = await open_as("customer", "/")
    async with page.expect_navigation():
        await page.get_by_role("navigation", name="Hauptmenü").get_by_role("link", name="Aufträge").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Aufträge")
    assert known <= set(await _numbers(page))

    assert await _search(page, wanted.number) == {wanted.number}
    own = wanted.customer_reference
    found = await _search(page, own) & known
    assert found == _only(orders, lambda order: own in order.customer_reference)
    found = await _search(page, article) & known
    assert wanted.number in found
    assert found >= _only(orders, lambda order: any(one.text == article for one in order.positions))
    assert found < known

    # What fits nothing says what to do, and leads back to everything.
    await page.fill("#q", "Zeppelin")
    async with page.expect_navigation():
        await page.press("#q", "Enter")
    await expect(page.locator(".empty-title")).to_have_text("Zu diesem Filter gibt es nichts.")
    await expect(page.locator(".empty")).to_contain_text("Suchen Sie nach einem Teil der Nummer")
    async with page.expect_navigation():
        await page.get_by_role("link", name="Alle anzeigen").click()
    assert known <= set(await _numbers(page))


@pytest.mark.timeout("240")
async def test_a_customer_filters_by_state_and_period_and_sorts(cockpit: Cockpit, open_as: OpenAs) -> None:
    orders = documents_of_the_demo(cockpit, DocumentKind.ORDER)
    known = {order.number for order in orders}
    page = await open_as("customer", "/orders")
    everything = await _numbers(page)

    # The filter tells beforehand how many stand at a step, and the rows agree.
    option = page.locator("#state option", has_text="Fakturiert (")
    label = (await option.inner_text()).strip()
    await page.select_option("#state", label=label)
    await _apply(page)
    invoiced = await _numbers(page)
    assert label == f"Fakturiert ({len(invoiced)})"
    assert set(await page.locator(f"{ROWS} .chip").all_inner_texts()) == {"Fakturiert"}
    assert len(invoiced) < len(everything)

    # A period includes both its days.
    since, until = orders[2].document_date, orders[-3].document_date
    async with page.expect_navigation():
        await page.get_by_role("link", name="Zurücksetzen").click()
    await page.fill("#since", since.isoformat())
    await page.fill("#until", until.isoformat())
    await _apply(page)
    within = _only(orders, lambda order: since <= order.document_date <= until)
    assert set(await _numbers(page)) & known == within
    assert within < known

    # Sorted by the amount, either way, within the same period.
    for first, direction in ((max, "descending"), (min, "ascending")):
        head = page.get_by_role("columnheader", name="Betrag")
        async with page.expect_navigation():
            await head.get_by_role("link").click()
        await expect(head).to_have_attribute("aria-sort", direction)
        amounts = await _amounts(page)
        assert amounts == sorted(amounts, reverse=first is max)
        assert amounts[0] == first(amounts)
        assert set(await _numbers(page)) & known == within
    assert len(set(amounts)) > 1


@pytest.mark.timeout("240")
async def test_a_clerk_walks_through_all_orders_page_by_page_and_sorts_them(
    cockpit: Cockpit, open_page: OpenPage
) -> None:
    page = await open_page()
    await page.goto("/orders")
    async with page.expect_navigation():
        await log_in(page, cockpit, "clerk")
    said = await page.locator(".list-count").inner_text()
    total = int(said.split()[0])
    assert said == f"{total} Aufträge · hier 1 bis 80"
    first = await _walk(page, total, page_number=1)

    # On, and back to the very same rows.
    second = await _walk(page, total, page_number=2, by="Weiter")
    assert not set(first) & set(second)
    assert await _walk(page, total, page_number=1, by="Zurück") == first

    # Sorted anew the list begins anew, and goes on where its first page ends.
    async with page.expect_navigation():
        await page.get_by_role("columnheader", name="Betrag").get_by_role("link").click()
    await _walk(page, total, page_number=1)
    amounts = await _amounts(page)
    await _walk(page, total, page_number=2, by="Weiter")
    await expect(page.get_by_role("columnheader", name="Betrag")).to_have_attribute("aria-sort", "descending")
    amounts += await _amounts(page)
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] > amounts[-1]


async def _walk(page: Page, total: int, *, page_number: int, by: str = "") -> list[str]:
    """The addresses of the rows of this page, which `by` leads to; the counts around them agree."""
    if by:
        async with page.expect_navigation():
            await page.get_by_role("navigation", name="Seiten der Liste").get_by_role("link", name=by).click()
    start, end = 80 * (page_number - 1) + 1, min(80 * page_number, total)
    await expect(page.locator(".list-count")).to_have_text(f"{total} Aufträge · hier {start} bis {end}")
    await expect(page.locator(".paging-now")).to_have_text(f"Seite {page_number} von {-(-total // 80)}")
    links = await page.locator(f"{ROWS} .row-number a").all()
    assert len(links) == end - start + 1
    return [await link.get_attribute("href") or "" for link in links]


async def _amounts(page: Page) -> list[Decimal]:
    """Those that are told, from "1.234,56 €"."""
    texts = [
        text.replace("€", "").strip() for text in await page.locator(f"{ROWS} .figure").all_inner_texts()
    ]
    return [Decimal(text.replace(".", "").replace(",", ".")) for text in texts if text]


@pytest.mark.timeout("240")
@pytest.mark.parametrize(
    ("path", "choose", "words", "width"),
    [
        ("orders", _order_with_invoice, ("Auftrag", "Rechnung"), 360),
        ("orders", _order_with_invoice, ("Auftrag", "Rechnung"), 1280),
        ("quotes", _quote_with_order, ("Angebot", "Auftrag"), 360),
    ],
)
async def test_a_document_is_read_to_the_cent_and_leads_to_what_followed_and_back(
    cockpit: Cockpit, open_as: OpenAs, path: str, choose: Choose, words: tuple[str, str], width: int
) -> None:
    (first, second), (word, next_word) = choose(cockpit), words
    page = await open_as("customer", f"/{path}?q={first.number}", width=width)
    await page.get_by_role("link", name=first.number, exact=True).click()

    await expect(page.get_by_role("heading", level=1)).to_have_text(f"{word} {first.number}")
    read = page.url
    await expect(page.locator(".page-head")).to_contain_text(first.subject)
    facts = page.locator("main .facts")
    await expect(facts).to_contain_text(first.customer_reference)
    await expect(facts).to_contain_text(FORMATS.date(first.document_date))
    await _expect_figures(page, first)

    await page.get_by_role("link", name=f"{next_word} {second.number}").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"{next_word} {second.number}")
    await _expect_figures(page, second)
    await page.get_by_role("link", name=f"{word} {first.number}").click()
    await expect(page).to_have_url(read)


async def _expect_figures(page: Page, document: Document) -> None:
    rows = page.locator(".positions tbody tr")
    await expect(rows).to_have_count(len(document.positions))
    for row, told in zip(await rows.all(), document.positions, strict=True):
        await expect(row).to_contain_text(told.text)
        await expect(row.locator(".pos-quantity")).to_have_text(
            f"{FORMATS.number(told.quantity)} {told.unit}".strip()
        )
        await expect(row.locator(".pos-amount")).to_have_text(_money(told.net_total))
    totals = [document.net_total, document.tax_total, document.gross_total]
    lines = page.locator(".totals dd")
    await expect(lines).to_have_count(len(totals) + bool(document.open_amount))
    for line, total in zip(await lines.all(), totals, strict=False):
        await expect(line).to_have_text(_money(total))
    assert document.net_total is not None
    assert sum(one.net_total or 0 for one in document.positions) == document.net_total


def _money(amount: Decimal | None) -> str:
    assert amount is not None
    return FORMATS.money(amount)


@pytest.mark.timeout("240")
async def test_a_file_is_fetched_byte_for_byte(cockpit: Cockpit, open_as: OpenAs) -> None:
    for document, path, name in zip(
        _order_with_invoice(cockpit),
        ("orders", "documents"),
        ("Auftragsbestätigung", "Rechnung"),
        strict=True,
    ):
        page = await open_as("customer", f"/{path}/{document.document_id}")
        file = page.locator(".file-row", has_text=f"{name} {document.number}.pdf")
        sha256 = (await file.get_attribute("href") or "").rsplit("/", 1)[-1]
        async with page.expect_download() as download:
            await file.click()
        fetched = await download.value
        content = (await fetched.path()).read_bytes()

        assert fetched.suggested_filename == f"{name} {document.number}.pdf"
        assert hashlib.sha256(content).hexdigest() == sha256
        assert content == (cockpit.stack.folder / "storage" / sha256[:2] / sha256).read_bytes()
        assert content.startswith(b"%PDF-")


@pytest.mark.timeout("240")
async def test_an_invoice_is_open_paid_or_overdue_and_a_credit_note_is_settled_or_not(
    cockpit: Cockpit, open_as: OpenAs
) -> None:
    today, invoices = told_for_the_demo(cockpit).today, documents_of_the_demo(cockpit, DocumentKind.INVOICE)
    paid = next(one for one in invoices if one.open_amount == 0)
    overdue = next(one for one in invoices if one.open_amount and one.due_date and one.due_date < today)
    [credit_note, *_] = documents_of_the_demo(cockpit, DocumentKind.CREDIT_NOTE)
    await tell_document(
        cockpit,
        "invoice",
        "RG-7701",
        positions=[position("1", net_total="100.00")],
        due_date=(today + dt.timedelta(days=30)).isoformat(),
        net_total="100.00",
        tax_total="19.00",
        gross_total="119.00",
        open_amount="119.00",
    )
    unsettled = await tell_document(
        cockpit,
        "credit_note",
        "GS-7702",
        document_date=today.isoformat(),
        positions=[position("1", net_total="-20.00")],
        net_total="-20.00",
        tax_total="-3.80",
        gross_total="-23.80",
        open_amount="-23.80",
    )
    page = await open_as("customer", "/invoices")

    for number, state, word, still_open in (
        ("RG-7701", "Offen", "Offen", "119,00 €"),
        (overdue.number, "Überfällig", "Überfällig", _money(overdue.open_amount)),
        (paid.number, "Bezahlt oder verrechnet", "Bezahlt", ""),
    ):
        await page.goto("/invoices?kind=invoice")
        await page.select_option("#state", label=state)
        await _apply(page)
        assert set(await page.locator(f"{ROWS} .chip").all_inner_texts()) == {word}
        await page.get_by_role("link", name=number, exact=True).click()
        await expect(page.locator(".page-head .chip")).to_have_text(word)
        left = page.locator(".totals div", has_text="Noch offen")
        if still_open:
            await expect(left.locator("dd")).to_have_text(still_open)
        else:
            await expect(left).to_have_count(0)

    await page.goto("/invoices")
    await page.select_option("#kind", label="Nur Gutschriften")
    await _apply(page)
    row = page.locator(ROWS, has_text=credit_note.number)
    await expect(row.locator(".chip")).to_have_text("Verrechnet")
    await row.get_by_role("link").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Gutschrift {credit_note.number}")
    await expect(page.locator(".page-head .chip")).to_have_text("Verrechnet")
    await _expect_figures(page, credit_note)

    # One that is open says so on the list, on its page, and where the customer begins.
    path, amount = f"/documents/{unsettled}", _money(Decimal("-23.80"))
    await page.goto("/invoices?kind=credit_note&state=open")
    row = page.locator(ROWS, has=page.get_by_role("link", name="GS-7702", exact=True))
    await expect(row.locator(".chip")).to_have_text("Noch nicht verrechnet")
    await expect(row.locator(".figure")).to_have_text(amount)
    await row.get_by_role("link").first.click()
    await expect(page).to_have_url(f"{cockpit.url}{path}")
    await expect(page.locator(".page-head .chip")).to_have_text("Noch nicht verrechnet")
    await page.goto("/")
    await expect(page.locator(f".document-list a[href='{path}'] .chip")).to_have_text("Noch nicht verrechnet")
