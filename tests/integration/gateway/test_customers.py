"""The staff looks customers up, sees who has an access, and invites."""

import re
from uuid import UUID

import pytest

from shared.api.auth import InviteCustomer
from shared.events.sync import DocumentKind
from tests.integration.gateway.conftest import Browser, Visit
from tests.integration.gateway.dealer import create_customer
from tests.integration.gateway.neighbours import INVOICE_ID, ORDER_ID, Neighbours

ACCESS = "/desk/customers/10042/access"


async def _invite(clerk: Browser, **form: str) -> Visit:
    page = await clerk.get(ACCESS)
    return await clerk.post(ACCESS, {"form_token": page.form_token, "form_key": _key(page), **form})


def _key(page: Visit) -> str:
    return page.text.split('name="form_key" value="')[1].split('"')[0]


async def test_customers_are_found_by_their_words(clerk: Browser) -> None:
    everybody = await clerk.get("/desk/customers")
    assert "2 Kunden" in everybody.text
    assert 'href="/desk/customers/10043"' in everybody.text
    found = await clerk.get("/desk/customers?q=zweite")
    assert "1 Kunde" in found.text
    assert "Hartmann" not in found.text
    nobody = await clerk.get("/desk/customers?q=niemand")
    assert "wird kein Kunde gefunden" in nobody.text
    assert 'value="niemand"' in nobody.text


async def test_long_lists_of_customers_have_pages(clerk: Browser, neighbours: Neighbours) -> None:
    neighbours.dealer.customers = {
        str(number): create_customer(str(number), f"Kunde {number}") for number in range(20001, 20101)
    }
    second = await clerk.get("/desk/customers?page=2")
    assert "100 Kunden" in second.text
    assert "Kunde 20100" in second.text
    assert "Kunde 20080" not in second.text
    beyond = await clerk.get("/desk/customers?page=9&q=Kunde")
    assert (beyond.status, beyond.headers["Location"]) == (303, "/desk/customers?q=Kunde&page=2")


@pytest.mark.parametrize("kind", [DocumentKind.QUOTE, DocumentKind.ORDER])
async def test_an_open_document_leads_the_staff_to_the_customers_data(
    clerk: Browser, neighbours: Neighbours, kind: DocumentKind
) -> None:
    document_id = ORDER_ID if kind is DocumentKind.ORDER else INVOICE_ID
    neighbours.documents[document_id] = neighbours.documents[document_id].model_copy(update={"kind": kind})
    folder = "orders" if kind is DocumentKind.ORDER else "documents"
    page = await clerk.get(f"/{folder}/{document_id}")
    [address] = re.findall(r'<a class="button" href="([^"]+)">Kundendaten ansehen</a>', page.text)

    data = await clerk.get(address)

    assert data.status == 200
    assert re.search(r"<h1[^>]*>Hartmann Maschinenbau GmbH</h1>", data.text)
    assert "keller@hartmann.example" in data.words


async def test_the_customers_page_shows_who_is_there_and_what_is_going_on(
    clerk: Browser, neighbours: Neighbours
) -> None:
    neighbours.people.invite(name="Petra Vogel")
    page = await clerk.get("/desk/customers/10042")
    for said in (
        "Hartmann Maschinenbau GmbH", "Werkstraße 80, 00512 Mustertal", "2207", "Thomas Keller",
        "Offene Einladungen", "Petra Vogel", "Ohne Adresse", "keine E-Mail-Adresse", "2026-1042",
    ):  # fmt: skip
        assert said in page.text, said
    asked = [one for one in neighbours.identities if one.viewed_by]
    assert {one.customer_number for one in asked} == {"10042"}


async def test_the_one_button_creates_an_access_or_shows_what_the_customer_sees(
    clerk: Browser, neighbours: Neighbours
) -> None:
    with_access = await clerk.get("/desk/customers/10042")
    main = with_access.text.split("button-main")[1][:100]
    assert "Sehen, was der Kunde sieht" in main
    del neighbours.accounts["keller@hartmann.example"]
    without = await clerk.get("/desk/customers/10042")
    assert "Zugang anlegen" in without.text.split("button-main")[1][:100]
    assert without.text.count("button-main") == with_access.text.count("button-main") == 1
    assert "noch kein Zugang" in without.text


async def test_the_page_stays_without_auth_and_without_documents(
    clerk: Browser, neighbours: Neighbours
) -> None:
    await clerk.get("/desk/customers/10042")
    neighbours.down = {"auth"}
    page = await clerk.get("/desk/customers/10042")
    assert page.status == 200
    assert "kann gerade nicht angezeigt werden" in page.text


async def test_a_customer_nobody_knows_is_not_found(clerk: Browser) -> None:
    assert (await clerk.get("/desk/customers/4711")).status == 404
    assert (await clerk.get("/desk/customers/4711/access")).status == 404


async def test_customers_are_for_the_staff(customer: Browser, neighbours: Neighbours) -> None:
    for path in ("/desk/customers", "/desk/customers/10042", ACCESS):
        assert (await customer.get(path)).status == 403
    token = (await customer.get("/")).form_token
    for path in (ACCESS, "/desk/customers/10042/invitations/00000000-0000-0000-0000-000000000001/cancel"):
        assert (await customer.post(path, {"form_token": token, "person": "company"})).status == 403
    assert neighbours.people.told == []


@pytest.mark.parametrize(
    ("form", "invited"),
    [
        ({"person": "contact-2", "may_approve": "yes"}, {"contact_id": "2"}),
        ({"person": "company"}, {"may_approve": False}),
        (
            {"person": "other", "email": "neu@hartmann.example", "name": "Nele Neu", "may_approve": "yes",
             "locale": "en"},
            {"email": "neu@hartmann.example", "name": "Nele Neu", "locale": "en"},
        ),
    ],
    ids=["contact", "company", "other"],
)  # fmt: skip
async def test_a_person_is_invited_and_the_page_says_so(
    clerk: Browser, neighbours: Neighbours, form: dict[str, str], invited: dict[str, object]
) -> None:
    answer = await _invite(clerk, **form)

    assert (answer.status, answer.headers["Location"]) == (303, "/desk/customers/10042")
    [told] = neighbours.people.told
    assert told.model_dump(exclude={"form_key"}) == InviteCustomer.model_validate(
        {"customer_number": "10042"} | invited
    ).model_dump(exclude={"form_key"})
    page = await clerk.get("/desk/customers/10042")
    assert "Die Einladung ist unterwegs." in page.text
    assert "Offene Einladungen" in page.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"person": "other", "email": "", "name": "Nele"}, "Bitte geben Sie eine E-Mail-Adresse"),
        ({"person": "other", "email": "keine", "name": "Nele"}, "Bitte geben Sie eine E-Mail-Adresse"),
        ({"person": "", "name": "Nele"}, "Bitte wählen Sie, wer eingeladen werden soll."),
        ({"person": "contact-3", "name": "Nele"}, "Zu dieser Person gibt es keine E-Mail-Adresse."),
        ({"person": "other", "email": "keller@hartmann.example", "name": "Nele"}, "hat schon einen Zugang"),
    ],
    ids=["nothing", "no-address", "nobody", "contact-without", "taken"],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    clerk: Browser, neighbours: Neighbours, form: dict[str, str], said: str
) -> None:
    answer = await _invite(clerk, **form)

    assert answer.status == 422
    assert said in answer.text
    assert 'value="Nele"' in answer.text
    assert neighbours.people.told == []


async def test_the_key_of_its_form_goes_along_and_each_form_has_another(
    clerk: Browser, neighbours: Neighbours
) -> None:
    page = await clerk.get(ACCESS)
    form = {"form_token": page.form_token, "form_key": _key(page), "person": "contact-2"}
    for _ in range(2):
        assert (await clerk.post(ACCESS, form)).status == 303
    keys = [body.form_key for body in neighbours.people.told if isinstance(body, InviteCustomer)]
    assert keys == [UUID(_key(page))] * 2
    assert _key(await clerk.get(ACCESS)) != _key(page)
    assert (await clerk.post(ACCESS, form | {"form_key": "x"})).status == 400


async def test_the_contact_of_the_link_is_chosen_already(clerk: Browser) -> None:
    page = await clerk.get(f"{ACCESS}?contact=2")
    assert 'value="contact-2" checked' in page.text
    assert page.text.count(" checked") == 2, "and the right to approve"
    assert "contact-3" not in page.text, "who has no address cannot be chosen"


async def test_who_has_an_access_is_said_and_not_offered(clerk: Browser, neighbours: Neighbours) -> None:
    page = await clerk.get(ACCESS)
    assert "contact-1" not in page.text, "Thomas Keller is registered"
    assert "Zugang haben schon: Thomas Keller" in page.text
    assert 'value="contact-2" checked' in page.text
    only_keller = create_customer()
    neighbours.dealer.customers["10042"] = only_keller.model_copy(
        update={"email": "", "contacts": only_keller.contacts[:1]}
    )
    page = await clerk.get(ACCESS)
    assert "hat schon einen Zugang" in page.text


async def test_a_customer_without_any_address_asks_for_one(clerk: Browser, neighbours: Neighbours) -> None:
    bare = create_customer().model_copy(update={"email": "", "contacts": ()})
    neighbours.dealer.customers["10042"] = bare
    page = await clerk.get(ACCESS)
    assert "keine E-Mail-Adresse hinterlegt" in page.text
    answer = await _invite(clerk, person="other", email="neu@hartmann.example")
    assert answer.status == 303


async def test_an_open_invitation_is_sent_again_or_withdrawn(clerk: Browser, neighbours: Neighbours) -> None:
    neighbours.people.invite(name="Petra Vogel")
    [invitation_id] = neighbours.people.invitations
    base = f"/desk/customers/10042/invitations/{invitation_id}"
    token = (await clerk.get("/desk/customers/10042")).form_token

    looked = neighbours.calls["GET /auth/invitations"]
    assert (await clerk.post(f"{base}/resend", {"form_token": token})).status == 303
    assert neighbours.calls["GET /auth/invitations"] == looked, "auth finds the one"
    assert neighbours.people.resent == [invitation_id]
    assert (await clerk.post(f"{base}/cancel", {"form_token": token})).status == 303
    assert "Die Einladung ist zurückgezogen" in (await clerk.get("/desk/customers/10042")).text
    assert (await clerk.post(f"{base}/cancel", {"form_token": token})).status == 409


@pytest.mark.parametrize("command", ["resend", "cancel"])
async def test_an_invitation_is_only_there_at_its_own_customer(
    clerk: Browser, neighbours: Neighbours, command: str
) -> None:
    """Else the audit log would name a customer whom it did not concern."""
    neighbours.people.invite()
    [(invitation_id, invitation)] = neighbours.people.invitations.items()
    token = (await clerk.get("/desk/customers/10042")).form_token
    path = f"/desk/customers/10077/invitations/{invitation_id}/{command}"
    assert (await clerk.post(path, {"form_token": token})).status == 404
    assert neighbours.people.told == []
    assert neighbours.people.invitations[invitation_id] == invitation


async def test_no_command_is_obeyed_without_its_form(clerk: Browser, neighbours: Neighbours) -> None:
    for path in (ACCESS, "/desk/customers/10042/view", "/desk/view/end"):
        assert (await clerk.post(path, {"person": "company"})).status == 403
    assert neighbours.people.told == []
