"""Every page in both languages, on a phone and on a desktop: it fits, it has a picture, axe finds nothing."""

import re
from dataclasses import dataclass

import aiohttp
import pytest
from playwright.async_api import expect

from deploy.local.settings import REPOSITORY
from services.gateway.routes import ROUTES
from shared.api.approvals import VersionRow, VersionRows, VersionState
from shared.api.auth import AccountRows, Invitation, InviteCustomer, InviteStaff, NewStaffInvitation
from shared.api.documents import DocumentRows
from shared.web import Identity
from tests.e2e.conftest import OpenAs, OpenPage, log_in_as
from tests.e2e.looks import LOCALES, look_at, look_over, take_picture
from tests.e2e.states import OPERATOR, make_decided_proofs, make_draft_of_a_colleague
from tests.support.cockpit import Cockpit

# Menu and buttons on docs/proof.png, so that a picture of a former page is noticed.
WORDS_OF_THE_PICTURE = REPOSITORY / "docs" / "proof.txt"
# What is read by programs, or only leads to a page, or lies within one.
NO_PAGES = {
    "download_document_file", "show_page_picture", "download_file", "download_record", "show_clerk_picture",
    "static", "live", "ready", "go_to_customer", "go_to_quote", "download_draft", "download_users",
    "download_invitations", "show_mail_preview", "download_audit_log",
}  # fmt: skip
# In test_rare_pages.py.
WALKED_ELSEWHERE = {"show_confirmation", "show_reset", "show_components"}


@dataclass(frozen=True)
class Shown:
    """A page, who looks at it, and the status it answers with."""

    role: str | None
    path: str
    status: int = 200


@pytest.fixture(scope="module")
async def pages(cockpit: Cockpit) -> dict[str, Shown]:
    async with aiohttp.ClientSession() as session:
        approvals = cockpit.client(session, "approvals")
        who = Identity(role="customer", customer_number="10014")
        rows = (await approvals.get("/versions", VersionRows, who=who)).versions
        all_rows = (
            await approvals.get("/versions", VersionRows, who=OPERATOR, query={"size": "500"})
        ).versions
        auth = cockpit.client(session, "auth")
        staff = InviteStaff(role="clerk", email="neu@dealer.example", name="Nora Neu", clerk_code="NN")
        invited = await auth.post("/invitations/staff", staff, NewStaffInvitation, who=OPERATOR)
        invitation = InviteCustomer(customer_number="10014", email="einkauf.werkzeuge@lang-langer.example")
        await auth.post("/invitations/customers", invitation, Invitation, who=OPERATOR)
        accounts = await auth.get("/accounts", AccountRows, who=OPERATOR, query={"customer_number": "10014"})
        person = accounts.rows[0].account_id
        documents = cockpit.client(session, "documents")
        quotes = await documents.get("/documents?kind=quote&size=1", DocumentRows, who=who)
        bills = await documents.get("/documents?kind=invoice&size=1", DocumentRows, who=who)
        notes = await documents.get("/documents?kind=credit_note&size=1", DocumentRows, who=who)
    outdated, to_correct = await make_decided_proofs(cockpit)
    draft = await make_draft_of_a_colleague(cockpit)

    def first(state: VersionState, among: tuple[VersionRow, ...] = rows) -> VersionRow:
        return next(row for row in among if row.state == state)

    waiting, approved, old = first("pending"), first("approved"), first("superseded")
    with_changes, sent_back = first("approved_with_changes"), first("changes_requested", all_rows)
    return {
        "login": Shown(None, "/login"),
        "imprint": Shown(None, "/imprint"),
        "privacy": Shown(None, "/privacy"),
        "register": Shown(None, f"/register/{invited.token}"),
        "forgot-password": Shown(None, "/forgot-password"),
        "reset-requested": Shown(None, "/forgot-password/sent"),
        "registration-over": Shown(None, "/register/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 404),
        "setup-over": Shown(None, "/setup/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 404),
        "start": Shown("customer", "/"),
        "quotes": Shown("customer", "/quotes"),
        "orders": Shown("customer", "/orders?sort=-amount"),
        "orders-none": Shown("customer", "/orders?q=Zeppelin&since=gestern"),
        "invoices": Shown("customer", "/invoices?state=overdue"),
        "proofs": Shown("customer", "/proofs"),
        "quote": Shown("customer", f"/documents/{quotes.rows[0].document_id}"),
        "invoice": Shown("customer", f"/documents/{bills.rows[0].document_id}"),
        "credit-note": Shown("customer", f"/documents/{notes.rows[0].document_id}"),
        "order": Shown("customer", f"/orders/{waiting.document_id}"),
        "proof": Shown("customer", f"/proofs/{waiting.version_id}"),
        "approve": Shown("customer", f"/proofs/{waiting.version_id}/approve"),
        "approve-with-changes": Shown("customer", f"/proofs/{waiting.version_id}/approve-with-changes"),
        "request-changes": Shown("customer", f"/proofs/{waiting.version_id}/request-changes"),
        "proof-approved": Shown("customer", f"/proofs/{approved.version_id}"),
        "proof-with-changes": Shown("customer", f"/proofs/{with_changes.version_id}"),
        "proof-superseded": Shown("customer", f"/proofs/{old.version_id}"),
        "proof-outdated": Shown("customer", f"/proofs/{outdated}"),
        "proof-to-correct": Shown("customer", f"/proofs/{to_correct}"),
        "decided-to-correct": Shown("customer", f"/proofs/{to_correct}/decided"),
        "decided-with-changes": Shown("customer", f"/proofs/{with_changes.version_id}/decided"),
        "decided": Shown("customer", f"/proofs/{approved.version_id}/decided"),
        "account": Shown("customer", "/account"),
        "account-profile": Shown("customer", "/account/profile"),
        "account-email": Shown("customer", "/account/email"),
        "account-password": Shown("customer", "/account/password"),
        "not-found": Shown("customer", "/orders/nowhere", 404),
        "forbidden": Shown("customer", "/desk", 403),
        "desk": Shown("clerk", "/desk"),
        "staff-orders": Shown("clerk", "/orders?page=2"),
        "staff-invoices": Shown("clerk", "/invoices"),
        "staff-invoice": Shown("clerk", f"/documents/{bills.rows[0].document_id}"),
        "desk-proof": Shown("clerk", f"/proofs/{waiting.version_id}"),
        "desk-proof-with-changes": Shown("clerk", f"/proofs/{with_changes.version_id}"),
        "desk-proof-outdated": Shown("clerk", f"/proofs/{outdated}"),
        "desk-proof-sent-back": Shown("clerk", f"/proofs/{sent_back.version_id}"),
        "desk-proof-without-order": Shown(
            "clerk", f"/proofs/{first('waiting_for_order', all_rows).version_id}"
        ),
        "desk-order": Shown("clerk", f"/orders/{waiting.document_id}"),
        "desk-all": Shown("clerk", "/desk?whose=all"),
        "desk-queue": Shown("clerk", "/desk/queues/customer?whose=all"),
        "desk-customers": Shown("clerk", "/desk/customers"),
        "desk-customers-none": Shown("clerk", "/desk/customers?q=niemand"),
        "desk-customer": Shown("clerk", "/desk/customers/10014"),
        "desk-access": Shown("clerk", "/desk/customers/10014/access"),
        "desk-assign": Shown("clerk", f"/desk/orders/{waiting.document_id}/assign"),
        "desk-assign-version": Shown(
            "clerk", f"/desk/orders/{waiting.document_id}/assign?sample={waiting.version_id}"
        ),
        "desk-unknown": Shown("clerk", "/desk/go/order/4711?action=assign", 404),
        "view-start": Shown("viewer", "/"),
        "view-order": Shown("viewer", f"/orders/{waiting.document_id}"),
        "view-proof": Shown("viewer", f"/proofs/{waiting.version_id}"),
        "view-ends-here": Shown("viewer", "/desk", 403),
        "desk-drafts-none": Shown("clerk", "/desk/drafts"),
        "desk-drafts": Shown("clerk", "/desk/drafts?whose=all"),
        "desk-draft-discarding": Shown("clerk", f"/desk/drafts/{draft}/discard?whose=all"),
        "admin-mail": Shown("operator", "/admin/mail"),
        "admin-mail-templates": Shown("operator", "/admin/mail/templates"),
        "admin-mail-words": Shown("operator", "/admin/mail/templates/approval_requested/de"),
        "admin-mail-words-without-link": Shown("operator", "/admin/mail/templates/email_changed/en"),
        "admin-mail-log": Shown("operator", "/admin/mail/log"),
        "admin": Shown("operator", "/admin"),
        "admin-users": Shown("operator", "/admin/users"),
        "admin-users-none": Shown("operator", "/admin/users?q=niemand"),
        "admin-user": Shown("operator", f"/admin/users/{person}"),
        "admin-user-deletion": Shown("operator", f"/admin/users/{person}/delete"),
        "admin-invitations": Shown("operator", "/admin/invitations"),
        "admin-staff": Shown("operator", "/admin/staff"),
        "admin-staff-invite": Shown("operator", "/admin/staff/invite"),
        "admin-passwords": Shown("operator", "/admin/passwords"),
        "admin-company": Shown("operator", "/admin/company"),
        "admin-imprint": Shown("operator", "/admin/company/texts/imprint"),
        "admin-order-folder": Shown("operator", "/admin/order-folder"),
        "admin-statuses": Shown("operator", "/admin/statuses"),
        "admin-status-group": Shown("operator", "/admin/statuses/groups/order.confirmed"),
        "admin-status-group-new": Shown("operator", "/admin/statuses/new-group/order"),
        "admin-status": Shown("operator", "/admin/statuses/order.confirmed"),
        "admin-audit": Shown("operator", "/admin/audit"),
        "admin-api-keys": Shown("operator", "/admin/api-keys"),
        "admin-api-key-revocation": Shown("operator", "/admin/api-keys/1/revoke"),
    }


@pytest.mark.timeout("300")  # first in its group, while there are only the proofs of the demo
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("role", [None, "customer", "clerk", "viewer", "operator"])
async def test_pages_fit_and_can_be_used_by_everybody(
    cockpit: Cockpit,
    pages: dict[str, Shown],
    open_page: OpenPage,
    open_as: OpenAs,
    role: str | None,
    locale: str,
) -> None:
    if role:
        page = await open_as("clerk" if role == "viewer" else role, locale=locale)
    else:
        page = await open_page(locale=locale)
    if role == "viewer":
        await page.goto("/desk/customers/10014")
        await page.locator(".page-head form button").click()
        await page.wait_for_url(f"{cockpit.url}/")
    for name, shown in pages.items():
        if shown.role != role:
            continue
        await look_at(page, name, shown.path, status=shown.status)
        for legal in ("/imprint", "/privacy"):
            assert await page.locator(f'.foot a[href="{legal}"]').is_visible(), name


async def test_no_page_is_forgotten(pages: dict[str, Shown]) -> None:
    paths = [shown.path.partition("?")[0] for shown in pages.values()]
    forgotten = {
        str(route.kwargs["name"])
        for route in ROUTES
        if route.method == "GET"
        and not any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route.path), path) for path in paths)
    }
    assert forgotten == NO_PAGES | WALKED_ELSEWHERE


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_form_with_faults_leads_to_them(
    pages: dict[str, Shown], open_page: OpenPage, locale: str
) -> None:
    page = await open_page(locale=locale)
    await page.goto(pages["register"].path)
    await page.fill("[name=password]", "kurz")
    await page.locator("main form button:not([type=button])").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await look_over(page, "register-faults")
    await page.locator('[role=alert] a[href="#password"]').click()
    await expect(page.locator("#password")).to_be_focused()


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_wrong_password_is_said_above_the_form(open_page: OpenPage, locale: str) -> None:
    page = await open_page(locale=locale)
    await page.goto("/login")
    await log_in_as(page, "niemand@kunde.example", "falsch-geraten")
    await expect(page.get_by_role("alert")).to_be_visible()
    await look_over(page, "login-refused")


async def test_the_picture_of_the_readme(pages: dict[str, Shown], open_as: OpenAs) -> None:
    page = await open_as("customer", pages["proof"].path)
    await expect(page.get_by_role("link", name="Version 1 freigeben")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await take_picture(page, "readme", highest=800, suffix=".png")
    words = await page.locator(".nav a, main :is(.button, button):visible").all_inner_texts()
    shown = [" ".join(word.split()) for word in words if word.strip()]
    assert shown == WORDS_OF_THE_PICTURE.read_text("utf-8").splitlines(), "docs/proof.png is of a former page"
