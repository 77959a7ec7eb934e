"""What approvals hears, and what it does then. Each handler is harmless when it runs twice."""

from datetime import UTC, datetime

from services.approvals.use_cases import records, samples
from shared.database import Transaction
from shared.events.approvals import ApprovalGranted, ChangesRequested
from shared.events.gateway import BrandingChanged
from shared.events.mailer import MailDrafted, MailFailed, MailSent
from shared.events.sync import CustomersChanged, DocumentsChanged, SampleAssigned
from shared.messaging import Subscription


async def on_sample_assigned(transaction: Transaction, event: SampleAssigned) -> None:
    """Once per (sample, version)."""
    await samples.assign_sample(transaction, event, now=datetime.now(UTC))


async def on_documents_changed(transaction: Transaction, event: DocumentsChanged) -> None:
    """Each document has a revision; an old one is ignored."""
    await samples.change_orders(transaction, event.documents, now=datetime.now(UTC))


async def on_customers_changed(transaction: Transaction, event: CustomersChanged) -> None:
    """Each customer has a revision; an old one is ignored."""
    await samples.change_customers(transaction, event.customers)


async def on_mail_drafted(transaction: Transaction, event: MailDrafted) -> None:
    """The newest news of a mail counts, by the time it happened."""
    await samples.note_mail(transaction, event.version_ids, "draft", at=event.occurred_at)


async def on_mail_sent(transaction: Transaction, event: MailSent) -> None:
    """The newest news of a mail counts, by the time it happened."""
    await samples.note_mail(transaction, event.version_ids, "sent", at=event.occurred_at)


async def on_mail_failed(transaction: Transaction, event: MailFailed) -> None:
    """The newest news of a mail counts, by the time it happened."""
    await samples.note_mail(
        transaction, event.version_ids, "failed", at=event.occurred_at, reason=event.reason
    )


async def on_approval_granted(transaction: Transaction, event: ApprovalGranted) -> None:
    """Once per decision."""
    await records.queue_record(transaction, event.decision_id)


async def on_changes_requested(transaction: Transaction, event: ChangesRequested) -> None:
    """Once per decision."""
    await records.queue_record(transaction, event.decision_id)


async def on_branding_changed(transaction: Transaction, event: BrandingChanged) -> None:
    """It has a revision; an old one is ignored."""
    await records.remember_branding(transaction, event)


SUBSCRIPTIONS = (
    Subscription(SampleAssigned, on_sample_assigned),
    Subscription(DocumentsChanged, on_documents_changed),
    Subscription(CustomersChanged, on_customers_changed),
    Subscription(BrandingChanged, on_branding_changed),
    Subscription(MailDrafted, on_mail_drafted),
    Subscription(MailSent, on_mail_sent),
    Subscription(MailFailed, on_mail_failed),
    Subscription(ApprovalGranted, on_approval_granted),
    Subscription(ChangesRequested, on_changes_requested),
)
