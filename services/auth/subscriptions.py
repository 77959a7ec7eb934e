"""What auth hears: nothing yet. Its own facts are told from use_cases.py."""

from shared.messaging import Subscription

SUBSCRIPTIONS: tuple[Subscription, ...] = ()
