"""How mails leave: what holds, what the operator changes, and whether the server takes a mail."""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from services.mailer.delivery import Envelope, UndeliverableError, put_in_envelope, wire_address
from services.mailer.letters import accounts
from services.mailer.model.mails import Mail
from services.mailer.model.recipients import Mailbox, Recipient, one_line
from services.mailer.model.settings import MailSettings, change_settings
from services.mailer.repository import queue
from services.mailer.repository import settings as repository
from services.mailer.use_cases.mail_room import MailRoom, Office, load_settings
from shared.database import Transaction
from shared.database.wake import notify
from shared.errors import InvalidError


async def prepare_change(
    transaction: Transaction,
    room: MailRoom,
    change: MailSettings,
    *,
    password: str | None,
    by: str,
    now: datetime,
) -> MailSettings:
    """The settings as they would be. Raises InvalidError, see change_settings."""
    before = await load_settings(transaction, room)
    changed = change_settings(before, change, password=password, by=by, now=now)
    try:
        wire_address(changed.sender)
    except UndeliverableError as error:
        raise InvalidError("These settings cannot work.", fields={"sender": "malformed"}) from error
    return changed


async def save_settings(transaction: Transaction, room: MailRoom, settings: MailSettings) -> None:
    """They hold for all copies from the next mail on."""
    password = settings.server.password
    sealed = replace(settings.server, password=room.seal.close(password) if password else "")
    await repository.save_settings(transaction, replace(settings, server=sealed))
    await _try_again(transaction)


async def reset_settings(transaction: Transaction) -> None:
    """The environment's values hold again."""
    await repository.remove_settings(transaction)
    await _try_again(transaction)


async def _try_again(transaction: Transaction) -> None:
    """What the former server postponed need not wait any longer."""
    await queue.make_due(transaction)
    await notify(transaction, queue.CHANNEL)


def make_test_mail(office: Office, *, recipient: Mailbox, locale: str, now: datetime) -> Envelope:
    """By the settings of this office. Raises InvalidError where the recipient's address is none."""
    # Without the logo, whose file would have to be read first.
    company = replace(office.company, logo=None)
    letter = accounts.test_smtp(company, Recipient(recipient, locale), now)
    mail = Mail(
        mail_id=uuid4(),
        cause="smtp_test",
        recipient=recipient.address,
        template=letter.template,
        version_ids=(),
        shown_from=Mailbox(one_line(company.name), ""),
        shown_to=(recipient,),
        reply_to=None,
        content=office.composer.compose(letter, company),
        queued_at=now,
        due_at=now,
    )
    try:
        return put_in_envelope(mail, {}, portal=office.portal)
    except UndeliverableError as error:
        raise InvalidError("This is no address.", fields={"recipient": "malformed"}) from error
