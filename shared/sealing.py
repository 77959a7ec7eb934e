"""Secrets that must be read again, sealed before they lie in a database: links' tokens, passwords of servers.

What only has to be recognised (a password, a token at the door) is hashed instead.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from shared.errors import InvalidError


class UnsealableError(InvalidError):
    """The text was sealed with another secret, for another purpose, or is damaged."""


class Seal:
    """`purpose` keeps what is sealed for one use from being opened for another."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        key = hashlib.blake2b(
            b"seal:" + purpose.encode(), key=hashlib.sha256(secret).digest(), digest_size=32
        )
        self._fernet = Fernet(base64.urlsafe_b64encode(key.digest()))

    def close(self, text: str) -> str:
        """Another result each time."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises UnsealableError."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, ValueError) as error:
            raise UnsealableError("A sealed secret cannot be opened.") from error


LINK_TOKENS = "link tokens"
"""The purpose of tokens that travel in events to the mail that carries their link."""
