"""What composing needs to know, and how a letter gets into the queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.mailer.composing import Composer
from services.mailer.delivery import wire_address
from services.mailer.letters.letter import Company, Letter, TemplateName, copy_of
from services.mailer.model.mails import Content, Mail, SealedLink, mail_id_of
from services.mailer.model.recipients import Clerk, Mailbox, Recipient, choose_clerk_recipients, choose_sender
from services.mailer.model.settings import MailSettings
from services.mailer.repository import queue, recipients
from services.mailer.repository import settings as repository
from services.mailer.use_cases.branding import load_company
from shared.database import Transaction
from shared.events.mailer import MailDrafted, MailFailed, MailSent
from shared.messaging import outbox
from shared.sealing import Seal, UnsealableError

NO_ADDRESS = "Nobody of this customer has a usable e-mail address."
SMTP_PASSWORD = "smtp password"  # noqa: S105 - the purpose of a seal

_log = structlog.get_logger()


@dataclass(frozen=True)
class MailRoom:
    """What the process knows from its start; `company` and `defaults` hold until an operator sets others."""

    composer: Composer
    company: Company
    defaults: MailSettings
    default_locale: str
    sample_patience: timedelta
    seal: Seal
    """For the password of the mail server."""


@dataclass(frozen=True)
class Office:
    """The room as it is set at this moment."""

    composer: Composer
    company: Company
    settings: MailSettings
    default_locale: str

    @property
    def portal(self) -> Mailbox:
        return Mailbox(self.company.name, self.settings.sender)

    @property
    def fallback(self) -> Mailbox:
        return Mailbox(self.company.name, self.settings.fallback_address)


async def open_office(transaction: Transaction, room: MailRoom) -> Office:
    return Office(
        room.composer,
        await load_company(transaction, room.company),
        settings=await load_settings(transaction, room),
        default_locale=room.default_locale,
    )


async def load_settings(transaction: Transaction, room: MailRoom) -> MailSettings:
    """What the operator set, else what the environment says."""
    stored = await repository.find_settings(transaction)
    if stored is None:
        return room.defaults
    sealed = stored.server.password
    try:
        password = room.seal.open(sealed) if sealed else ""
    except UnsealableError:
        # Composing goes on, and mails wait until the operator has entered the password again.
        _log.error("smtp_password_unsealable", advice="enter the password of the mail server again")
        return replace(stored, server=replace(stored.server, password=""), password_is_lost=True)
    return replace(stored, server=replace(stored.server, password=password))


# From the portal


async def queue_letter(
    transaction: Transaction,
    office: Office,
    letter: Letter,
    *,
    cause: str,
    now: datetime,
    reply_to: Mailbox | None = None,
    link: SealedLink | None = None,
    customer_number: str = "",
) -> None:
    """To its recipient, from the portal."""
    mail = await _make_mail(
        transaction, office, letter, letter.recipient.mailbox, cause=cause, reply_to=reply_to, now=now
    )
    await _add(transaction, replace(mail, link=link, customer_number=customer_number))


async def queue_for_clerks(
    transaction: Transaction,
    office: Office,
    clerk_codes: Sequence[str],
    make: Callable[[Recipient], Letter],
    *,
    cause: str,
    now: datetime,
    reply_to: Mailbox | None = None,
) -> None:
    """One letter to each of the clerks, or to the fallback address that stands in for them."""
    for recipient in choose_clerk_recipients(
        clerk_codes,
        await recipients.list_clerks(transaction, clerk_codes),
        await recipients.list_clerk_locales(transaction, clerk_codes),
        fallback=office.fallback,
        default_locale=office.default_locale,
    ):
        await queue_letter(transaction, office, make(recipient), cause=cause, reply_to=reply_to, now=now)


async def queue_sample(
    transaction: Transaction,
    office: Office,
    content: Content,
    recipient: Recipient,
    *,
    template: TemplateName,
    cause: str,
    now: datetime,
) -> None:
    """What the operator tries on himself."""
    mail = _mail(office, content, recipient.mailbox, template=template, cause=cause, reply_to=None, now=now)
    await _add(transaction, mail)


# From a clerk


async def queue_from_clerk(
    transaction: Transaction,
    office: Office,
    letters: Sequence[Letter],
    clerk: Clerk | None,
    *,
    cause: str,
    now: datetime,
    customer_number: str,
    link: SealedLink | None = None,
    version_ids: tuple[UUID, ...] = (),
) -> None:
    """In the clerk's name, to all recipients of one cause: by SMTP with a copy to him, or as drafts for him.

    Where nobody is known who could send a draft, the mail goes out by SMTP.
    """
    can_write = clerk is not None and clerk.mailbox.is_deliverable
    as_drafts = office.settings.way == "outlook" and can_write
    for letter in letters:
        mail = await _make_mail(
            transaction,
            office,
            letter,
            letter.recipient.mailbox,
            cause=cause,
            clerk=clerk,
            reply_to=reply_address(clerk, office),
            now=now,
        )
        about = replace(mail, link=link, version_ids=version_ids, customer_number=customer_number)
        await _add(transaction, replace(about, state="draft" if as_drafts else "queued"))
    written_to = tuple(one.recipient.mailbox for one in letters if one.recipient.mailbox.is_deliverable)
    if clerk and can_write and written_to and office.settings.copy_to_clerk and not as_drafts:
        # A mail of its own rather than a Bcc: neither's refusal touches the other. It asks nobody, hence it
        # has no version_ids, and it lets nobody in, hence it has no personal link.
        copy = await _make_mail(
            transaction,
            office,
            copy_of(letters[0]),
            clerk.mailbox,
            cause=f"{cause}/copy",
            clerk=clerk,
            reply_to=reply_address(clerk, office),
            now=now,
        )
        await _add(transaction, replace(copy, shown_to=written_to))


def reply_address(clerk: Clerk | None, office: Office) -> Mailbox:
    return clerk.mailbox if clerk and clerk.mailbox.is_deliverable else office.fallback


async def find_clerk(transaction: Transaction, clerk_codes: Sequence[str]) -> Clerk | None:
    """The first that is known; the clerk who assigned comes first."""
    clerks = await recipients.list_clerks(transaction, clerk_codes)
    return next((clerks[code] for code in clerk_codes if code in clerks), None)


async def name_of_customer(transaction: Transaction, customer_number: str) -> str:
    customer = await recipients.find_customer(transaction, customer_number)
    return customer.name if customer else ""


# The queue


async def _make_mail(
    transaction: Transaction,
    office: Office,
    letter: Letter,
    recipient: Mailbox,
    *,
    cause: str,
    now: datetime,
    reply_to: Mailbox | None,
    clerk: Clerk | None = None,
) -> Mail:
    own_words = await repository.find_words(transaction, letter.template, letter.recipient.locale)
    content = office.composer.compose(letter, office.company, own_words)
    mail = _mail(
        office, content, recipient, template=letter.template, cause=cause, reply_to=reply_to, now=now
    )
    if clerk is None:
        return mail
    sender = choose_sender(clerk, mail.shown_from)
    return replace(mail, shown_from=sender, clerk_code=clerk.clerk_code)


def _mail(
    office: Office,
    content: Content,
    recipient: Mailbox,
    *,
    template: TemplateName,
    cause: str,
    reply_to: Mailbox | None,
    now: datetime,
) -> Mail:
    return Mail(
        mail_id=mail_id_of(cause, recipient.address),
        cause=cause,
        recipient=recipient.address,
        template=template,
        version_ids=(),
        # The portal's address is filled in when the mail goes out: by then it may be another.
        shown_from=Mailbox(office.company.name, ""),
        shown_to=(recipient,),
        reply_to=reply_to,
        content=content,
        queued_at=now,
        due_at=now,
        message_domain=wire_address(office.settings.sender).rpartition("@")[2],
    )


async def _add(transaction: Transaction, mail: Mail) -> None:
    """Where there is no address the mail fails at once, and that is told."""
    if not Mailbox("", mail.recipient).is_deliverable:
        mail = mail.failed(NO_ADDRESS, mail.queued_at)
    if await queue.add_mail(transaction, mail) and mail.state != "queued":
        await tell(transaction, mail)


async def tell(transaction: Transaction, mail: Mail) -> None:
    """That a mail waits for its clerk, is sent, or never will be."""
    told = {"mail_id": mail.mail_id, "template": mail.template, "version_ids": mail.version_ids}
    if mail.state == "draft":
        await outbox.add(transaction, MailDrafted(**told, clerk_code=mail.clerk_code))
    elif mail.state == "sent":
        await outbox.add(transaction, MailSent(**told))
    else:
        await outbox.add(transaction, MailFailed(**told, reason=mail.reason))
