"""Pages behind links of mails, of proofs in the making, with nothing or too much; dark, wide or orange."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import uuid4

import aiohttp
import pytest
from playwright.async_api import expect

from deploy.demo.company import CUSTOMERS, DEMO_CUSTOMER
from deploy.local.mail_catcher import MailCatcher
from deploy.local.ports import free_port
from services.gateway.lists import PAGE_SIZE
from shared.api.approvals import VersionRows, VersionState
from shared.api.auth import (
    Accepted,
    AcceptInvitation,
    CreateAccount,
    Invitation,
    InviteCustomer,
    RequestPasswordReset,
)
from shared.api.documents import DocumentRows, NumberedDocuments
from shared.api.sync import ChangeStatuses, GroupChange
from shared.events.sync import DocumentKind, document_id
from shared.web import SYSTEM, Identity
from tests.e2e.conftest import OpenAs, OpenPage, link_in, log_in_as
from tests.e2e.looks import (
    LOCALES,
    axe_faults,
    broader_than_their_place,
    look_at,
    look_over,
    overflow,
    take_picture,
)
from tests.e2e.states import OPERATOR
from tests.e2e.telling import CLERK, entry, position, tell_document
from tests.support import eventually
from tests.support.cockpit import Cockpit, cloud_event
from tests.support.pdfs import PDF

PASSWORD = "Segelboot-Kante-12"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikation" * 3
POSITIONS, ORDERS = 60, PAGE_SIZE + 5  # the list of orders has a second page


async def _new_person(cockpit: Cockpit, customer_number: str, *, locale: str = "de") -> str:
    """The address of somebody of this customer who can log in with PASSWORD."""
    email = f"{uuid4()}@{customer_number}.example"
    account = CreateAccount(
        role="customer", name=f"Wilhelmine {LONG[:60]}", email=email, password=PASSWORD,
        customer_number=customer_number, may_approve=True, locale=locale,
    )  # fmt: skip
    async with aiohttp.ClientSession() as session:
        await cockpit.client(session, "auth").call("POST", "/accounts", who=SYSTEM, body=account)
    return email


@pytest.fixture(scope="module")
async def links(cockpit: Cockpit) -> dict[str, str]:
    """Good links of each kind, by the name of their page."""
    invited, own = f"{uuid4()}@kunde.example", f"{uuid4()}@eigen.example"
    async with aiohttp.ClientSession() as session:
        auth = cockpit.client(session, "auth")
        invitation = InviteCustomer(customer_number="10014", email=invited, name="Ina Invited")
        await auth.post("/invitations/customers", invitation, Invitation, who=Identity(role="operator"))
        register = link_in(await cockpit.wait_for_mail(invited, "/register/"), f"{cockpit.url}/register/")
        acceptance = AcceptInvitation(
            token=register.rpartition("/")[2], name="Ina", email=own, password=PASSWORD, locale="de"
        )
        await auth.post("/invitations/accept", acceptance, Accepted, who=SYSTEM)
        confirm = link_in(await cockpit.wait_for_mail(own, "/confirm/"), f"{cockpit.url}/confirm/")
        person = await _new_person(cockpit, "10014")
        wish = RequestPasswordReset(email=person, network_address="192.0.2.1")
        await auth.call("POST", "/password-resets", who=SYSTEM, body=wish)
        reset = link_in(await cockpit.wait_for_mail(person, "/reset/"), f"{cockpit.url}/reset/")
    return {"awaiting-confirmation": register, "confirm": confirm, "reset": reset}


@pytest.mark.parametrize("locale", LOCALES)
async def test_pages_behind_the_links_of_mails(
    links: dict[str, str], open_page: OpenPage, locale: str
) -> None:
    page = await open_page(locale=locale)
    for name, link in links.items():
        await look_at(page, name, link)


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_customer_with_nothing_sees_what_comes_next(
    cockpit: Cockpit, open_page: OpenPage, locale: str
) -> None:
    email = await _new_person(cockpit, "88001", locale=locale[:2])
    page = await open_page(locale=locale)
    await page.goto("/login")
    await log_in_as(page, email, PASSWORD)
    for name in ("quotes", "orders", "invoices", "proofs"):
        await look_at(page, f"{name}-empty", f"/{name}")
        assert await page.locator(".empty").count() == 1
    await look_at(page, "start-empty", "/")


@dataclass(frozen=True)
class Crowd:
    """A customer whose words and lists are as long as CDH may send them."""

    email: str
    order_path: str
    proof_path: str


@pytest.fixture(scope="module")
async def crowd(cockpit: Cockpit) -> Crowd:
    order = document_id(DocumentKind.ORDER, "L-1")
    positions = [
        {"position_key": str(number), "number": str(number), "text": LONG[:150], "description": LONG[:180],
         "quantity": "1234567.5", "unit": "Stück", "unit_price": "99999.99", "net_total": "999999999.99",
         "colour": LONG[:60], "finishing": LONG[:90]}
        for number in range(1, POSITIONS + 1)
    ]  # fmt: skip
    documents = [
        {"kind": "order", "number": f"L-{number}", "customer_number": "88002", "subject": LONG[:150],
         "customer_reference": LONG[:60], "document_date": "2026-10-01",
         "gross_total": f"{999999999 - number}.99",
         "positions": positions if number == 1 else []}
        for number in range(1, ORDERS + 1)
    ]  # fmt: skip
    await cockpit.tell(
        cloud_event(
            "cdh.customer.changed",
            {
                "customer_number": "88002",
                "name": LONG[:150],
                "contacts": [{"contact_id": "1", "name": LONG[:110], "email": "lang@88002.example"}],
            },
        ),
        *(cloud_event("cdh.document.changed", document) for document in documents),
    )
    email = await _new_person(cockpit, "88002")
    async with aiohttp.ClientSession() as session:
        client = cockpit.client(session, "documents")
        who = Identity(role="customer", customer_number="88002")

        async def all_there() -> bool:
            return (await client.get("/documents", DocumentRows, who=who)).total == ORDERS

        await eventually(all_there, seconds=60)
        await cockpit.assign_by_cockpit("L-1", cockpit.demo.proof.file, "--title", LONG[:110])
        return Crowd(email, f"/orders/{order}", await _path_of_proof(cockpit, "L-1", "pending"))


@pytest.mark.timeout("240")
async def test_long_lists_and_long_words_break_no_page(
    crowd: Crowd, open_page: OpenPage, open_as: OpenAs
) -> None:
    page = await open_page()
    await page.goto("/login")
    await log_in_as(page, crowd.email, PASSWORD)
    paths = {
        "start": "/",
        "orders": "/orders?page=2",
        "order": crowd.order_path,
        "proofs": "/proofs",
        "proof": crowd.proof_path,
    }
    for name, path in paths.items():
        await look_at(page, f"{name}-long", path)
    clerk = await open_as("clerk")
    for name, path in {
        "desk": "/desk",
        "desk-all": "/desk?whose=all",
        "desk-queue": "/desk/queues/customer?whose=all",
        "desk-customers": f"/desk/customers?q={LONG[:30]}",
        "desk-customer": "/desk/customers/88002",
        "desk-access": "/desk/customers/88002/access",
        "desk-assign": crowd.order_path.replace("/orders", "/desk/orders") + "/assign",
        "desk-proof": crowd.proof_path,
    }.items():
        await look_at(clerk, f"{name}-long", path)
    await clerk.goto("/desk")
    assert await clerk.locator(".proof-name", has_text=LONG[:110]).count() == 1


@pytest.mark.usefixtures("statuses_as_before")
async def test_names_of_steps_keep_to_their_places_however_long(cockpit: Cockpit, open_as: OpenAs) -> None:
    """Six steps still stand beside one another, eight below one another."""
    entries = [entry("order.confirmed", "2026-11-03T10:00:00Z")]
    order = await tell_document(
        cockpit, "order", "2026-7635", positions=[position("1")], status_entries=entries
    )
    page = await open_as("customer")
    for count, names in ((6, [LONG[:34]]), (8, ["Druckvorlagenprüfung", "Produktionsplanung"])):
        await _add_steps(cockpit, names)

        async def are_there(count: int = count) -> bool:
            await page.goto(f"/orders/{order}")
            return await page.locator(".step-name").count() == count

        await eventually(are_there)
        for width in (960, 1024, 1280, 360):
            await page.set_viewport_size({"width": width, "height": 800})
            found = await overflow(page), await broader_than_their_place(page)
            assert (count, width, found) == (count, width, (0, []))


async def _add_steps(cockpit: Cockpit, names: list[str]) -> None:
    groups = tuple(
        GroupChange(group_id=f"order.{name}", kind=DocumentKind.ORDER, name=name, step=500, negative=False)
        for name in names
    )
    async with aiohttp.ClientSession() as session:
        sync = cockpit.client(session, "sync")
        await sync.call("POST", "/statuses", who=OPERATOR, body=ChangeStatuses(groups=groups))


@pytest.mark.parametrize("role", ["customer", "operator"])
async def test_pages_on_a_dark_and_very_wide_screen(cockpit: Cockpit, open_as: OpenAs, role: str) -> None:
    page = await open_as(role, width=1600)
    await page.emulate_media(color_scheme="dark")
    paths = {"start": "/", "orders": "/orders", "proofs": "/proofs"}
    if role == "operator":
        paths = {
            "desk": "/desk?whose=all",
            "customer": "/desk/customers/10014",
            "admin": "/admin",
            "company": "/admin/company",
            "users": "/admin/users",
            "words": "/admin/mail/templates/approval_requested/de",
        }
    else:
        async with aiohttp.ClientSession() as session:
            who = Identity(role="customer", customer_number="10014")
            rows = await cockpit.client(session, "approvals").get("/versions", VersionRows, who=who)
        version = next(row for row in rows.versions if row.state == "pending")
        paths |= {"order": f"/orders/{version.document_id}", "proof": f"/proofs/{version.version_id}"}
    for name, path in paths.items():
        await look_at(page, f"{name}-dark", path, widths=(1600,))


@pytest.mark.timeout("240")
async def test_a_clerk_looks_at_a_proof_whose_pictures_are_still_being_made(
    cockpit: Cockpit, open_as: OpenAs, tmp_path: Path
) -> None:
    async with _proof_that_waits_for_its_file(cockpit, tmp_path) as path:
        for locale in LOCALES:
            page = await open_as("clerk", "/desk", locale=locale)
            await look_at(page, "desk-proof-preparing", path)
            words = (
                "Die Bilder werden gerade erstellt" if locale == "de-DE" else "The pictures are being made"
            )
            await expect(page.locator(".message")).to_contain_text(words)


@asynccontextmanager
async def _proof_that_waits_for_its_file(cockpit: Cockpit, folder: Path) -> AsyncIterator[str]:
    """Its path. The shared storage is late: approvals is told of the file before it can read it there."""
    number, file = "2026-7631", folder / "Spät.pdf"
    file.write_bytes(PDF + b"% late")
    await tell_document(cockpit, "order", number, positions=[position("1")])
    await cockpit.stack.kill("approvals")
    try:
        await cockpit.assign_by_cockpit(number, file, "--title", "Rückendruck")
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        stored = cockpit.stack.folder / "storage" / sha256[:2] / sha256
        away = stored.rename(folder / "away")
    finally:
        await cockpit.stack.start("approvals")
    try:
        yield await _path_of_proof(cockpit, number, "preparing")
    finally:
        away.rename(stored)


async def _path_of_proof(cockpit: Cockpit, number: str, state: VersionState) -> str:
    found: list[str] = []
    async with aiohttp.ClientSession() as session:
        approvals = cockpit.client(session, "approvals")

        async def look() -> list[str]:
            rows = await approvals.get("/versions", VersionRows, who=CLERK, query={"state": state})
            found[:] = [f"/proofs/{row.version_id}" for row in rows.versions if row.order_number == number]
            return found

        await eventually(look, seconds=60)
    return found[0]


async def test_a_number_that_two_orders_bear_is_a_choice(cockpit: Cockpit, open_as: OpenAs) -> None:
    number = "2026-7632"
    for customer, subject in ((DEMO_CUSTOMER, "Nachbestellung"), (CUSTOMERS[1], LONG)):
        its = {"customer_number": customer.customer_number, "external_id": customer.customer_number}
        await tell_document(cockpit, "order", number, **its, contact_id="", subject=subject)
    async with aiohttp.ClientSession() as session:
        documents = cockpit.client(session, "documents")

        async def both() -> bool:
            found = await documents.get(f"/numbers/order/{number}", NumberedDocuments, who=CLERK)
            return len(found.documents) == 2

        await eventually(both)
    address = f"/desk/go/order/{number}?action=assign"
    for locale in LOCALES:
        page = await open_as("clerk", "/desk", locale=locale)
        await look_at(page, "desk-choose", address)
        await page.locator(".document-list a", has_text="Nachbestellung").click()
        key = document_id(DocumentKind.ORDER, number, DEMO_CUSTOMER.customer_number)
        await expect(page).to_have_url(f"{cockpit.url}/desk/orders/{key}/assign")


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_pages_of_a_trial_that_show_its_mails(
    cockpit: Cockpit, open_page: OpenPage, locale: str
) -> None:
    folder = cockpit.stack.folder / "mails"
    async with MailCatcher(folder, smtp_port=free_port(), page_port=free_port()) as catcher:
        page = await open_page(locale=locale, url=catcher.page_url)
        await look_at(page, "mails", "/")
        await page.locator("main a").first.click()
        await look_over(page, "mail")


async def test_a_light_brand_colour_can_be_read_on_all_pieces(cockpit: Cockpit, open_as: OpenAs) -> None:
    """On the page that shows developers all pieces, whose own words are English."""
    page = await open_as("customer", locale="en-GB")
    await cockpit.stack.kill("gateway")
    await cockpit.stack.start("gateway", environment={"BRAND_COLOUR": "#ff9d2e", "DEVELOPER_PAGES": "true"})
    try:
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            await page.emulate_media(color_scheme=scheme)
            await page.goto("/components")
            await take_picture(page, f"components-orange-{scheme}")
            assert await axe_faults(page) == [], scheme
    finally:
        await cockpit.stack.kill("gateway")
        await cockpit.stack.start("gateway")
