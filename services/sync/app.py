"""Puts the service together."""

from services.sync.files import CdhFiles
from services.sync.order_folder import OrderFolder
from services.sync.routes import FILES, OPEN_PATHS, ORDER_FOLDER, ROUTES, SETTINGS
from services.sync.settings import SyncSettings
from services.sync.subscriptions import SUBSCRIPTIONS
from services.sync.use_cases.order_folder import ORDER_FOLDER_CHANNEL
from shared.database import Pool
from shared.process import EffectLoop, Service
from shared.storage import FolderStorage
from shared.web import create_application


def create_service(settings: SyncSettings, pool: Pool) -> Service:
    storage = FolderStorage(settings.storage_folder)
    storage.remove_left_behind()
    application = create_application(
        ROUTES,
        pool=pool,
        internal_secret=settings.internal_secret.get_secret_value(),
        open_paths=OPEN_PATHS,
    )
    application[SETTINGS] = settings
    application[FILES] = CdhFiles(
        pool, storage, limit=settings.max_file_bytes, cdh_file_root=settings.cdh_file_root
    )
    order_folder = OrderFolder(
        pool,
        storage,
        root=settings.order_folder_root,
        pattern=settings.order_folder_pattern,
        lease=settings.lease,
    )
    application[ORDER_FOLDER] = order_folder
    return Service(
        application=application,
        subscriptions=SUBSCRIPTIONS,
        loops=(EffectLoop("order_folder", ORDER_FOLDER_CHANNEL, order_folder.write_next),),
    )
