"""What mailer hears. Nothing is sent here: rows are written, from which the loops of effects.py work."""

from datetime import UTC, datetime

from services.mailer.use_cases import (
    branding,
    decisions,
    drafts,
    notices,
    recipients,
    requests,
    waiting_samples,
)
from shared.database import Transaction
from shared.events import Event
from shared.events.approvals import (
    ApprovalOutdated,
    ApprovalRecorded,
    ApprovalRequested,
    ChangesConfirmed,
    SampleSuperseded,
)
from shared.events.auth import (
    AccountChanged,
    AccountDeleted,
    AccountRegistered,
    CustomerInvited,
    EmailChanged,
    EmailChangeRefused,
    EmailConfirmationRequested,
    PasswordChanged,
    PasswordResetRequested,
    StaffInvited,
)
from shared.events.gateway import BrandingChanged
from shared.events.sync import ClerksChanged, CustomersChanged, SampleAssigned
from shared.messaging import Subscription


async def on_approval_requested(transaction: Transaction, event: ApprovalRequested) -> None:
    await requests.collect_request(transaction, event)


async def on_approval_recorded(transaction: Transaction, event: ApprovalRecorded) -> None:
    await decisions.note_decision(transaction, event)


async def on_sample_assigned(transaction: Transaction, event: SampleAssigned) -> None:
    await waiting_samples.expect_request(transaction, event, now=datetime.now(UTC))


async def on_version_requested(transaction: Transaction, event: ApprovalRequested) -> None:
    await waiting_samples.stop_expecting(transaction, event)


async def on_version_superseded(transaction: Transaction, event: SampleSuperseded) -> None:
    await waiting_samples.stop_expecting(transaction, event)


async def on_sample_superseded(transaction: Transaction, event: SampleSuperseded) -> None:
    await drafts.discard_drafts_about(transaction, event.version_id, now=datetime.now(UTC))


async def on_version_decided(transaction: Transaction, event: ApprovalRecorded) -> None:
    """A draft that asks for what is decided is needed no longer."""
    await drafts.discard_drafts_about(transaction, event.version_id, now=datetime.now(UTC))


async def on_customer_invited(transaction: Transaction, event: CustomerInvited) -> None:
    """The link joins the request that asked for it, or becomes a mail of its own."""
    if not await requests.take_link(transaction, event):
        await notices.note(transaction, event)


async def on_news_for_a_mail(transaction: Transaction, event: Event) -> None:
    """Each of these becomes a mail at once."""
    await notices.note(transaction, event)


async def on_account_registered(transaction: Transaction, event: AccountRegistered) -> None:
    await recipients.remember_account(transaction, event)


async def on_customer_registered(transaction: Transaction, event: AccountRegistered) -> None:
    """The clerk who invited a customer is told."""
    if event.role == "customer" and (event.invited_by or event.invited_email):
        await notices.note(transaction, event)


async def on_account_changed(transaction: Transaction, event: AccountChanged) -> None:
    await recipients.remember_account(transaction, event)


async def on_account_deleted(transaction: Transaction, event: AccountDeleted) -> None:
    await recipients.forget_account(transaction, event)


async def on_customers_changed(transaction: Transaction, event: CustomersChanged) -> None:
    await recipients.remember_customers(transaction, event.customers)


async def on_clerks_changed(transaction: Transaction, event: ClerksChanged) -> None:
    await recipients.remember_clerks(transaction, event.clerks)


async def on_branding_changed(transaction: Transaction, event: BrandingChanged) -> None:
    await branding.remember_branding(transaction, event)


SUBSCRIPTIONS: tuple[Subscription, ...] = (
    Subscription(SampleAssigned, on_sample_assigned),
    Subscription(ApprovalRequested, on_approval_requested),
    Subscription(ApprovalRequested, on_version_requested),
    Subscription(ApprovalRecorded, on_approval_recorded),
    Subscription(ApprovalRecorded, on_version_decided),
    Subscription(SampleSuperseded, on_sample_superseded),
    Subscription(SampleSuperseded, on_version_superseded),
    Subscription(ApprovalOutdated, on_news_for_a_mail),
    Subscription(ChangesConfirmed, on_news_for_a_mail),
    Subscription(CustomerInvited, on_customer_invited),
    Subscription(StaffInvited, on_news_for_a_mail),
    Subscription(EmailConfirmationRequested, on_news_for_a_mail),
    Subscription(PasswordResetRequested, on_news_for_a_mail),
    Subscription(PasswordChanged, on_news_for_a_mail),
    Subscription(EmailChanged, on_news_for_a_mail),
    Subscription(EmailChangeRefused, on_news_for_a_mail),
    Subscription(AccountRegistered, on_account_registered),
    Subscription(AccountRegistered, on_customer_registered),
    Subscription(AccountChanged, on_account_changed),
    Subscription(AccountDeleted, on_account_deleted),
    Subscription(CustomersChanged, on_customers_changed),
    Subscription(ClerksChanged, on_clerks_changed),
    Subscription(BrandingChanged, on_branding_changed),
)
