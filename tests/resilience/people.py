"""The people of a product to kill: a clerk, a customer of whom one is registered, and an order."""

import aiohttp

from shared.api.auth import CreateAccount
from shared.web import SYSTEM
from tests.resilience.cdh import Cdh, order_event
from tests.resilience.harness import count_rows
from tests.support import eventually
from tests.support.cockpit import Product, cloud_event

CLERK, EVA, OTTO = "berger@haendler.example", "eva@kunde.example", "otto@kunde.example"
PASSWORD = "Rhabarber-im-Regen"


async def bring_in(product: Product, session: aiohttp.ClientSession, cdh: Cdh, order_number: str) -> None:
    """In peace, before anything dies."""
    auth = product.client(session, "auth")
    clerk = CreateAccount(role="clerk", name="Maria Berger", email=CLERK, password=PASSWORD, clerk_code="MB")
    eva = CreateAccount(
        role="customer",
        name="Eva Kunde",
        email=EVA,
        password=PASSWORD,
        customer_number="10001",
        contact_id="K1",
        may_approve=True,
    )
    for account in (clerk, eva):
        await auth.call("POST", "/accounts", who=SYSTEM, body=account)
    contacts = [
        {"contact_id": "K1", "name": "Eva Kunde", "email": EVA},
        {"contact_id": "K2", "name": "Otto Kunde", "email": OTTO},
    ]
    customer = {"customer_number": "10001", "name": "Kunde GmbH", "contacts": contacts}
    await cdh.send(
        cloud_event("cdh.customer.changed", customer),
        cloud_event("cdh.clerk.changed", {"clerk_code": "MB", "name": "Maria Berger", "email": CLERK}),
        order_event(order_number, customer_number="10001", contact_id="K1"),
    )
    await eventually(lambda: count_rows(product, "documents", "document"), is_=1)
    await eventually(lambda: count_rows(product, "auth", "customer"), is_=1)
    await eventually(lambda: count_rows(product, "mailer", "account"), is_=2)
