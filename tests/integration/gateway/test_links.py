"""CDH's buttons lead to the right page by CDH's numbers, also past the log-in."""

from datetime import date
from urllib.parse import quote
from uuid import UUID

import pytest

from shared.api.documents import NumberedDocument
from shared.events.sync import DocumentKind
from tests.integration.gateway.conftest import Browser
from tests.integration.gateway.neighbours import INVOICE_ID, ORDER_ID, Neighbours
from tests.integration.gateway.people import PASSWORD

QUOTE_ID = UUID(int=871)


def _document(
    document_id: UUID, number: str, *, kind: DocumentKind = DocumentKind.ORDER, customer: str = "10042"
) -> NumberedDocument:
    return NumberedDocument(
        document_id=document_id,
        kind=kind,
        number=number,
        customer_number=customer,
        customer_name=f"Kunde {customer}",
        subject="Messebekleidung",
        document_date=date(2026, 11, 12),
        contact_id="2" if kind is DocumentKind.QUOTE else "",
    )


@pytest.fixture(autouse=True)
def documents(neighbours: Neighbours) -> None:
    neighbours.dealer.numbered = [
        _document(ORDER_ID, "2026-1042"),
        _document(QUOTE_ID, "2026-0871", kind=DocumentKind.QUOTE),
        _document(UUID(int=1), "77"),
        _document(INVOICE_ID, "77", customer="10043"),
    ]


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("customer/10042", "/desk/customers/10042"),
        ("customer/10042?action=access", "/desk/customers/10042/access"),
        ("customer/10042?action=view", "/desk/customers/10042?action=view"),
        ("customer/10042?action=nonsense", "/desk/customers/10042"),
        ("order/2026-1042", f"/orders/{ORDER_ID}"),
        ("order/2026-1042?action=access", "/desk/customers/10042/access"),
        ("order/2026-1042?action=assign", f"/desk/orders/{ORDER_ID}/assign"),
        (
            "order/2026-1042?action=view",
            f"/desk/customers/10042?action=view&next={quote(f'/orders/{ORDER_ID}', safe='')}",
        ),
        ("quote/2026-0871", f"/documents/{QUOTE_ID}"),
        ("quote/2026-0871?action=access", "/desk/customers/10042/access?contact=2"),
        (
            "quote/2026-0871?action=view",
            f"/desk/customers/10042?action=view&next={quote(f'/documents/{QUOTE_ID}', safe='')}",
        ),
        ("quote/2026-0871?action=assign", f"/documents/{QUOTE_ID}"),
    ],
)
async def test_a_number_leads_to_its_page(clerk: Browser, path: str, leads_to: str) -> None:
    answer = await clerk.get(f"/desk/go/{path}")
    assert (answer.status, answer.headers["Location"]) == (303, leads_to)


async def test_after_the_log_in_it_leads_there(browser: Browser) -> None:
    path = "/desk/go/order/2026-1042?action=assign"
    login = await browser.get(path)
    assert login.headers["Location"] == f"/login?next={quote(path, safe='')}"
    page = await browser.get(login.headers["Location"])
    form = {
        "form_token": page.form_token,
        "email": "berger@dealer.example",
        "password": PASSWORD,
        "next": path,
    }
    answer = await browser.post("/login", form)
    assert answer.headers["Location"] == path


async def test_of_several_with_one_number_the_clerk_chooses(clerk: Browser) -> None:
    page = await clerk.get("/desk/go/order/77?action=access")
    assert page.status == 200
    assert "Mehrere Belege tragen diese Nummer" in page.text
    for number in ("10042", "10043"):
        assert f'href="/desk/customers/{number}/access"' in page.text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("customer/4711", "Kunde 4711 ist nicht da"),
        ("order/4711", "Auftrag 4711 ist nicht da"),
        ("quote/2026-1042", "Angebot 2026-1042 ist nicht da"),
        ("order/4711?action=assign", "wartet es hier, bis der Auftrag ankommt"),
        ("order/%3Cb%3E%00", "&lt;b&gt;"),
    ],
)
async def test_what_is_not_there_says_what_to_do(clerk: Browser, path: str, said: str) -> None:
    page = await clerk.get(f"/desk/go/{path}")
    assert page.status == 404
    assert said in page.text
    assert 'href="/desk/customers"' in page.text


async def test_looking_from_an_order_the_view_begins_there(clerk: Browser, neighbours: Neighbours) -> None:
    del neighbours.accounts["keller@hartmann.example"]
    answer = await clerk.get("/desk/go/order/2026-1042?action=view")
    page = await clerk.get(answer.headers["Location"])
    main = page.text.split("button-main")[0].rpartition("<form")[2]
    assert 'action="/desk/customers/10042/view"' in main
    assert f'name="next" value="/orders/{ORDER_ID}"' in main
    assert page.text.count("button-main") == 1
    away = await clerk.get("/desk/customers/10042?action=view&next=//elsewhere.example")
    assert "elsewhere" not in away.text.partition("<main")[2].partition("</main")[0]


async def test_the_links_are_for_the_staff(customer: Browser) -> None:
    for path in ("customer/10042", "order/2026-1042", "quote/2026-0871"):
        assert (await customer.get(f"/desk/go/{path}")).status == 403
