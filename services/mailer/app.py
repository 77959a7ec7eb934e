"""Puts mailer together."""

from datetime import timedelta

import structlog

from services.mailer.composing import Composer
from services.mailer.delivery import SmtpConnection, wire_address
from services.mailer.effects import Composing, Delivery
from services.mailer.letters import Company
from services.mailer.repository import queue, waiting
from services.mailer.settings import MailerSettings
from services.mailer.subscriptions import SUBSCRIPTIONS
from services.mailer.use_cases.mail_room import MailRoom
from shared.database import Pool
from shared.process import EffectLoop, Service
from shared.sealing import LINK_TOKENS, Seal
from shared.storage import FolderStorage
from shared.web import create_application

_log = structlog.get_logger()

# One attempt ends well within the lease, so that no other copy sends the same mail meanwhile.
_SHARE_OF_LEASE = 0.75


def create_service(settings: MailerSettings, pool: Pool) -> Service:
    secret = settings.internal_secret.get_secret_value()
    # No routes: what became of a mail is told by events.
    application = create_application([], pool=pool, internal_secret=secret)
    company = Company(
        name=settings.company_name,
        imprint=settings.company_imprint,
        colour=settings.brand_colour,
        public_url=settings.public_url,
        time_zone=settings.time_zone,
    )
    server = settings.smtp_server
    if server.username and server.security == "plain":
        _log.warning("smtp_password_unencrypted", host=server.host, advice="use smtp+starttls:// or smtps://")
    room = MailRoom(
        Composer(),
        company,
        portal=settings.portal,
        fallback=settings.fallback,
        default_locale=settings.default_locale,
        request_delay=timedelta(seconds=settings.request_mail_delay_seconds),
        copies_to_clerk=settings.copy_to_clerk,
    )
    delivery = Delivery(
        pool,
        room,
        connection=SmtpConnection(
            server,
            own_domain=wire_address(settings.mail_from).rpartition("@")[2],
            ca_file=settings.smtp_ca_file,
            seconds=settings.delivery_lease_seconds * _SHARE_OF_LEASE,
        ),
        storage=FolderStorage(settings.storage_folder),
        seal=Seal(secret.encode(), LINK_TOKENS),
        lease=timedelta(seconds=settings.delivery_lease_seconds),
    )
    return Service(
        application,
        subscriptions=SUBSCRIPTIONS,
        loops=(
            EffectLoop("composing", waiting.CHANNEL, Composing(pool, room).perform_next),
            EffectLoop("delivery", queue.CHANNEL, delivery.perform_next),
        ),
    )
