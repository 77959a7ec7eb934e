"""Makes the one-time links of mails, and knows how long each is good."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from services.auth.model.sessions import token_hash
from shared.sealing import LINK_TOKENS, Seal


@dataclass(frozen=True)
class Link:
    """`token` is handed on once, sealed in an event; only its hash is stored."""

    token: str
    token_hash: bytes
    sealed_token: str


@dataclass(frozen=True)
class Terms:
    invitation: timedelta
    confirmation: timedelta
    reset: timedelta


class Links:
    def __init__(self, secret: bytes, terms: Terms) -> None:
        self._seal = Seal(secret, LINK_TOKENS)
        self.terms = terms

    def make(self) -> Link:
        token = secrets.token_urlsafe(32)
        return Link(token, token_hash(token), self._seal.close(token))
