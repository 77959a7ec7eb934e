"""Who takes part in the tests of auth, and what was told."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import uuid4

from services.auth.subscriptions import SUBSCRIPTIONS
from shared.api import auth as api
from shared.database import Pool, transaction
from shared.events.base import Event
from shared.events.sync import Contact, Customer, CustomersChanged
from shared.process import EffectLoop
from shared.sealing import LINK_TOKENS, Seal
from shared.web import SYSTEM, Identity, ServiceClient
from tests.integration.auth.conftest import SECRET

Told = TypeVar("Told", bound=Event)

OPERATOR = Identity(role="operator", account_id=uuid4(), name="Olaf Operator")
CLERK = Identity(role="clerk", account_id=uuid4(), name="Sabine Berger", clerk_code="SB")
CUSTOMER = Identity(role="customer", account_id=uuid4(), customer_number="10023")
MUSTER = Customer(
    customer_number="10023",
    name="Muster Getriebe AG",
    email="info@muster-ag.de",
    contacts=(
        Contact(contact_id="1", name="Erika Muster", email="erika@muster-ag.de"),
        Contact(contact_id="2", name="Jörg Müßig"),
    ),
    revision=1,
)
PASSWORD = "rhabarber im regen"


async def hear(pool: Pool, *events: Event) -> None:
    """As the consumer does it: each hearer in a transaction of its own."""
    for event in events:
        for subscription in SUBSCRIPTIONS:
            if isinstance(event, subscription.event):
                async with transaction(pool) as opened:
                    await subscription.handler(opened, event)


async def told(pool: Pool, event: type[Told]) -> Sequence[Told]:
    """What stands in the outbox of this event, in the order in which it was told."""
    rows = await pool.fetch(
        "SELECT body FROM outbox WHERE event_name = $1 ORDER BY added_at, event_id", event.wire_name
    )
    return [event.from_wire(row["body"]) for row in rows]


async def told_names(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT event_name FROM outbox ORDER BY added_at")
    return [row["event_name"].split(".")[1] for row in rows]


def opened(sealed_token: str) -> str:
    """The token as mailer puts it into the mail."""
    return Seal(SECRET.encode(), LINK_TOKENS).open(sealed_token)


async def everything_stored(pool: Pool) -> str:
    """All rows of all tables as one text, bytes in both usual spellings."""
    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    texts: list[Any] = []
    for table in tables:
        rows = await pool.fetch(f'SELECT * FROM "{table["tablename"]}"')  # noqa: S608 - names of our own tables
        texts += [dict(row) for row in rows]
    return json.dumps(texts, default=lambda value: value.hex() if isinstance(value, bytes) else str(value))


async def perform_all(loop: EffectLoop) -> None:
    while await loop.perform_next() is True:
        pass


async def know_customer(pool: Pool) -> None:
    await hear(pool, CustomersChanged(customers=(MUSTER,)))


async def invite_customer(auth: ServiceClient, *, who: Identity = CLERK, **wanted: Any) -> api.Invitation:
    body = api.InviteCustomer(**({"customer_number": "10023", "contact_id": "1"} | wanted))
    return await auth.post("/invitations/customers", body, api.Invitation, who=who)


async def invite_staff(
    auth: ServiceClient, *, who: Identity = OPERATOR, **wanted: Any
) -> api.NewStaffInvitation:
    body = api.InviteStaff(
        **(
            {"role": "clerk", "email": "neu@werbetex-nord.de", "name": "Nina Neu", "clerk_code": "NN"}
            | wanted
        )
    )
    return await auth.post("/invitations/staff", body, api.NewStaffInvitation, who=who)


async def find_invitation(auth: ServiceClient, token: str) -> api.OpenInvitation:
    return await auth.post(
        "/invitations/find", api.FindInvitation(token=token), api.OpenInvitation, who=SYSTEM
    )


async def accept(auth: ServiceClient, token: str, **answers: Any) -> api.Accepted:
    body = api.AcceptInvitation(
        **(
            {
                "token": token,
                "name": "Erika Muster",
                "email": "erika@muster-ag.de",
                "password": PASSWORD,
                "locale": "de",
            }
            | answers
        )
    )
    return await auth.post("/invitations/accept", body, api.Accepted, who=SYSTEM)
