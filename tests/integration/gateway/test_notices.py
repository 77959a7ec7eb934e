"""What a page says of the step before it."""

from services.gateway.words.notices import Notice
from tests.integration.gateway.conftest import Browser


async def test_a_notice_is_shown_once_on_the_next_page(customer: Browser) -> None:
    customer.cookies["notice"] = Notice.WELCOME.name
    assert "Ihr Zugang ist bereit" in (await customer.get("/")).text
    assert "Ihr Zugang ist bereit" not in (await customer.get("/")).text


async def test_nobody_makes_a_page_say_something_by_an_address_or_in_other_words(customer: Browser) -> None:
    assert "Ihr Zugang ist bereit" not in (await customer.get("/?notice=WELCOME")).text
    customer.cookies["notice"] = "Ihr-Konto-ist-gesperrt"
    page = await customer.get("/")
    assert page.status == 200
    assert "gesperrt" not in page.text
