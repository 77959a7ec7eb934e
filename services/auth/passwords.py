"""Passwords: argon2id hashes computed away from the event loop, and what a good password is."""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import CockpitError, InvalidError

Result = TypeVar("Result")

LONGEST = 256
# One hash takes some 100 ms and 64 MB; whoever would wait longer than the gateway does is told so at once.
WORKERS = 2
WAITING = 60
# zxcvbn's estimate for six characters chosen freely: what is easier to guess than that is refused.
ENOUGH_GUESSES = 10**6
LETTERS_BESIDE_OWN_WORDS = 6
# zxcvbn's time grows steeply with the length and with the signs that may stand for a letter. Of two ends as
# long as this it answers in some 15 ms, whatever they are made of, because no sign stands for many letters.
WEIGHED_LENGTH = 16
_ONE_SIGN_FOR_EACH_LETTER = str.maketrans("{[<|", "(((!")
# So does the time of normalising; what is longer than this stays longer than LONGEST however it is written.
_NORMALISED_LONGEST = 8 * LONGEST


class PasswordTooShortError(InvalidError):
    """Shorter than the operator allows."""


class PasswordTooLongError(InvalidError):
    """Longer than anybody types."""


class PasswordOwnWordsError(InvalidError):
    """Made of the person's own name, address or company."""


class PasswordCommonError(InvalidError):
    """Among the first that anybody would try."""


class PasswordsBusyError(CockpitError):
    """So many log-ins wait for their turn that one more would wait in vain."""

    status = 503


def check_password(password: str, *, minimum_length: int, own_words: Iterable[str]) -> None:
    """Raises an InvalidError that says how to mend it. No rule says which characters there must be."""
    password = _normal(password)
    if len(password) < minimum_length:
        raise _refused(PasswordTooShortError, f"Please choose at least {minimum_length} characters.")
    if len(password) > LONGEST:
        raise _refused(PasswordTooLongError, f"Please choose at most {LONGEST} characters.")
    words = sorted({_normal(word).casefold() for word in own_words}, key=len, reverse=True)
    if _is_made_of(password, words):
        raise _refused(
            PasswordOwnWordsError,
            "This password is made of your own name, address or company. "
            "Please choose one that nobody can guess from knowing you, for instance three words in a row.",
        )
    if _is_guessed_soon(password, words):
        raise _refused(
            PasswordCommonError,
            "This password is among the first that strangers try. "
            "Please choose a longer one, for instance three words in a row.",
        )


def _refused(kind: type[InvalidError], message: str) -> InvalidError:
    return kind(message, fields={"password": message})


def _normal(password: str) -> str:
    """Keyboards and systems write one letter in different ways; to the person it is the same letter."""
    return unicodedata.normalize("NFKC", password[:_NORMALISED_LONGEST])


def _is_made_of(password: str, own_words: list[str]) -> bool:
    rest = password.casefold()
    for word in own_words:
        rest = rest.replace(word, " ")
    is_changed = rest != password.casefold()
    return is_changed and len(re.sub(r"[\W_]", "", rest)) < LETTERS_BESIDE_OWN_WORDS


def _is_guessed_soon(password: str, own_words: list[str]) -> bool:
    """A long password is as good as the better one of its ends, a repeated one as what it repeats."""
    if len(password) > WEIGHED_LENGTH:
        password = password[: (password + password).index(password, 1)]
    ends = dict.fromkeys((password[:WEIGHED_LENGTH], password[-WEIGHED_LENGTH:]))
    return all(_guesses(end, own_words) < ENOUGH_GUESSES for end in ends)


def _guesses(text: str, own_words: list[str]) -> float:
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its word lists take 14 MB, needed only where a password is chosen

    return float(zxcvbn(text.translate(_ONE_SIGN_FOR_EACH_LETTER), user_inputs=own_words)["guesses"])


class _Workers:
    """Threads for one kind of work, and how many wait for them."""

    def __init__(self, workers: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=workers, thread_name_prefix=name)
        self._waiting = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= WAITING:
            raise PasswordsBusyError("Too many log-ins at the same time. Please try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


class Passwords:
    """Hashes and compares with argon2id's default parameters, at most WORKERS at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._hashing = _Workers(WORKERS, "passwords")
        # Apart, so that no choice of a password keeps log-ins waiting. One, because zxcvbn keeps the person's
        # own words in a place that all its calls share.
        self._checking = _Workers(1, "new-passwords")
        self._nobodys_hash = ""

    async def prepare(self) -> None:
        """Make the hash that stands in where there is no account, so that both take the same time."""
        self._nobodys_hash = await self.hash("nobody has this password")

    async def check(self, password: str, *, minimum_length: int, own_words: Iterable[str]) -> None:
        """check_password, away from the event loop."""
        words = tuple(own_words)
        await self._checking.run(
            lambda: check_password(password, minimum_length=minimum_length, own_words=words)
        )

    async def hash(self, password: str) -> str:
        return await self._hashing.run(lambda: self._hasher.hash(_normal(password)))

    async def is_right(self, password: str, password_hash: str | None) -> bool:
        """Whether the password belongs to the hash; None takes as long and never does."""
        right = await self._hashing.run(lambda: self._verify(password_hash or self._nobodys_hash, password))
        return right and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with parameters other than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        self._hashing.close()
        self._checking.close()

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, _normal(password)[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
