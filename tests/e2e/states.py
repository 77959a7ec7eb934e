"""States that the demo does not have, made through the product's doors, for the walk of all pages."""

from uuid import UUID

import aiohttp

from deploy.demo.company import CLERKS, DEMO_CUSTOMER, OPERATOR_NAME
from shared.api.approvals import GrantApproval, RequestChanges, Version, VersionRow, VersionRows, VersionState
from shared.api.auth import AccountRows, Invitation, InviteCustomer
from shared.api.mailer import ChangeMailSettings, DraftRows, MailSettings
from shared.web import Identity, ServiceClient
from tests.e2e.telling import position, tell_document
from tests.support import eventually
from tests.support.cockpit import Cockpit

OPERATOR = Identity(role="operator", name=OPERATOR_NAME)
WISH = "Bitte 2 cm höher, sonst verschwindet das Motiv in der Naht."


async def make_decided_proofs(cockpit: Cockpit) -> tuple[UUID, UUID]:
    """One whose approval a change of its position took away, and one that the customer sent back."""
    number, unchanged = "2026-7633", position("2")
    await tell_document(cockpit, "order", number, positions=[position("1"), unchanged])
    for place, title in (("1", "Rückendruck"), ("2", "Ärmel links")):
        named = ("--position", place, "--title", title)
        await cockpit.assign_by_cockpit(number, cockpit.demo.proof.file, *named)
    async with aiohttp.ClientSession() as session:
        approvals = cockpit.client(session, "approvals")
        who = await _customer(cockpit.client(session, "auth"))
        waiting = await _wait_for(approvals, number, "pending", count=2)
        back, sleeve = sorted(waiting, key=lambda row: row.position_numbers)
        grant = GrantApproval(sha256=await _see(approvals, who, back), with_changes=False)
        await approvals.call("POST", f"/versions/{back.version_id}/grant", who=who, body=grant)
        wish = RequestChanges(sha256=await _see(approvals, who, sleeve), comment=WISH)
        await approvals.call("POST", f"/versions/{sleeve.version_id}/request-changes", who=who, body=wish)
        await tell_document(cockpit, "order", number, positions=[position("1", quantity="12"), unchanged])
        await _wait_for(approvals, number, "outdated", count=1)
    return back.version_id, sleeve.version_id


async def _see(approvals: ServiceClient, who: Identity, row: VersionRow) -> str:
    """Open its page; returns the SHA-256 of the file that is shown there."""
    path = f"/versions/{row.version_id}"
    await approvals.call("POST", f"{path}/seen", who=who)
    return (await approvals.get(path, Version, who=who)).file.sha256


async def _customer(auth: ServiceClient) -> Identity:
    number = DEMO_CUSTOMER.customer_number
    accounts = await auth.get("/accounts", AccountRows, who=OPERATOR, query={"customer_number": number})
    one = accounts.rows[0]
    return Identity(
        role="customer",
        account_id=one.account_id,
        name=one.name,
        email=one.email,
        customer_number=number,
        may_approve=True,
    )


async def _wait_for(
    approvals: ServiceClient, order_number: str, state: VersionState, *, count: int
) -> list[VersionRow]:
    found: list[VersionRow] = []

    async def look() -> bool:
        rows = await approvals.get("/versions", VersionRows, who=OPERATOR, query={"state": state})
        found[:] = [row for row in rows.versions if row.order_number == order_number]
        return len(found) == count

    await eventually(look, seconds=60)
    return found


async def make_draft_of_a_colleague(cockpit: Cockpit) -> UUID:
    """An invitation that waits in his Outlook; all other mails leave at once, before and after."""
    clerk, email = CLERKS[1], "einkauf@lang-langer.example"
    who = Identity(role="clerk", name=clerk.name, email=clerk.email, clerk_code=clerk.clerk_code)
    invitation = InviteCustomer(
        customer_number=DEMO_CUSTOMER.customer_number, email=email, name="Dr. Ulrike Lang"
    )
    found: list[UUID] = []
    async with aiohttp.ClientSession() as session:
        mailer = cockpit.client(session, "mailer")

        async def look() -> bool:
            rows = (await mailer.get("/drafts", DraftRows, who=OPERATOR)).rows
            found[:] = [row.mail_id for row in rows if row.recipient == email]
            return bool(found)

        settings = await mailer.get("/settings", MailSettings, who=OPERATOR)
        by_outlook = ChangeMailSettings.model_validate(settings.model_dump() | {"way": "outlook"})
        await mailer.post("/settings", by_outlook, MailSettings, who=OPERATOR)
        try:
            auth = cockpit.client(session, "auth")
            await auth.post("/invitations/customers", invitation, Invitation, who=who)
            await eventually(look)
        finally:
            await mailer.call("POST", "/settings/reset", who=OPERATOR)
    return found[0]
