"""What a good password is, and that hashing leaves the event loop."""

import asyncio
import threading
from typing import Any

import pytest
import zxcvbn
from argon2 import PasswordHasher

from services.auth import passwords as module
from services.auth.passwords import (
    PasswordCommonError,
    PasswordOwnWordsError,
    Passwords,
    PasswordsBusyError,
    PasswordTooLongError,
    PasswordTooShortError,
    check_password,
)
from shared.errors import InvalidError

OWN_WORDS = ("sabine", "berger", "werbetex", "nord")


# With zxcvbn's whole search each costs seconds: signs that may stand for many letters, many times over.
CRAFTED = (
    "{%86(5$5|<(54|024$63%(!444+4|<0473$5+3133$940+([9(!707<99%57|%@53|0[1+18",
    "{[(<|!1" * 9 + "{[(<|!1x",
)


def check(password: str, *, minimum_length: int = 6) -> None:
    check_password(password, minimum_length=minimum_length, own_words=OWN_WORDS)


@pytest.mark.parametrize(
    "password",
    ["tpz4kq", "Erdbeer-Kuchen", "drei Wörter reichen", "Berger mag Rhabarberkuchen", "ñandú-17-xq"],
)
def test_a_password_that_nobody_guesses_is_accepted(password: str) -> None:
    check(password)


@pytest.mark.parametrize("letters", ["\u0301" * 60_000 + "\u0323" * 60_000, "a\u0323\u0302" * 900])
def test_an_endless_password_is_too_long_and_costs_little(letters: str) -> None:
    """Normalising the marks as a whole would hold the process for half a minute."""
    with pytest.raises(PasswordTooLongError):
        check(letters)


@pytest.mark.parametrize("password", [*CRAFTED, "aaaaaaaaaaaaaaaa-Rhabarber-im-Regen", "tpz4kq" * 12])
def test_a_crafted_password_is_weighed_by_short_ends_of_plain_signs(
    password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search takes time with the length, and with how many signs stand for one letter."""
    weighed: list[str] = []
    search = zxcvbn.zxcvbn

    def spy(text: str, **options: Any) -> Any:
        weighed.append(text)
        return search(text, **options)

    monkeypatch.setattr(zxcvbn, "zxcvbn", spy)
    check(password)
    assert 1 <= len(weighed) <= 2
    for text in weighed:
        assert len(text) <= module.WEIGHED_LENGTH
        assert not set(text) & set("{[<|")


@pytest.mark.parametrize("password", ["", "tpz4k", "ab"])
def test_a_password_shorter_than_the_minimum_is_refused_with_the_minimum(password: str) -> None:
    with pytest.raises(PasswordTooShortError, match="at least 6"):
        check(password)


def test_the_operator_may_ask_for_more() -> None:
    with pytest.raises(PasswordTooShortError, match="at least 10"):
        check("tpz4kqwx9", minimum_length=10)


def test_a_password_that_nobody_types_is_refused() -> None:
    with pytest.raises(PasswordTooLongError):
        check("tpz4kq" * 50)


@pytest.mark.parametrize(
    "password",
    [
        *("123456", "passwort", "Passwort1", "qwertz123", "hallo123", "aaaaaaaa", "02.03.1985", "1q2w3e4r"),
        *("!@#$%^&*", "p@$$w0rd", "a" * 80, "kuchen9" * 9, "12345678901234567890", "a" * 30 + "b" * 30),
        "abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_a_common_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordCommonError, match="three words"):
        check(password)


@pytest.mark.parametrize(
    "password", ["berger", "Berger2026", "sabine.berger", "Werbetex!99", "BERGERSABINE", "nord-85"]
)
def test_a_password_made_of_own_name_or_company_is_refused(password: str) -> None:
    with pytest.raises(PasswordOwnWordsError, match="your own name"):
        check(password)


def test_each_refusal_stands_at_the_field() -> None:
    with pytest.raises(InvalidError) as caught:
        check("123456")
    assert caught.value.fields["password"] == caught.value.message


async def test_a_hash_says_which_password_is_right() -> None:
    passwords = Passwords()
    password_hash = await passwords.hash("drei Wörter reichen")
    assert password_hash.startswith("$argon2id$")
    assert await passwords.is_right("drei Wörter reichen", password_hash)
    assert not await passwords.is_right("drei Worter reichen", password_hash)
    passwords.close()


async def test_the_same_letters_are_the_same_password_however_the_keyboard_writes_them() -> None:
    passwords = Passwords()
    password_hash = await passwords.hash("Mu\u0308ller-Brot")
    assert await passwords.is_right("M\u00fcller-Brot", password_hash)
    passwords.close()


async def test_no_password_is_right_where_there_is_no_account() -> None:
    passwords = Passwords()
    await passwords.prepare()
    assert not await passwords.is_right("nobody has this password", None)
    passwords.close()


async def test_a_missing_account_costs_a_whole_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords()
    await passwords.prepare()
    compared: list[str] = []
    verify = PasswordHasher.verify

    def spy(self: PasswordHasher, password_hash: str, password: str) -> bool:
        compared.append(password_hash)
        return verify(self, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", spy)
    own = await passwords.hash("tpz4kq")
    await passwords.is_right("wrong", own)
    await passwords.is_right("wrong", None)
    assert len(compared) == 2
    assert compared[0].split("$")[:4] == compared[1].split("$")[:4], "the same parameters, so the same time"
    passwords.close()


async def test_a_hash_of_other_parameters_is_outdated() -> None:
    passwords = Passwords()
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8192).hash("tpz4kq"))
    assert not passwords.is_outdated(await passwords.hash("tpz4kq"))
    passwords.close()


async def test_a_log_in_does_not_wait_for_passwords_that_are_being_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords, let_go = Passwords(), threading.Event()
    monkeypatch.setattr(module, "check_password", lambda *_, **__: let_go.wait())
    choices = [
        asyncio.create_task(passwords.check("tpz4kq", minimum_length=6, own_words=()))
        for _ in range(module.WORKERS + 1)
    ]
    try:
        assert await passwords.hash("one")
        assert not any(choice.done() for choice in choices)
    finally:
        let_go.set()
        await asyncio.gather(*choices)
        passwords.close()


async def test_who_would_wait_too_long_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 1)
    passwords = Passwords()
    first = asyncio.create_task(passwords.hash("one"))
    await asyncio.sleep(0)  # let it take its place
    with pytest.raises(PasswordsBusyError):
        await passwords.hash("two")
    assert await first
    assert await passwords.hash("three"), "the place is free again"
    passwords.close()
