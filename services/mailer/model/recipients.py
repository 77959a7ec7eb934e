"""Who gets which mail. What a mail says and what becomes of it is not known here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from shared.emails import is_email_address
from shared.events.sync import File

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def one_line(text: str) -> str:
    """Text that may stand in a header: without line ends and other control characters.

    Nor the beginning of an encoded word (RFC 2047): Python would decode it and write the line ends inside.
    """
    return _CONTROL.sub(" ", text).replace("=?", "= ?").strip()


@dataclass(frozen=True)
class Mailbox:
    """A name and an address as they stand in a header."""

    name: str
    address: str

    @property
    def is_deliverable(self) -> bool:
        """Whether the address looks like one; whether it exists only the server can tell."""
        return is_email_address(self.address)

    @property
    def key(self) -> str:
        return self.address.casefold()

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].casefold()


@dataclass(frozen=True)
class Account:
    """A login that exists; with `disabled` nobody can use it for now."""

    account_id: UUID
    role: str
    name: str
    email: str
    locale: str
    customer_number: str
    contact_id: str
    clerk_code: str
    may_approve: bool
    disabled: bool = False

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(one_line(self.name), self.email.strip())


@dataclass(frozen=True)
class Contact:
    contact_id: str
    name: str
    email: str

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(one_line(self.name), self.email.strip())


@dataclass(frozen=True)
class Customer:
    customer_number: str
    name: str
    email: str
    contacts: tuple[Contact, ...] = ()

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(one_line(self.name), self.email.strip())

    def has_address(self, email: str) -> bool:
        """Whether CDH has told it, of the customer or of one of its contacts."""
        told = (self.mailbox, *(contact.mailbox for contact in self.contacts))
        return Mailbox("", email.strip()).key in {one.key for one in told}


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
    """`stands_in_for` names the clerks without an address whose mail this recipient gets.

    `contact_id` is set for a contact of CDH who has no access yet.
    """

    mailbox: Mailbox
    locale: str
    has_account: bool = True
    stands_in_for: tuple[str, ...] = ()
    contact_id: str = ""


def choose_request_recipients(
    contact_id: str, customer: Customer | None, accounts: Sequence[Account], *, default_locale: str
) -> tuple[Recipient, ...]:
    """The order's contact if he has an access, else all persons who may approve, else the contact's or the
    company's address, to be invited; empty where there is none. `accounts` are those of this customer.

    A disabled access gets nothing: neither a request nor, at the same address, an invitation.
    """
    contacts = customer.contacts if customer else ()
    contact = next((one for one in contacts if contact_id and one.contact_id == contact_id), None)
    usable = [one for one in accounts if not one.disabled and one.mailbox.is_deliverable]
    registered = [one for one in usable if belongs_to(one, contact_id, contact)]
    if chosen := registered[:1] or [one for one in usable if one.may_approve]:
        return _each_address_once(Recipient(one.mailbox, one.locale) for one in chosen)
    shut_out = [one for one in accounts if one.disabled]
    written: list[tuple[str, Mailbox]] = []
    if contact and not any(belongs_to(one, contact_id, contact) for one in shut_out):
        written.append((contact.contact_id, contact.mailbox))
    if customer:
        written.append(("", customer.mailbox))
    readers = {one.mailbox.key: one for one in usable}
    for contact_of_address, mailbox in written:
        if not mailbox.is_deliverable or any(one.mailbox.key == mailbox.key for one in shut_out):
            continue
        if reader := readers.get(mailbox.key):
            return (Recipient(reader.mailbox, reader.locale),)
        return (Recipient(mailbox, default_locale, has_account=False, contact_id=contact_of_address),)
    return ()


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
    for code in dict.fromkeys(filter(None, clerk_codes)):
        clerk = clerks.get(code)
        if clerk and clerk.mailbox.is_deliverable:
            found.append(Recipient(clerk.mailbox, locales.get(code, default_locale)))
        else:
            nameless.append(f"{one_line(clerk.name)} ({code})" if clerk else code)
    if nameless or not found:
        found.append(Recipient(fallback, default_locale, stands_in_for=tuple(nameless)))
    return _each_address_once(found)


def choose_sender(clerk: Clerk | None, portal: Mailbox) -> Mailbox:
    """The clerk with his own address, or with the portal's where he has none."""
    if clerk is None:
        return portal
    if clerk.mailbox.is_deliverable:
        return clerk.mailbox
    return Mailbox(f"{one_line(clerk.name)} ({portal.name})", portal.address)


def belongs_to(account: Account, contact_id: str, contact: Contact | None) -> bool:
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
