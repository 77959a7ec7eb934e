"""What became of the mails, told by mailer."""

from uuid import UUID

from shared.events.base import Event


class MailSent(Event):
    """A server accepted the mail. `version_ids` are the proofs it asks about, if any."""

    mail_id: UUID
    template: str
    version_ids: tuple[UUID, ...] = ()


class MailFailed(Event):
    """A server refused the mail for good, or it had no recipient."""

    mail_id: UUID
    template: str
    version_ids: tuple[UUID, ...] = ()
    reason: str
