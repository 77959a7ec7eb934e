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


class MailDrafted(Event):
    """A mail waits until its clerk sends it himself, from his own mail program."""

    mail_id: UUID
    template: str
    version_ids: tuple[UUID, ...] = ()
    clerk_code: str


class InvitationRequested(Event):
    """A proof waits for a customer of whom nobody is registered: one mail shall hold request and invitation.

    auth answers with CustomerInvited, whose `request_cause` is this `cause`; it does not where
    whoever has or was invited at this address has an access of this customer, a disabled one included.
    """

    cause: str
    customer_number: str
    contact_id: str = ""
    email: str
    name: str = ""
    locale: str
    clerk_code: str = ""
