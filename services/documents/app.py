"""Puts the service together."""

from services.documents.routes import ROUTES, TIME_ZONE
from services.documents.settings import DocumentsSettings
from services.documents.subscriptions import SUBSCRIPTIONS
from shared.database import Pool
from shared.process import Service
from shared.web import create_application


def create_service(settings: DocumentsSettings, pool: Pool) -> Service:
    application = create_application(
        ROUTES, pool=pool, internal_secret=settings.internal_secret.get_secret_value()
    )
    application[TIME_ZONE] = settings.time_zone
    return Service(application=application, subscriptions=SUBSCRIPTIONS)
