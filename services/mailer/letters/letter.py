"""A letter: what all mails have in common, before words and looks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.mailer.model.mails import TOKEN_PLACE, Attachment, Picture
from services.mailer.model.recipients import Clerk, Recipient, one_line
from services.mailer.words import Value
from shared.colour import parse_colour, text_colour_on, write_colour
from shared.events.sync import File
from shared.i18n import Formats, formats
from shared.names import initials

# Outlook shows no WebP; and a mail shall stay small.
_PICTURE_TYPES = ("image/jpeg", "image/png")
_PICTURE_BYTES = 400_000
PICTURES = 4
_LOGO_BOX = (240, 64)
"""Pixels of a mail that the logo stays within."""

TemplateName = Literal[
    "customer_invited",
    "password_reset",
    "approval_requested",
    "approval_confirmed",
    "decision_receipt",
    "changes_confirmed",
    "approval_outdated",
    "sample_waits",
    "account_registered",
    "staff_invited",
    "email_confirmation",
    "email_changed",
    "email_change_refused",
    "password_reset_requested",
    "password_changed",
    "smtp_test",
]
"""First the four that CDH's users know, under the titles they know; then the further ones."""

REGISTER_PATH = f"/register/{TOKEN_PLACE}"
WITHOUT_LINK: tuple[TemplateName, ...] = ("email_changed", "smtp_test")


@dataclass(frozen=True)
class Company:
    """The dealer, as every mail shows him. `imprint` has line ends; `colour` is #rrggbb.

    `logo_size` is in pixels of its file.
    """

    name: str
    imprint: str
    colour: str
    public_url: str
    time_zone: str
    logo: File | None = None
    logo_size: tuple[int, int] = (0, 0)

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
class LogoPicture:
    """Its content id, and its size in pixels of the mail: Outlook looks at nothing else."""

    picture: str
    width: int
    height: int


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
    logo: LogoPicture | None = None
    is_copy: bool = False

    @property
    def has_personal_link(self) -> bool:
        return TOKEN_PLACE in self.action_url


def copy_of(letter: Letter) -> Letter:
    """What the clerk sees of a mail in his name; a personal link belongs to the customer alone."""
    return replace(letter, is_copy=True, action_url="" if letter.has_personal_link else letter.action_url)


def make_letter(
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
    logo = _logo(company, shown)
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
        logo=logo,
    )


def _logo(company: Company, pictures: list[Picture]) -> LogoPicture | None:
    width, height = company.logo_size
    picture = embed(company.logo, "logo", pictures)
    if not picture or not width or not height:
        return None
    factor = min(_LOGO_BOX[0] / width, _LOGO_BOX[1] / height, 1)
    return LogoPicture(picture, max(1, round(width * factor)), max(1, round(height * factor)))


def _clerk_card(clerk: Clerk, pictures: list[Picture]) -> ClerkCard:
    name = one_line(clerk.name)
    return ClerkCard(
        name=name,
        email=clerk.mailbox.address if clerk.mailbox.is_deliverable else "",
        phone=one_line(clerk.phone),
        initials=initials(name) or clerk.clerk_code[:1].upper() or "?",
        picture=embed(clerk.picture, "clerk", pictures),
    )


def embed(file: File | None, content_id: str, pictures: list[Picture]) -> str:
    """The content id under which the picture travels, or nothing where readers could not show it."""
    if file is None or file.media_type not in _PICTURE_TYPES or file.size > _PICTURE_BYTES:
        return ""
    pictures.append(Picture(content_id, file.sha256, file.media_type))
    return content_id
