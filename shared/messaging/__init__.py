"""Commit and tell, hear and do: outbox, relay, bus, consumer, inbox. Nobody else knows the bus."""

from shared.messaging import outbox
from shared.messaging.consumer import Subscription
from shared.messaging.running import run_messaging

__all__ = ["Subscription", "outbox", "run_messaging"]
