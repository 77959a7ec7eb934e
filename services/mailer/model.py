"""Who gets which mail, and what becomes of it. No texts (composing.py), no SMTP (delivery.py)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import NAMESPACE_OID, UUID, uuid5

from shared.events.approvals import ApprovalRequested
from shared.events.sync import File

_MAILS = uuid5(NAMESPACE_OID, "partner-cockpit/mails")
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f<>\",;:()\[\]\\]+@[^@\s\x00-\x1f\x7f<>\",;:()\[\]\\]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
GIVE_UP_AFTER = timedelta(days=4)

MailState = Literal["queued", "sent", "failed"]
Outcome = Literal["accepted", "postponed", "refused"]


def one_line(text: str) -> str:
    """Text that may stand in a header: without line ends and other control characters.

    Nor the beginning of an encoded word (RFC 2047): Python would decode it and write the line ends inside.
    """
    return _CONTROL.sub(" ", text).replace("=?", "= ?").strip()


# Recipients


@dataclass(frozen=True)
class Mailbox:
    """A name and an address as they stand in a header."""

    name: str
    address: str

    @property
    def is_deliverable(self) -> bool:
        """Whether the address looks like one; whether it exists only the server can tell."""
        is_plain = _ADDRESS.fullmatch(self.address) is not None and "=?" not in self.address  # see one_line
        return is_plain and len(self.address) <= 254

    @property
    def key(self) -> str:
        return self.address.casefold()

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].casefold()


@dataclass(frozen=True)
class Account:
    account_id: UUID
    role: str
    name: str
    email: str
    locale: str
    customer_number: str
    contact_id: str
    clerk_code: str
    may_approve: bool


@dataclass(frozen=True)
class Contact:
    contact_id: str
    name: str
    email: str


@dataclass(frozen=True)
class Customer:
    customer_number: str
    name: str
    email: str
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True)
class Clerk:
    clerk_code: str
    name: str
    email: str = ""
    phone: str = ""
    picture: File | None = None

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(one_line(self.name), self.email.strip())


@dataclass(frozen=True)
class Recipient:
    """`stands_in_for` names the clerks without an address whose mail this recipient gets."""

    mailbox: Mailbox
    locale: str
    has_account: bool = True
    stands_in_for: tuple[str, ...] = ()


def choose_request_recipients(
    contact_id: str, customer: Customer | None, accounts: Sequence[Account], *, default_locale: str
) -> tuple[Recipient, ...]:
    """The order's contact if he has an access, else all persons who may approve, else the contact's or the
    company's address; empty where the customer has none. `accounts` are those of this customer.
    """
    contacts = customer.contacts if customer else ()
    contact = next((one for one in contacts if contact_id and one.contact_id == contact_id), None)
    ours = [account for account in accounts if Mailbox("", account.email).is_deliverable]
    registered = [account for account in ours if _belongs_to(account, contact_id, contact)]
    chosen = registered[:1] or [account for account in ours if account.may_approve]
    if chosen:
        return _each_address_once(
            Recipient(Mailbox(one_line(account.name), account.email), account.locale) for account in chosen
        )
    addresses = [
        Mailbox(one_line(contact.name), contact.email.strip()) if contact else None,
        Mailbox(one_line(customer.name), customer.email.strip()) if customer else None,
    ]
    written = [mailbox for mailbox in addresses if mailbox and mailbox.is_deliverable]
    return tuple(Recipient(mailbox, default_locale, has_account=False) for mailbox in written[:1])


def choose_clerk_recipients(
    clerk_codes: Iterable[str],
    clerks: Mapping[str, Clerk],
    locales: Mapping[str, str],
    *,
    fallback: Mailbox,
    default_locale: str,
) -> tuple[Recipient, ...]:
    """The clerks, each address once. Those without one are named to the fallback address."""
    found, nameless = [], []
    for code in dict.fromkeys(clerk_codes):
        clerk = clerks.get(code)
        if clerk and clerk.mailbox.is_deliverable:
            found.append(Recipient(clerk.mailbox, locales.get(code, default_locale)))
        else:
            nameless.append(f"{one_line(clerk.name)} ({code})" if clerk else code)
    if nameless or not found:
        found.append(Recipient(fallback, default_locale, stands_in_for=tuple(nameless)))
    return _each_address_once(found)


def _belongs_to(account: Account, contact_id: str, contact: Contact | None) -> bool:
    """People register with an address of their own: the contact's id counts, or else the same address."""
    if contact_id and account.contact_id == contact_id:
        return True
    return contact is not None and account.email.casefold() == contact.email.strip().casefold()


def _each_address_once(recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    chosen: dict[str, Recipient] = {}
    for recipient in recipients:
        first = chosen.get(recipient.mailbox.key)
        chosen[recipient.mailbox.key] = (
            replace(first, stands_in_for=first.stands_in_for + recipient.stands_in_for)
            if first
            else recipient
        )
    return tuple(chosen.values())


# What is asked


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


# Mails


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
class Mail:
    """One mail to one recipient. `version_ids` are the proofs it asks about."""

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

    def record(self, outcome: Outcome, answer: str, *, now: datetime, next_try_after: timedelta) -> "Mail":
        """The mail after an attempt: sent, failed for good, or due again."""
        if outcome == "accepted":
            return replace(self, state="sent", ended_at=now)
        if outcome == "refused":
            return replace(self, state="failed", reason=answer, ended_at=now)
        if now - self.queued_at >= GIVE_UP_AFTER:
            days = GIVE_UP_AFTER.days
            return replace(self, state="failed", reason=f"Given up after {days} days: {answer}", ended_at=now)
        return replace(self, due_at=now + next_try_after)


def mail_id_of(cause: str, recipient: str) -> UUID:
    """The same cause and recipient are the same mail, however often it is composed."""
    return uuid5(_MAILS, f"{cause}\n{recipient.casefold()}")


def choose_sender(clerk: Clerk | None, portal: Mailbox) -> Mailbox:
    """The clerk with his own address, or with the portal's where he has none."""
    if clerk is None:
        return portal
    if clerk.mailbox.is_deliverable:
        return clerk.mailbox
    return Mailbox(f"{one_line(clerk.name)} ({portal.name})", portal.address)
