"""The published language: one module per publisher. Importing this package registers all events."""

from shared.events import approvals, auth, gateway, mailer, sync
from shared.events.base import Event, Record, event_class, registered_events

__all__ = [
    "Event",
    "Record",
    "approvals",
    "auth",
    "event_class",
    "gateway",
    "mailer",
    "registered_events",
    "sync",
]
