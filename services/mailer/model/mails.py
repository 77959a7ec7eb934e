"""A mail: what it asks, what it holds, and what becomes of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import NAMESPACE_OID, UUID, uuid5

from services.mailer.model.recipients import Mailbox
from shared.events.approvals import ApprovalRequested

_MAILS = uuid5(NAMESPACE_OID, "partner-cockpit/mails")
GIVE_UP_AFTER = timedelta(days=4)
LINK_OVER = "The link in this mail ran out before it could be sent."

MailState = Literal["draft", "queued", "sent", "failed"]
Outcome = Literal["accepted", "postponed", "refused"]


def select_requests(
    requests: Iterable[ApprovalRequested], decided: set[UUID]
) -> tuple[ApprovalRequested, ...]:
    """What one mail asks for: of each sample the newest version, unless it is decided already."""
    newest: dict[UUID, ApprovalRequested] = {}
    for request in requests:
        known = newest.get(request.sample_id)
        if known is None or request.version > known.version:
            newest[request.sample_id] = request
    return tuple(request for request in newest.values() if request.version_id not in decided)


@dataclass(frozen=True)
class Picture:
    """A picture inside of the HTML; `content_id` is how the text names it."""

    content_id: str
    sha256: str
    media_type: str


@dataclass(frozen=True)
class Attachment:
    sha256: str
    name: str
    media_type: str


@dataclass(frozen=True)
class Content:
    """What a reader sees."""

    subject: str
    body_text: str
    body_html: str
    pictures: tuple[Picture, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class SealedLink:
    """The one-time link of a mail: the bodies have TOKEN_PLACE where its token goes at the last moment."""

    token: str
    expires_at: datetime


TOKEN_PLACE = "the-token-of-the-link-goes-in-here-at-the-end"  # noqa: S105 - where one goes
"""As long as a token, of the characters of a token; never one."""


@dataclass(frozen=True)
class Mail:
    """One mail to one recipient. `version_ids` are the proofs it asks about.

    `clerk_code` names the clerk in whose name it goes out; a draft waits for him. An empty address in
    `shown_from` is the portal's. `message_domain` is that of its Message-ID. `customer_number` is set where
    it speaks of a customer's affairs to his people.
    """

    mail_id: UUID
    cause: str
    recipient: str
    template: str
    version_ids: tuple[UUID, ...]
    shown_from: Mailbox
    shown_to: tuple[Mailbox, ...]
    reply_to: Mailbox | None
    content: Content
    queued_at: datetime
    due_at: datetime
    state: MailState = "queued"
    reason: str = ""
    attempts: int = 0
    ended_at: datetime | None = None
    link: SealedLink | None = None
    clerk_code: str = ""
    message_domain: str = ""
    customer_number: str = ""
    is_withdrawn: bool = False

    def record(self, outcome: Outcome, answer: str, *, now: datetime, next_try_after: timedelta) -> "Mail":
        """The mail after an attempt: sent, failed for good, or due again."""
        if outcome == "accepted":
            return self.sent(now)
        if outcome == "refused":
            return self.failed(answer, now)
        if now - self.queued_at >= GIVE_UP_AFTER:
            return self.failed(f"Given up after {GIVE_UP_AFTER.days} days: {answer}", now)
        return replace(self, due_at=now + next_try_after)

    def sent(self, now: datetime) -> "Mail":
        return replace(self, state="sent", ended_at=now, link=None)

    def failed(self, reason: str, now: datetime) -> "Mail":
        return replace(self, state="failed", reason=reason, ended_at=now)

    def without(self, version_id: UUID) -> "Mail":
        """It no longer asks about this version."""
        return replace(self, version_ids=tuple(one for one in self.version_ids if one != version_id))

    def send_again(self, now: datetime) -> "Mail":
        """A draft that goes out by SMTP after all, or a mail that failed and is tried anew."""
        return replace(self, state="queued", reason="", queued_at=now, due_at=now, attempts=0, ended_at=None)

    def withdraw(self, reason: str, *, now: datetime) -> "Mail":
        """It must not go out any more, nor be sent again."""
        return replace(self, state="failed", reason=reason, ended_at=now, link=None, is_withdrawn=True)

    def may_be_sent_again(self, now: datetime) -> bool:
        is_open = self.state == "failed" and not self.is_withdrawn
        return is_open and bool(self.recipient) and not self.has_dead_link(now)

    def has_dead_link(self, now: datetime) -> bool:
        """Nobody could follow its link any more."""
        return self.link is not None and self.link.expires_at <= now


def mail_id_of(cause: str, recipient: str) -> UUID:
    """The same cause and recipient are the same mail, however often it is composed."""
    return uuid5(_MAILS, f"{cause}\n{recipient.casefold()}")
