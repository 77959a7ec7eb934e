"""The rules of accounts, sessions and the throttle, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.model.accounts import Account, check_account, email_key, own_words
from services.auth.model.sessions import Session, SessionLifetime
from services.auth.model.throttle import (
    AT_ACCOUNT,
    AT_ACCOUNT_FROM_NETWORK,
    FORGET_AFTER,
    MAIL_TO_ADDRESS,
    AttemptKeys,
    Throttle,
    TooManyAttemptsError,
    network_of,
    network_prefix,
)
from shared.errors import InvalidError

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CUSTOMER = Account(
    account_id=uuid4(),
    role="customer",
    name="Erika Muster",
    email="erika@muster-ag.de",
    locale="de",
    customer_number="10023",
    contact_id="1",
    clerk_code="",
    may_approve=True,
)


def test_a_good_account_is_accepted() -> None:
    check_account(CUSTOMER)
    check_account(replace(CUSTOMER, email="müller@exämple.de"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Erika\r\nBcc: x"}, "name"),
        ({"email": "erika"}, "email"),
        ({"email": "erika@muster"}, "email"),
        ({"email": "erika@muster-ag.de\r\nBcc: a@b.de"}, "email"),
        ({"email": "erika muster@muster-ag.de"}, "email"),
        ({"email": "a@" + "b" * 260 + ".de"}, "email"),
        ({"locale": "fr"}, "locale"),
        ({"customer_number": ""}, "customer_number"),
        ({"role": "clerk", "customer_number": ""}, "clerk_code"),
        ({"role": "operator"}, "customer_number"),
    ],
)
def test_a_faulty_field_is_named(change: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        check_account(replace(CUSTOMER, **change))  # type: ignore[arg-type]  # the faults are the point
    assert set(caught.value.fields) == {field}


def test_an_address_is_compared_without_case_and_spaces() -> None:
    assert email_key(" Erika@Muster-AG.de ") == email_key("erika@muster-ag.de")


def test_an_endless_address_is_compared_by_its_beginning_only() -> None:
    """Normalising these marks as a whole would hold the process for half a minute."""
    assert len(email_key("\u0301" * 60_000 + "\u0323" * 60_000)) < 2000


def test_own_words_are_those_a_stranger_would_try() -> None:
    words = own_words(CUSTOMER, "Werbetex Nord GmbH")
    assert {"erika", "muster", "werbetex", "nord", "10023"} <= set(words)
    assert "ag" not in words, "too short to be a word in a password"
    assert "de" not in words


def test_a_session_is_prolonged_but_never_beyond_its_end() -> None:
    lifetime = SessionLifetime(idle=timedelta(hours=12), longest=timedelta(hours=20))
    session = Session.start("token", CUSTOMER, lifetime, now=NOW)
    assert session.idle_until == NOW + timedelta(hours=12)
    later = session.used(lifetime, now=NOW + timedelta(hours=6))
    assert later.idle_until == NOW + timedelta(hours=18)
    assert later.used(lifetime, now=NOW + timedelta(hours=17)).idle_until == NOW + timedelta(hours=20)


def test_a_request_a_moment_later_is_not_worth_writing_down() -> None:
    lifetime = SessionLifetime(idle=timedelta(hours=12), longest=timedelta(hours=20))
    session = Session.start("token", CUSTOMER, lifetime, now=NOW)
    assert session.used(lifetime, now=NOW + timedelta(seconds=30)) is session


def test_a_session_never_holds_its_token() -> None:
    session = Session.start("the-token", CUSTOMER, SessionLifetime(timedelta(1), timedelta(1)), now=NOW)
    assert b"the-token" not in session.token_hash
    assert len(session.token_hash) == 32


def fail(throttle: Throttle, times: int, now: datetime) -> Throttle:
    for _ in range(times):
        throttle = throttle.attempt(AT_ACCOUNT_FROM_NETWORK, now=now)
    return throttle


def test_the_first_failures_cost_no_wait() -> None:
    assert fail(Throttle("key"), AT_ACCOUNT_FROM_NETWORK.free - 1, NOW).blocked_until is None


def test_waits_double_up_to_a_longest() -> None:
    throttle, now, waits = fail(Throttle("key"), AT_ACCOUNT_FROM_NETWORK.free - 1, NOW), NOW, []
    for _ in range(10):
        throttle = throttle.attempt(AT_ACCOUNT_FROM_NETWORK, now=now)
        assert throttle.blocked_until
        waits.append((throttle.blocked_until - now).total_seconds())
        now = throttle.blocked_until
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900, 900]


def test_knocking_while_waiting_is_refused_with_the_time_and_prolongs_nothing() -> None:
    throttle = fail(Throttle("key"), AT_ACCOUNT_FROM_NETWORK.free, NOW)
    with pytest.raises(TooManyAttemptsError) as caught:
        throttle.attempt(AT_ACCOUNT_FROM_NETWORK, now=NOW + timedelta(seconds=5))
    assert caught.value.status == 403
    assert caught.value.fields == {
        "retry_at": (NOW + timedelta(seconds=15)).isoformat(),
        "retry_after_seconds": "10",
    }


def test_after_the_wait_one_more_attempt_is_looked_at() -> None:
    throttle = fail(Throttle("key"), AT_ACCOUNT_FROM_NETWORK.free, NOW)
    assert throttle.attempt(AT_ACCOUNT_FROM_NETWORK, now=NOW + timedelta(seconds=15)).failures == 6


@given(pauses=st.lists(st.floats(min_value=0, max_value=90), max_size=40))
def test_no_hour_holds_more_than_four_mails_to_somebody(pauses: list[float]) -> None:
    """`pauses` are minutes between the wishes; strangers may wish as often as they like."""
    throttle, now, sent = Throttle("key"), NOW, []
    for pause in pauses:
        now += timedelta(minutes=pause)
        try:
            throttle = throttle.attempt(MAIL_TO_ADDRESS, now=now)
        except TooManyAttemptsError:
            continue
        sent.append(now)
    for first, fifth in zip(sent, sent[4:], strict=False):
        assert fifth - first >= timedelta(hours=1)


def test_failures_are_forgotten_after_a_quiet_time() -> None:
    throttle = fail(Throttle("key"), AT_ACCOUNT_FROM_NETWORK.free - 1, NOW)
    assert throttle.attempt(AT_ACCOUNT_FROM_NETWORK, now=NOW + FORGET_AFTER * 2).failures == 1


def test_a_right_password_forgives_its_own_attempt_only() -> None:
    throttle = fail(Throttle("key"), AT_ACCOUNT_FROM_NETWORK.free, NOW).forgive()
    assert throttle.blocked_until is None
    assert throttle.failures == AT_ACCOUNT_FROM_NETWORK.free - 1


def test_strangers_from_everywhere_never_make_an_owner_wait_longer_than_a_minute() -> None:
    assert AT_ACCOUNT.wait_after(10_000) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_a_household_with_many_addresses_is_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("nowhere", "unknown"),
    ],
)
def test_a_log_holds_the_beginning_of_an_address_alone(address: str, prefix: str) -> None:
    assert network_prefix(address) == prefix


def test_counters_hold_no_addresses() -> None:
    keys = AttemptKeys.of("erika@muster-ag.de", "203.0.113.7", b"secret")
    assert not any("erika" in key or "203" in key.partition(":")[0] for key in keys.rules)
    assert keys == AttemptKeys.of("ERIKA@muster-ag.de", "203.0.113.7", b"secret")
    assert keys.from_network != AttemptKeys.of("a@b.de", "203.0.113.8", b"secret").from_network
