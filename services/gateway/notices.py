"""What a page says about the step before it: a fixed table, named in a cookie by its key.

No address can make a page say something, and nobody can make it say anything else.
"""

from enum import Enum

from services.gateway.texts import N_


class Notice(Enum):
    """Kind of the message, and its text."""

    ADDRESS_CONFIRMED = ("success", N_("Your e-mail address is confirmed and you are logged in."))
    WELCOME = ("success", N_("Welcome. Your access is ready, and you are logged in."))

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text


def find_notice(key: str) -> Notice | None:
    return Notice.__members__.get(key)
