"""What composing needs to know, and how a letter gets into the queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.mailer.composing import Composer
from services.mailer.letters import Company, Letter, TemplateName, copy_of
from services.mailer.model.mails import Content, Mail, SealedLink, mail_id_of
from services.mailer.model.recipients import Clerk, Mailbox, Recipient, choose_clerk_recipients, choose_sender
from services.mailer.repository import queue, recipients
from shared.database import Transaction
from shared.events.mailer import MailFailed, MailSent
from shared.messaging import outbox

NO_ADDRESS = "Nobody of this customer has a usable e-mail address."


@dataclass(frozen=True)
class MailRoom:
    """What composing needs to know beside what was heard."""

    composer: Composer
    company: Company
    portal: Mailbox
    fallback: Mailbox
    default_locale: str
    request_delay: timedelta
    copies_to_clerk: bool


async def queue_letter(
    transaction: Transaction,
    room: MailRoom,
    letter: Letter,
    *,
    cause: str,
    now: datetime,
    shown_from: Mailbox | None = None,
    reply_to: Mailbox | None = None,
    link: SealedLink | None = None,
    version_ids: tuple[UUID, ...] = (),
) -> None:
    """To its recipient, from the portal unless somebody else is named."""
    await queue_content(
        transaction,
        room.composer.compose(letter, room.company),
        letter.recipient.mailbox,
        cause=cause,
        template=letter.template,
        shown_from=shown_from or room.portal,
        reply_to=reply_to,
        link=link,
        version_ids=version_ids,
        now=now,
    )


async def queue_copy(
    transaction: Transaction,
    room: MailRoom,
    letter: Letter,
    clerk: Clerk | None,
    shown_to: Sequence[Recipient],
    *,
    cause: str,
    now: datetime,
) -> None:
    """To the clerk in whose name a letter goes out.

    A mail of its own rather than a Bcc: neither's refusal touches the other. It asks nobody, hence it has
    no version_ids, and it lets nobody in, hence it has no personal link.
    """
    if not (room.copies_to_clerk and clerk and clerk.mailbox.is_deliverable):
        return
    await queue_content(
        transaction,
        room.composer.compose(copy_of(letter), room.company),
        clerk.mailbox,
        cause=f"{cause}/copy",
        template=letter.template,
        shown_from=choose_sender(clerk, room.portal),
        shown_to=tuple(recipient.mailbox for recipient in shown_to),
        reply_to=reply_address(clerk, room),
        now=now,
    )


async def queue_content(
    transaction: Transaction,
    content: Content,
    recipient: Mailbox,
    *,
    cause: str,
    template: TemplateName,
    shown_from: Mailbox,
    reply_to: Mailbox | None,
    now: datetime,
    link: SealedLink | None = None,
    version_ids: tuple[UUID, ...] = (),
    shown_to: tuple[Mailbox, ...] = (),
) -> None:
    """Queue a mail; where there is no address it fails at once, and that is told."""
    mail = Mail(
        mail_id=mail_id_of(cause, recipient.address),
        cause=cause,
        recipient=recipient.address,
        template=template,
        version_ids=version_ids,
        shown_from=shown_from,
        shown_to=shown_to or (recipient,),
        reply_to=reply_to,
        content=content,
        queued_at=now,
        due_at=now,
        link=link,
    )
    if not recipient.is_deliverable:
        mail = mail.record("refused", NO_ADDRESS, now=now, next_try_after=timedelta())
    if await queue.add_mail(transaction, mail) and mail.state == "failed":
        await tell_end(transaction, mail)


async def tell_end(transaction: Transaction, mail: Mail) -> None:
    """That a mail is sent, or never will be."""
    if mail.state == "sent":
        await outbox.add(
            transaction,
            MailSent(mail_id=mail.mail_id, template=mail.template, version_ids=mail.version_ids),
        )
    else:
        await outbox.add(
            transaction,
            MailFailed(
                mail_id=mail.mail_id, template=mail.template, version_ids=mail.version_ids, reason=mail.reason
            ),
        )


def reply_address(clerk: Clerk | None, room: MailRoom) -> Mailbox:
    return clerk.mailbox if clerk and clerk.mailbox.is_deliverable else room.fallback


async def find_clerk(transaction: Transaction, clerk_codes: Sequence[str]) -> Clerk | None:
    """The first that is known; the clerk who assigned comes first."""
    clerks = await recipients.list_clerks(transaction, clerk_codes)
    return next((clerks[code] for code in clerk_codes if code in clerks), None)


async def name_of_customer(transaction: Transaction, customer_number: str) -> str:
    customer = await recipients.find_customer(transaction, customer_number)
    return customer.name if customer else ""


async def queue_for_clerks(
    transaction: Transaction,
    room: MailRoom,
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
        fallback=room.fallback,
        default_locale=room.default_locale,
    ):
        await queue_letter(transaction, room, make(recipient), cause=cause, reply_to=reply_to, now=now)
