"""Accounts as rules. No passwords here (passwords.py), no input or output."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import emails
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.events.auth import Role

NAME_LENGTH = 80
_WEB_ADDRESS = re.compile(r"://|\bwww\.", re.IGNORECASE)
PASSWORD_FLOOR = 6
PASSWORD_CEILING = 64
"""Between these the operator chooses the minimum length of a password."""
_COMPARED_LENGTH = 4 * emails.LONGEST  # normalising takes time with the square of the length


class AccountNotFoundError(NotFoundError):
    """There is no such account, or it is disabled."""

    def __init__(self) -> None:
        super().__init__("This access does not exist.")


class OwnAccountError(ConflictError):
    """Nobody takes the access from himself."""

    def __init__(self) -> None:
        super().__init__("You cannot disable or delete your own access.")


class LastOperatorError(ConflictError):
    """Without an operator nobody could let anybody in again."""

    def __init__(self) -> None:
        super().__init__("This is the last operator. Please make somebody else an operator first.")


class EmailTakenError(ConflictError):
    """Another account has this address."""

    def __init__(self) -> None:
        super().__init__(
            "Another account has this e-mail address.", fields={"email": "Another account has this address."}
        )


class EmailUnchangedError(InvalidError):
    """The wished address is the one there is."""

    def __init__(self) -> None:
        message = "This is your address already."
        super().__init__(message, fields={"email": message})


@dataclass(frozen=True)
class Account:
    account_id: UUID
    role: Role
    name: str
    email: str
    locale: str
    customer_number: str
    contact_id: str
    clerk_code: str
    may_approve: bool
    revision: int = 1

    def is_same_access(self, other: "Account") -> bool:
        """Whether both open the same door, whatever the names."""
        return (self.role, self.customer_number, self.clerk_code) == (
            other.role,
            other.customer_number,
            other.clerk_code,
        )


@dataclass(frozen=True)
class ListedAccount:
    """An account as operators see it. `customer_name` is empty for staff and for customers not told yet."""

    account: Account
    customer_name: str
    created_at: datetime
    last_login_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True)
class ListWish:
    """Which rows of a list: of customers or of staff, all words found, a page of them."""

    of_customers: bool | None
    customer_number: str
    words: tuple[str, ...]
    limit: int
    offset: int


def check_account(account: Account) -> None:
    """Raises InvalidError with every field that is at fault."""
    faults = {
        "name": "Please enter a name." if not account.name else name_fault(account.name),
        "email": email_fault(account.email),
        "locale": locale_fault(account.locale),
    }
    if (account.role == "customer") != bool(account.customer_number):
        faults["customer_number"] = "A customer has a customer number, nobody else."
    if account.role == "clerk" and not account.clerk_code:
        faults["clerk_code"] = "A clerk has a short code."
    refuse_faults(faults)


def refuse_faults(faults: dict[str, str]) -> None:
    """Raises InvalidError if a field has a fault; the empty text is none."""
    if found := {field: fault for field, fault in faults.items() if fault}:
        raise InvalidError("Some of the details are missing or not as expected.", fields=found)


def check_minimum_length(minimum_length: int) -> None:
    """Raises InvalidError at the field."""
    if not PASSWORD_FLOOR <= minimum_length <= PASSWORD_CEILING:
        fault = f"Please choose a length from {PASSWORD_FLOOR} to {PASSWORD_CEILING}."
        raise InvalidError(fault, fields={"minimum_length": fault})


def name_fault(name: str) -> str:
    if len(name) > NAME_LENGTH or not name.isprintable():
        return f"Please enter a name of at most {NAME_LENGTH} printable characters."
    if _WEB_ADDRESS.search(name):
        return "Please enter a name without web addresses."  # mails to others would show them as links
    return ""


def known_name(name: str) -> str:
    """A name of CDH's; one that nobody may enter here is left out, and its person enters his own."""
    return "" if name.isprintable() and name_fault(name) else name


def email_fault(email: str) -> str:
    if not emails.is_email_address(email):
        return "Please enter an e-mail address such as name@example.com."
    return ""


def locale_fault(locale: str) -> str:
    return "" if locale in ("de", "en") else "Only de and en are spoken here."


def email_key(email: str) -> str:
    """The address as it is compared: without case, and without different ways to write one letter."""
    # PostgreSQL knows no zero character, and no address has one.
    text = email.strip()[:_COMPARED_LENGTH].replace("\0", "\ufffd")
    return unicodedata.normalize("NFKC", text).casefold()


def own_words(account: Account, *company_names: str) -> tuple[str, ...]:
    """Words a stranger would try first: the person's name and address, and the companies."""
    email = account.email.partition("@")
    domain = email[2].rpartition(".")[0]
    parts = " ".join((account.name, email[0], domain, *company_names, account.customer_number))
    return tuple(word for word in re.split(r"[^\w]+|_", parts.casefold()) if len(word) >= 3)
