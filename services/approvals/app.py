"""Puts approvals together."""

from datetime import timedelta

from services.approvals.preparation import Preparation
from services.approvals.recording import Recording
from services.approvals.repository.queues import PREPARATION_CHANNEL, RECORD_CHANNEL
from services.approvals.repository.versions import erase_network_addresses
from services.approvals.routes import ROUTES, SETTINGS
from services.approvals.settings import ApprovalsSettings
from services.approvals.subscriptions import SUBSCRIPTIONS
from shared.database import Pool
from shared.effects import Housekeeping
from shared.process import EffectLoop, Service
from shared.storage import FolderStorage
from shared.web import create_application

TIDY_EVERY = timedelta(hours=1)


def create_service(settings: ApprovalsSettings, pool: Pool) -> Service:
    application = create_application(
        ROUTES, pool=pool, internal_secret=settings.internal_secret.get_secret_value()
    )
    application[SETTINGS] = settings
    storage = FolderStorage(settings.storage_folder)
    preparation = Preparation(pool, storage, settings)
    recording = Recording(pool, storage, settings)
    tidying = Housekeeping(pool, erase_network_addresses, every=TIDY_EVERY)
    return Service(
        application=application,
        subscriptions=SUBSCRIPTIONS,
        loops=(
            EffectLoop("preparation", PREPARATION_CHANNEL, preparation.perform_next),
            EffectLoop("recording", RECORD_CHANNEL, recording.perform_next),
            EffectLoop("housekeeping", None, tidying.perform_next),
        ),
    )
