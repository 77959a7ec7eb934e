"""What each mail is about: from an event to the fields, proofs and link of one mail to one recipient.

The words stand in templates/, how they become a mail in composing.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from services.mailer.model.mails import TOKEN_PLACE, Attachment, Picture
from services.mailer.model.recipients import Clerk, Recipient, one_line
from services.mailer.words import Value
from shared.colour import parse_colour, text_colour_on, write_colour
from shared.events.approvals import ApprovalOutdated, ApprovalRecorded, ApprovalRequested
from shared.events.auth import (
    AccountRegistered,
    CustomerInvited,
    EmailChanged,
    EmailConfirmationRequested,
    PasswordChanged,
    PasswordResetRequested,
    StaffInvited,
)
from shared.events.sync import File
from shared.i18n import Formats, formats
from shared.names import initials

# Outlook shows no WebP; and a mail shall stay small.
_PICTURE_TYPES = ("image/jpeg", "image/png")
_PICTURE_BYTES = 400_000
_PICTURES = 4

TemplateName = Literal[
    "customer_invited",
    "password_reset",
    "approval_requested",
    "approval_confirmed",
    "decision_receipt",
    "approval_outdated",
    "account_registered",
    "staff_invited",
    "email_confirmation",
    "email_changed",
    "password_reset_requested",
    "password_changed",
    "smtp_test",
]
"""First the four that CDH's users know, under the titles they know; then the further ones."""

_REGISTER = f"/register/{TOKEN_PLACE}"
StaffRole = Literal["clerk", "operator"]
ConfirmationPurpose = Literal["registration", "change"]
WITHOUT_LINK: tuple[TemplateName, ...] = ("email_changed", "smtp_test")


@dataclass(frozen=True)
class Company:
    """The dealer, as every mail shows him. `imprint` has line ends; `colour` is #rrggbb."""

    name: str
    imprint: str
    colour: str
    public_url: str
    time_zone: str

    @property
    def imprint_lines(self) -> tuple[str, ...]:
        return tuple(filter(None, (line.strip() for line in self.imprint.replace("|", "\n").splitlines())))

    @property
    def text_colour(self) -> str:
        """Of text on the brand colour."""
        return write_colour(text_colour_on(parse_colour(self.colour)))

    def url(self, path: str) -> str:
        return f"{self.public_url.rstrip('/')}{path}"

    def formats(self, locale: str) -> Formats:
        return formats(locale, self.time_zone)


@dataclass(frozen=True)
class ProofCard:
    """A proof as a mail shows it. `picture` is the content id of its preview, if there is one."""

    title: str
    version: int
    position_numbers: tuple[str, ...]
    url: str
    picture: str = ""


@dataclass(frozen=True)
class ClerkCard:
    name: str
    email: str
    phone: str
    initials: str
    picture: str


@dataclass(frozen=True)
class Letter:
    """One mail to one recipient, before words and looks. `values` are the fields of its words.

    `action_url` is empty where there is nothing to go to. `is_copy`: for the clerk's eyes, hence
    without the personal link.
    """

    template: TemplateName
    recipient: Recipient
    values: dict[str, Value]
    action_url: str = ""
    clerk: ClerkCard | None = None
    proofs: tuple[ProofCard, ...] = ()
    comment: str = ""
    pictures: tuple[Picture, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    is_copy: bool = False

    @property
    def has_personal_link(self) -> bool:
        return TOKEN_PLACE in self.action_url


def copy_of(letter: Letter) -> Letter:
    """What the clerk sees of a mail in his name; a personal link belongs to the customer alone."""
    return replace(letter, is_copy=True, action_url="" if letter.has_personal_link else letter.action_url)


# Proofs


def request_approval(
    company: Company,
    requests: Sequence[ApprovalRequested],
    recipient: Recipient,
    clerk: Clerk | None,
    *,
    invitation_ends_at: datetime | None = None,
) -> Letter:
    """Please approve: one or several proofs of one order; with the link of an invitation, if there is one."""
    pictures: list[Picture] = []
    proofs = tuple(_proof(company, request, request.preview, pictures) for request in requests)
    order_path = f"/orders/{requests[0].document_id}"
    path = _REGISTER if invitation_ends_at else (_path_of(requests[0]) if len(proofs) == 1 else order_path)
    return _letter(
        company,
        "approval_requested",
        recipient,
        path=path,
        clerk=clerk,
        proofs=proofs,
        pictures=pictures,
        values={
            "order_number": one_line(requests[0].order_number),
            "proof_count": len(proofs),
            "titles": ", ".join(proof.title for proof in proofs),
            "has_access": recipient.has_account,
            "is_invited": invitation_ends_at is not None,
            "expires_at": company.formats(recipient.locale).moment(invitation_ends_at),
        },
    )


def confirm_approval(
    company: Company, decision: ApprovalRecorded, recipient: Recipient, customer_name: str
) -> Letter:
    """To the clerk: what the customer decided."""
    return _decided(
        company, "approval_confirmed", decision, recipient, customer_name=customer_name, clerk=None
    )


def acknowledge_decision(
    company: Company,
    decision: ApprovalRecorded,
    recipient: Recipient,
    customer_name: str,
    clerk: Clerk | None,
) -> Letter:
    """To the customer: what he decided."""
    return _decided(
        company, "decision_receipt", decision, recipient, customer_name=customer_name, clerk=clerk
    )


def tell_outdated(
    company: Company, outdated: ApprovalOutdated, recipient: Recipient, customer_name: str
) -> Letter:
    """To the clerk: an approval holds no longer, for the order was changed."""
    proof = _proof(company, outdated, None, [])
    return _letter(
        company,
        "approval_outdated",
        recipient,
        path=_path_of(outdated),
        values=_about_proof(proof, outdated.order_number, customer_name or outdated.customer_number)
        | {"positions": ", ".join(_changed_positions(outdated.changed))},
    )


def _decided(
    company: Company,
    template: TemplateName,
    decision: ApprovalRecorded,
    recipient: Recipient,
    *,
    customer_name: str,
    clerk: Clerk | None,
) -> Letter:
    record = decision.record
    proof = _proof(company, decision, None, [])
    about = _about_proof(proof, decision.order_number, customer_name or decision.customer_number)
    return _letter(
        company,
        template,
        recipient,
        path=_path_of(decision),
        clerk=clerk,
        values=about
        | {
            "decision": decision.decision,
            "person": one_line(decision.person_name),
            "decided_at": company.formats(recipient.locale).moment(decision.decided_at),
            "record": one_line(record.name),
        },
        comment=decision.comment.strip(),
        attachments=(Attachment(record.sha256, record.name, record.media_type),),
    )


def _about_proof(proof: ProofCard, order_number: str, customer_name: str) -> dict[str, Value]:
    return {
        "order_number": one_line(order_number),
        "title": proof.title,
        "version": proof.version,
        "customer": one_line(customer_name),
    }


def _changed_positions(changed: Sequence[str]) -> list[str]:
    """The numbers in what approvals tells ("2/quantity"); "customer" is about no position."""
    return list(dict.fromkeys(one.partition("/")[0] for one in changed if "/" in one))


# Accounts


def invite_customer(
    company: Company, invited: CustomerInvited, recipient: Recipient, customer_name: str, clerk: Clerk | None
) -> Letter:
    return _letter(
        company,
        "customer_invited",
        recipient,
        path=_REGISTER,
        clerk=clerk,
        values={
            "customer": one_line(customer_name) or invited.customer_number,
            "expires_at": company.formats(recipient.locale).moment(invited.expires_at),
        },
    )


def invite_staff(company: Company, invited: StaffInvited, recipient: Recipient) -> Letter:
    return _letter(
        company,
        "staff_invited",
        recipient,
        path=_REGISTER,
        values={
            "role": invited.role,
            "expires_at": company.formats(recipient.locale).moment(invited.expires_at),
        },
    )


def tell_registration(
    company: Company, registered: AccountRegistered, recipient: Recipient, customer_name: str
) -> Letter:
    """To the clerk who invited: his customer has an access now."""
    is_other = bool(registered.invited_email) and (
        registered.invited_email.casefold() != registered.email.casefold()
    )
    return _letter(
        company,
        "account_registered",
        recipient,
        path=f"/desk/customers/{quote(registered.customer_number, safe='')}",
        values={
            "person": one_line(registered.name),
            "customer": one_line(customer_name) or registered.customer_number,
            "customer_number": one_line(registered.customer_number),
            "email": one_line(registered.email),
            "invited_email": one_line(registered.invited_email) if is_other else "",
        },
    )


def confirm_email(company: Company, requested: EmailConfirmationRequested, recipient: Recipient) -> Letter:
    return _letter(
        company,
        "email_confirmation",
        recipient,
        path=f"/confirm/{TOKEN_PLACE}",
        values={
            "purpose": requested.purpose,
            "email": one_line(requested.email),
            "expires_at": company.formats(recipient.locale).moment(requested.expires_at),
        },
    )


def tell_email_change(company: Company, changed: EmailChanged, recipient: Recipient) -> Letter:
    """To the former address."""
    return _letter(
        company,
        "email_changed",
        recipient,
        values={
            "email": one_line(changed.email),
            "email_before": one_line(changed.email_before),
            "changed_at": company.formats(recipient.locale).moment(changed.occurred_at),
        },
    )


def offer_password_reset(company: Company, requested: PasswordResetRequested, recipient: Recipient) -> Letter:
    return _letter(
        company,
        "password_reset_requested",
        recipient,
        path=f"/reset/{TOKEN_PLACE}",
        values={
            "email": one_line(requested.email),
            "expires_at": company.formats(recipient.locale).moment(requested.expires_at),
        },
    )


def tell_password_change(company: Company, changed: PasswordChanged, recipient: Recipient) -> Letter:
    return _letter(
        company,
        "password_reset" if changed.by_reset else "password_changed",
        recipient,
        path="/login",
        values={
            "email": one_line(changed.email),
            "changed_at": company.formats(recipient.locale).moment(changed.occurred_at),
        },
    )


def test_smtp(company: Company, recipient: Recipient, now: datetime) -> Letter:
    """What the operator sends himself to see that mails arrive."""
    return _letter(
        company,
        "smtp_test",
        recipient,
        values={"sent_at": company.formats(recipient.locale).moment(now)},
    )


# What they have in common


def _letter(
    company: Company,
    template: TemplateName,
    recipient: Recipient,
    *,
    values: dict[str, Value],
    path: str = "",
    clerk: Clerk | None = None,
    proofs: tuple[ProofCard, ...] = (),
    comment: str = "",
    pictures: Sequence[Picture] = (),
    attachments: tuple[Attachment, ...] = (),
) -> Letter:
    shown = list(pictures)
    card = _clerk_card(clerk, shown) if clerk else None
    common: dict[str, Value] = {
        "company": one_line(company.name),
        "name": "" if recipient.stands_in_for else one_line(recipient.mailbox.name),
        "clerk": card.name if card else "",
    }
    return Letter(
        template,
        recipient,
        common | values,
        action_url=company.url(path) if path else "",
        clerk=card,
        proofs=proofs,
        comment=comment,
        pictures=tuple(shown),
        attachments=attachments,
    )


def _path_of(told: ApprovalRequested | ApprovalRecorded | ApprovalOutdated) -> str:
    return f"/proofs/{told.version_id}"


def _proof(
    company: Company,
    told: ApprovalRequested | ApprovalRecorded | ApprovalOutdated,
    preview: File | None,
    pictures: list[Picture],
) -> ProofCard:
    picture = ""
    if len(pictures) < _PICTURES:
        picture = _embed(preview, f"proof-{len(pictures) + 1}", pictures)
    return ProofCard(
        title=one_line(told.title) or one_line(told.file_name),
        version=told.version,
        position_numbers=told.position_numbers,
        url=company.url(_path_of(told)),
        picture=picture,
    )


def _clerk_card(clerk: Clerk, pictures: list[Picture]) -> ClerkCard:
    name = one_line(clerk.name)
    return ClerkCard(
        name=name,
        email=clerk.mailbox.address if clerk.mailbox.is_deliverable else "",
        phone=one_line(clerk.phone),
        initials=initials(name) or clerk.clerk_code[:1].upper() or "?",
        picture=_embed(clerk.picture, "clerk", pictures),
    )


def _embed(file: File | None, content_id: str, pictures: list[Picture]) -> str:
    """The content id under which the picture travels, or nothing where readers could not show it."""
    if file is None or file.media_type not in _PICTURE_TYPES or file.size > _PICTURE_BYTES:
        return ""
    pictures.append(Picture(content_id, file.sha256, file.media_type))
    return content_id
