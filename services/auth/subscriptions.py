"""What auth hears. An invitation is only queued here: a loop makes it, which has the keys for its link."""

from services.auth.model.invitations import InvitationRequest
from services.auth.use_cases import branding, customers, invitations
from shared.database import Transaction
from shared.events.gateway import BrandingChanged
from shared.events.mailer import InvitationRequested
from shared.events.sync import AccessRequested, CustomersChanged
from shared.messaging import Subscription


async def on_access_requested(transaction: Transaction, event: AccessRequested) -> None:
    """Twice is harmless: the same invitation is told with one more link."""
    await invitations.request_invitation(
        transaction,
        InvitationRequest(
            customer_number=event.customer_number,
            contact_id=event.contact_id,
            name=event.name.strip(),
            email=event.email.strip(),
            locale="de",
            clerk_code=event.clerk_code,
            request_cause="",
        ),
    )


async def on_invitation_requested(transaction: Transaction, event: InvitationRequested) -> None:
    """Twice is harmless: mailer knows its cause."""
    await invitations.request_invitation(
        transaction,
        InvitationRequest(
            customer_number=event.customer_number,
            contact_id=event.contact_id,
            name=event.name.strip(),
            email=event.email.strip(),
            locale=event.locale,
            clerk_code=event.clerk_code,
            request_cause=event.cause,
        ),
    )


async def on_customers_changed(transaction: Transaction, event: CustomersChanged) -> None:
    """Each customer has a revision; an old one is ignored."""
    await customers.take_customers(transaction, event.customers)


async def on_branding_changed(transaction: Transaction, event: BrandingChanged) -> None:
    """It has a revision; an old one is ignored."""
    await branding.take_company_name(transaction, event.company_name, revision=event.revision)


SUBSCRIPTIONS: tuple[Subscription, ...] = (
    Subscription(AccessRequested, on_access_requested),
    Subscription(InvitationRequested, on_invitation_requested),
    Subscription(CustomersChanged, on_customers_changed),
    Subscription(BrandingChanged, on_branding_changed),
)
