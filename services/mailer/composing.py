"""What a mail says: templates filled for one recipient. Who gets it and how it travels is not known here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from services.mailer.model import Attachment, Clerk, Content, Picture, Recipient, one_line
from shared.colour import parse_colour, text_colour_on, write_colour
from shared.events.approvals import ApprovalRecorded, ApprovalRequested, Decision
from shared.events.sync import File
from shared.i18n import formats
from shared.names import initials

TEMPLATES = Path(__file__).parent / "templates"
# Outlook shows no WebP; and a mail shall stay small.
_PICTURE_TYPES = ("image/jpeg", "image/png")
_PICTURE_BYTES = 400_000
_PICTURES = 4


@dataclass(frozen=True)
class Company:
    """The dealer, as every mail shows him. `imprint` has line ends; `colour` is #rrggbb."""

    name: str
    imprint: str
    colour: str
    public_url: str

    @property
    def imprint_lines(self) -> tuple[str, ...]:
        return tuple(filter(None, (line.strip() for line in self.imprint.replace("|", "\n").splitlines())))

    @property
    def text_colour(self) -> str:
        """Of text on the brand colour."""
        return write_colour(text_colour_on(parse_colour(self.colour)))

    def url(self, path: str) -> str:
        return f"{self.public_url.rstrip('/')}{path}"


@dataclass(frozen=True)
class ProofCard:
    """A proof as a mail shows it. `picture` is the content id of its preview, if there is one."""

    title: str
    version: int
    position_numbers: tuple[str, ...]
    url: str
    picture: str


@dataclass(frozen=True)
class ClerkCard:
    name: str
    email: str
    phone: str
    initials: str
    picture: str


@dataclass(frozen=True)
class DecisionCard:
    """`kind` is approved, approved_with_changes or changes_requested; `decided_at` in the reader's form."""

    kind: Decision
    person: str
    customer: str
    decided_at: str
    comment: str
    record_name: str


class Composer:
    """Fills the templates. Each mail is rendered once and then stored."""

    def __init__(self, company: Company, *, time_zone: str, folder: Path = TEMPLATES) -> None:
        self._company = company
        self._time_zone = time_zone
        # Operators edit these templates: a sandbox, and an unknown name is an error instead of a gap.
        self._environment = SandboxedEnvironment(
            loader=FileSystemLoader(folder),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    def request(
        self, requests: Sequence[ApprovalRequested], recipient: Recipient, clerk: Clerk | None
    ) -> Content:
        """Please approve: one or several proofs of one order."""
        pictures: list[Picture] = []
        proofs = [self._proof(request, request.preview, pictures) for request in requests]
        order_url = self._company.url(f"/orders/{requests[0].document_id}")
        return self._render(
            "approval_requested",
            recipient,
            clerk,
            pictures,
            order_number=one_line(requests[0].order_number),
            proofs=proofs,
            action_url=proofs[0].url if len(proofs) == 1 else order_url,
        )

    def confirmation(self, decision: ApprovalRecorded, recipient: Recipient, customer_name: str) -> Content:
        """To the clerk: what the customer decided."""
        return self._decided(
            "approval_confirmed", decision, recipient, customer_name=customer_name, clerk=None
        )

    def receipt(
        self, decision: ApprovalRecorded, recipient: Recipient, customer_name: str, clerk: Clerk | None
    ) -> Content:
        """To the customer: what he decided."""
        return self._decided(
            "decision_receipt", decision, recipient, customer_name=customer_name, clerk=clerk
        )

    def _decided(
        self,
        template: str,
        decision: ApprovalRecorded,
        recipient: Recipient,
        *,
        customer_name: str,
        clerk: Clerk | None,
    ) -> Content:
        record = decision.record
        proof = self._proof(decision, None, [])
        return self._render(
            template,
            recipient,
            clerk,
            [],
            attachments=(Attachment(record.sha256, record.name, record.media_type),),
            order_number=one_line(decision.order_number),
            proof=proof,
            decision=DecisionCard(
                kind=decision.decision,
                person=one_line(decision.person_name),
                customer=one_line(customer_name) or decision.customer_number,
                decided_at=formats(recipient.locale, self._time_zone).moment(decision.decided_at),
                comment=decision.comment.strip(),
                record_name=one_line(record.name),
            ),
            action_url=proof.url,
        )

    def _render(
        self,
        template: str,
        recipient: Recipient,
        clerk: Clerk | None,
        pictures: list[Picture],
        *,
        attachments: tuple[Attachment, ...] = (),
        **variables: Any,
    ) -> Content:
        variables |= {
            "company": self._company,
            "recipient": recipient,
            "clerk": self._clerk(clerk, pictures),
            "imprint_url": self._company.url("/imprint"),
            "privacy_url": self._company.url("/privacy"),
        }
        folder = f"{template}/{recipient.locale}"
        subject = one_line(self._environment.get_template(f"{folder}/subject.txt").render(variables))
        html = self._environment.get_template(f"{folder}/body.html").render(variables, subject=subject)
        text = self._environment.get_template(f"{folder}/body.txt").render(variables)
        return Content(subject, text.strip() + "\n", self._inliner.inline(html), tuple(pictures), attachments)

    def _proof(
        self, told: ApprovalRequested | ApprovalRecorded, preview: File | None, pictures: list[Picture]
    ) -> ProofCard:
        picture = ""
        if len(pictures) < _PICTURES:
            picture = _embed(preview, f"proof-{len(pictures) + 1}", pictures)
        return ProofCard(
            title=one_line(told.title) or one_line(told.file_name),
            version=told.version,
            position_numbers=told.position_numbers,
            url=self._company.url(f"/proofs/{told.version_id}"),
            picture=picture,
        )

    def _clerk(self, clerk: Clerk | None, pictures: list[Picture]) -> ClerkCard | None:
        if clerk is None:
            return None
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
