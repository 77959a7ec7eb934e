"""Puts mailer together."""

from datetime import datetime, timedelta

import structlog

from services.mailer.composing import Composer
from services.mailer.delivery import SmtpConnection, wire_address
from services.mailer.effects import Composing, Delivery
from services.mailer.letters.letter import Company
from services.mailer.model.settings import MailSettings
from services.mailer.packing import Packing
from services.mailer.repository import housekeeping, queue, waiting
from services.mailer.routes import ROUTES
from services.mailer.routes.tools import TOOLS, Tools
from services.mailer.settings import MailerSettings
from services.mailer.subscriptions import SUBSCRIPTIONS
from services.mailer.use_cases.mail_room import SMTP_PASSWORD, MailRoom
from shared.database import Pool, Transaction
from shared.effects import Housekeeping
from shared.process import EffectLoop, Service
from shared.sealing import LINK_TOKENS, Seal
from shared.storage import FolderStorage
from shared.web import create_application

_log = structlog.get_logger()

# One attempt ends well within the lease, so that no other copy sends the same mail meanwhile.
_SHARE_OF_LEASE = 0.75
TIDY_EVERY = timedelta(hours=1)


def create_service(settings: MailerSettings, pool: Pool) -> Service:
    secret = settings.internal_secret.get_secret_value()
    application = create_application(ROUTES, pool=pool, internal_secret=secret)
    company = Company(
        name=settings.company_name,
        imprint=settings.company_imprint,
        colour=settings.brand_colour,
        public_url=settings.public_url,
        time_zone=settings.time_zone,
    )
    defaults = settings.defaults
    if defaults.server.username and defaults.server.security == "none":
        _log.warning(
            "smtp_password_unencrypted", host=defaults.server.host, advice="use smtp+starttls:// or smtps://"
        )
    room = MailRoom(
        Composer(),
        company,
        defaults,
        default_locale=settings.default_locale,
        sample_patience=timedelta(hours=settings.sample_wait_hours),
        seal=Seal(secret.encode(), SMTP_PASSWORD),
    )

    def connect(now_set: MailSettings) -> SmtpConnection:
        return SmtpConnection(
            now_set.server,
            own_domain=wire_address(now_set.sender).rpartition("@")[2],
            ca_file=settings.smtp_ca_file,
            seconds=settings.delivery_lease_seconds * _SHARE_OF_LEASE,
        )

    packing = Packing(FolderStorage(settings.storage_folder), Seal(secret.encode(), LINK_TOKENS))
    application[TOOLS] = Tools(room, packing, settings.smtp_ca_file)
    delivery = Delivery(
        pool,
        room,
        connect=connect,
        packing=packing,
        lease=timedelta(seconds=settings.delivery_lease_seconds),
    )

    async def remove_old(transaction: Transaction, now: datetime) -> bool:
        return await housekeeping.remove_old(transaction, before=now - timedelta(days=settings.mail_days))

    return Service(
        application,
        subscriptions=SUBSCRIPTIONS,
        loops=(
            EffectLoop("composing", waiting.CHANNEL, Composing(pool, room).perform_next),
            EffectLoop("delivery", queue.CHANNEL, delivery.perform_next),
            EffectLoop("housekeeping", None, Housekeeping(pool, remove_old, every=TIDY_EVERY).perform_next),
        ),
    )
