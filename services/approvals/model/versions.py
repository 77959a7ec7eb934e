"""The rules of proof approval: a version of a sample, its states, and what may become of it."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.approvals.model.orders import Change, Order, Position, changes, fingerprint
from shared.api.approvals import VersionState
from shared.errors import ConflictError, ForbiddenError, InvalidError
from shared.events.approvals import Decision as DecisionKind
from shared.events.sync import File, PrintDetails

MailState = Literal["", "queued", "draft", "sent", "failed"]

COMMENT_LIMIT = 4000
# Written right to left or hidden, they would show a reader something else than what was typed.
_HIDDEN = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


class ApprovalAlreadyDecidedError(ConflictError):
    """Somebody decided otherwise before."""


class ApprovalSupersededError(ConflictError):
    """A newer version took the place of this one."""


class ApprovalNotRequestedError(ConflictError):
    """The customer was not asked about this version yet."""


class ApprovalNoLongerHoldsError(ConflictError):
    """The order was changed after the approval, which is outdated."""


class OtherFileShownError(ConflictError):
    """The person saw another file than the one of this version."""


class OtherPositionsShownError(ConflictError):
    """The person saw the positions before the order was changed."""


class NothingToConfirmError(ConflictError):
    """No approval with changes stands here for a clerk to confirm."""


@dataclass(frozen=True, slots=True)
class Dealer:
    """Who stands at the head of the record. The logo is a PNG in the storage, its size in pixels."""

    name: str
    logo_sha256: str = ""
    logo_width: int = 0
    logo_height: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Who decides, as the record names him."""

    account_id: UUID
    name: str
    email: str
    company: str
    customer_number: str
    locale: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Complete in itself: what the Freigabeprotokoll says of it does not depend on later changes.

    `positions` are those the sample is for, as they stood then. Both text fields are empty
    for changes_requested, where nothing was agreed to.
    """

    decision_id: UUID
    decision: DecisionKind
    decided_at: datetime
    person: Person
    comment: str
    approval_text: str
    approval_text_version: str
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The pictures of one page; width and height of the large one in pixels."""

    number: int
    width: int
    height: int
    large_sha256: str
    thumb_sha256: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A clerk has read the changes that came with an approval, and stands for their being made.

    `positions` are those the sample is for, as they stood then: from now on the approval holds for these.
    """

    confirmed_at: datetime
    clerk_code: str
    clerk_name: str
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One file of a sample. A transition returns a new value, or the same object where nothing changes.

    `named_order_id` is the order where it was named by more than its number.
    """

    version_id: UUID
    sample_id: UUID
    version: int
    title: str
    order_number: str
    position_numbers: tuple[str, ...]
    file: File
    print_details: PrintDetails
    clerk_code: str
    assigned_at: datetime
    named_order_id: UUID | None = None
    state: VersionState = "waiting_for_order"
    document_id: UUID | None = None
    page_count: int = 0
    preview: File | None = None
    requested_at: datetime | None = None
    seen_at: datetime | None = None
    mail_state: MailState = ""
    mail_state_at: datetime | None = None
    decision: Decision | None = None
    confirmation: Confirmation | None = None
    changed: tuple[Change, ...] = ()

    def find_order(self, order: Order) -> "Version":
        """The order is known, with every position that the sample is for."""
        if self.state != "waiting_for_order" or not order.has(self.position_numbers):
            return self
        return replace(self, state="preparing", document_id=order.document_id)

    def request(self, now: datetime) -> "Version":
        """Its pages can be seen: from now on it waits for the customer."""
        if self.state != "preparing":
            return self
        return replace(self, state="pending", requested_at=now, mail_state="queued", mail_state_at=now)

    def request_anew(self, now: datetime) -> "Version":
        """Its order is another customer's now: he was not asked yet, and what the former one saw is over."""
        if self.state != "pending":
            return self
        return replace(self, requested_at=now, seen_at=None, mail_state="queued", mail_state_at=now)

    def show_pages(self, *, page_count: int, preview: File | None) -> "Version":
        """How many pages its file has, and the small picture of the first."""
        return replace(self, page_count=page_count, preview=preview)

    def see(self, now: datetime) -> "Version":
        """A person of the customer opened its page."""
        if self.requested_at is None or self.seen_at is not None:
            return self
        return replace(self, seen_at=now)

    def note_mail(self, state: MailState, at: datetime) -> "Version":
        """What became of the mails that ask for it; older news than what is known are ignored.

        Where several people are asked, it is sent once one of them has it, whatever became of the others'.
        """
        known_at = self.requested_at if state == "sent" else self.mail_state_at
        if self.mail_state == "sent" or (known_at is not None and at < known_at):
            return self
        return replace(self, mail_state=state, mail_state_at=at)

    def decide(self, decision: Decision, *, sha256: str, positions_sha256: str = "") -> "Version":
        """Take the decision of a person who saw the file `sha256` and positions of that fingerprint, if he
        says which. The same decision again changes nothing.

        Another comment on changes is another decision: nobody may believe that his correction was heard.
        """
        if self.state == "superseded":
            raise ApprovalSupersededError(
                "There is a newer version of this proof. Only the newest can be decided."
            )
        if sha256 != self.file.sha256:
            raise OtherFileShownError(
                "The file shown was not the file of this version. Please look at it again."
            )
        if decision.decision != "approved" and not decision.comment:
            raise InvalidError("Please say what is to be changed.", fields={"comment": "This is required."})
        if self.state == "outdated":
            raise ApprovalNoLongerHoldsError("The order was changed after this proof was approved.")
        if self.decision is not None:
            return self._decide_again(decision, self.decision)
        if self.state != "pending":
            raise ApprovalNotRequestedError("This proof is not ready to be decided.")
        if positions_sha256 not in ("", fingerprint(decision.positions)):
            raise OtherPositionsShownError("The order was changed meanwhile. Please look at it again.")
        return replace(self, state=decision.decision, decision=decision)

    def _decide_again(self, decision: Decision, before: Decision) -> "Version":
        same_comment = decision.decision == "approved" or decision.comment == before.comment
        if decision.decision == before.decision and same_comment:
            return self
        is_colleague = before.person.customer_number == decision.person.customer_number
        who = before.person.name if is_colleague else "Somebody"
        raise ApprovalAlreadyDecidedError(f"{who} has already decided on this proof.")

    def confirm(self, confirmation: Confirmation) -> "Version":
        """A clerk answers an approval with changes; the first one counts. It stays what it was: not clean."""
        if self.state != "approved_with_changes":
            raise NothingToConfirmError("There are no changes to confirm on this version any more.")
        return self if self.confirmation else replace(self, confirmation=confirmation)

    def supersede(self) -> "Version":
        """A newer version of the sample exists; a decision stays with it."""
        return self if self.state == "superseded" else replace(self, state="superseded")

    def outdate(self, order: Order) -> "Version":
        """Compare an approval with its order as it stands now; what was approved is kept in the decision.

        An approval with changes expects some until they are confirmed, and holds for the order as it was
        confirmed. What the former customer of an order decided holds for no other. A position that joined
        the order later is not covered by the approval and does not touch it.
        """
        if self.decision is None or self.state != self.decision.decision:
            return self
        changed: tuple[Change, ...] = ()
        former = self.decision.person.customer_number
        if order.customer_number != former:
            changed = (Change("", "customer", former, order.customer_number),)
        if changed or self.state == "approved":
            changed += changes(self.decision.positions, order)
        elif self.confirmation:
            changed = changes(self.confirmation.positions, order)
        return replace(self, state="outdated", changed=changed) if changed else self


@dataclass(frozen=True, slots=True)
class Wish:
    """Which versions a list shall hold. All `words` stand in the order number, the title or the file name."""

    document_id: UUID | None
    state: str | None
    queue: str | None
    clerk_code: str
    words: tuple[str, ...]
    limit: int
    offset: int


def clean_text(text: str) -> str:
    """What a person typed, without control characters and those that turn the reading direction."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        character
        for character in lines
        if character == "\n" or not (unicodedata.category(character) in {"Cc", "Cs"} or character in _HIDDEN)
    )
    return "".join(kept).strip()


def clean_comment(comment: str) -> str:
    cleaned = clean_text(comment.replace("\t", " "))
    if len(cleaned) > COMMENT_LIMIT:
        raise InvalidError(
            "The comment is too long.",
            fields={"comment": f"At most {COMMENT_LIMIT} characters are possible."},
        )
    return cleaned


def may_see(*, role: str, viewed_by: str) -> None:
    if role != "customer" or viewed_by:
        raise ForbiddenError("Only a person of the customer can have seen a proof.")


def may_decide(*, role: str, may_approve: bool, viewed_by: str) -> None:
    """Only a person of the customer who was given the right decides; no clerk does it for him."""
    if role != "customer" or viewed_by:
        raise ForbiddenError("Only the customer can decide on a proof.")
    if not may_approve:
        raise ForbiddenError("You may look at proofs, but not decide on them.")
