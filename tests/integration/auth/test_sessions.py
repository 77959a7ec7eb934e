"""Logging in, staying logged in, and how it ends."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from argon2 import PasswordHasher

from shared.api import auth as api
from shared.database import Pool
from shared.errors import CockpitError, ForbiddenError, NotFoundError
from shared.web import SYSTEM, ServiceClient
from tests.integration.auth.conftest import QUICK_HASHER
from tests.integration.auth.test_accounts import ERIKA, SABINE, create

HOME = "203.0.113.7"


async def log_in(
    auth: ServiceClient, *, email: str = ERIKA.email, password: str = ERIKA.password, network: str = HOME
) -> api.Session:
    body = api.LogIn(email=email, password=password, network_address=network)
    return await auth.post("/sessions", body, api.Session, who=SYSTEM)


async def find(auth: ServiceClient, token: str) -> api.Account:
    return await auth.post("/sessions/find", api.FindSession(token=token), api.Account, who=SYSTEM)


async def refused(
    auth: ServiceClient, *, times: int = 1, email: str = ERIKA.email, network: str = HOME
) -> CockpitError:
    """The last of so many refusals of a wrong password."""
    for _ in range(times):
        with pytest.raises(ForbiddenError) as caught:
            await log_in(auth, email=email, password="not this one", network=network)
    return caught.value


async def test_a_log_in_opens_a_session_that_is_found(auth: ServiceClient) -> None:
    account = await create(auth, ERIKA)
    session = await log_in(auth, email=" erika@MUSTER-ag.de")
    assert session.account == account
    assert await find(auth, session.token) == account


async def test_only_the_hash_of_the_token_is_stored(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    token = (await log_in(auth)).token
    assert len(token) >= 43, "256 bits"
    stored = await pool.fetchval(
        "SELECT encode(token_hash, 'escape') || encode(token_hash, 'base64') FROM session"
    )
    assert token not in stored


async def test_each_log_in_has_a_session_of_its_own(auth: ServiceClient) -> None:
    await create(auth, ERIKA)
    phone, desk = await log_in(auth), await log_in(auth)
    await auth.call("POST", "/sessions/end", who=SYSTEM, body=api.EndSession(token=phone.token))
    await find(auth, desk.token)
    with pytest.raises(NotFoundError):
        await find(auth, phone.token)


async def test_log_ins_of_one_person_at_the_same_moment_all_succeed(auth: ServiceClient) -> None:
    """They share their counters, and take them in one order: none waits for another in a circle."""
    await create(auth, ERIKA)
    await log_in(auth)
    for _ in range(6):
        sessions = await asyncio.gather(*(log_in(auth) for _ in range(4)))
        assert len({session.token for session in sessions}) == 4


async def test_ending_a_session_twice_or_one_that_never_was_is_no_error(auth: ServiceClient) -> None:
    for _ in range(2):
        await auth.call("POST", "/sessions/end", who=SYSTEM, body=api.EndSession(token="never was"))


async def test_staff_are_logged_out_sooner_than_customers(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    await create(auth, SABINE)
    await log_in(auth)
    await log_in(auth, email=SABINE.email, password=SABINE.password)
    rows = await pool.fetch(
        "SELECT idle_until - started_at AS idle, expires_at - started_at AS longest"
        " FROM session ORDER BY idle"
    )
    assert [row["idle"] for row in rows] == [timedelta(hours=12), timedelta(days=7)]
    assert [row["longest"] for row in rows] == [timedelta(days=7), timedelta(days=30)]


async def test_an_idle_session_ends(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    session = await log_in(auth)
    await pool.execute("UPDATE session SET idle_until = now() - interval '1 second'")
    with pytest.raises(NotFoundError):
        await find(auth, session.token)


async def test_a_session_in_use_goes_on_but_not_beyond_its_end(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    session = await log_in(auth)
    await pool.execute("UPDATE session SET idle_until = now() + interval '1 hour'")
    await find(auth, session.token)
    assert await pool.fetchval("SELECT idle_until > now() + interval '6 days' FROM session")
    await pool.execute(
        "UPDATE session SET idle_until = now() + interval '1 hour', expires_at = now() + interval '2 hour'"
    )
    await find(auth, session.token)
    assert await pool.fetchval("SELECT idle_until = expires_at FROM session")


async def test_the_sessions_of_a_disabled_account_are_dead(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    session = await log_in(auth)
    await pool.execute("UPDATE account SET disabled_at = now()")
    with pytest.raises(NotFoundError):
        await find(auth, session.token)
    with pytest.raises(ForbiddenError) as caught:
        await log_in(auth)
    assert caught.value.code == "WrongCredentialsError"


async def test_the_sessions_of_a_deleted_account_are_gone(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    session = await log_in(auth)
    await pool.execute("DELETE FROM account")
    with pytest.raises(NotFoundError):
        await find(auth, session.token)


async def test_a_wrong_password_and_an_unknown_address_are_refused_alike(
    auth: ServiceClient, pool: Pool
) -> None:
    await create(auth, ERIKA)
    known, unknown = await refused(auth), await refused(auth, email="nobody@muster-ag.de")
    assert (known.code, known.message, known.fields) == (unknown.code, unknown.message, unknown.fields)
    assert known.code == "WrongCredentialsError"
    assert await pool.fetchval("SELECT count(*) FROM session") == 0


async def test_a_hash_of_older_parameters_is_renewed_at_the_log_in(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    old = PasswordHasher(time_cost=2, memory_cost=64).hash(ERIKA.password)
    await pool.execute("UPDATE account SET password_hash = $1", old)
    await log_in(auth)
    renewed = await pool.fetchval("SELECT password_hash FROM account")
    assert renewed != old
    assert not QUICK_HASHER().check_needs_rehash(renewed)
    await log_in(auth)


async def test_after_some_failures_even_the_right_password_waits_and_then_works(
    auth: ServiceClient, pool: Pool
) -> None:
    await create(auth, ERIKA)
    await refused(auth, times=5)
    with pytest.raises(ForbiddenError) as caught:
        await log_in(auth)
    assert caught.value.code == "TooManyAttemptsError"
    assert datetime.fromisoformat(caught.value.fields["retry_at"]) > datetime.now(UTC)
    assert 0 < int(caught.value.fields["retry_after_seconds"]) <= 15
    await let_the_wait_pass(pool)
    await log_in(auth)
    await refused(auth, times=4)
    await log_in(auth)


async def let_the_wait_pass(pool: Pool) -> None:
    await pool.execute("UPDATE throttle SET blocked_until = now() - interval '1 second'")


async def test_a_log_says_from_which_network_a_log_in_failed(auth: ServiceClient) -> None:
    await create(auth, ERIKA)
    with structlog.testing.capture_logs() as logs:
        await refused(auth, times=6, network="203.0.113.77")
    said = [(line["event"], line["network"]) for line in logs if line["event"].startswith("log_in_")]
    assert said == [("log_in_refused", "203.0.113.0/24")] * 5 + [("log_in_throttled", "203.0.113.0/24")]


async def test_an_unknown_address_is_throttled_like_a_known_one(auth: ServiceClient) -> None:
    await refused(auth, times=5, email="nobody@muster-ag.de")
    assert (await refused(auth, email="nobody@muster-ag.de")).code == "TooManyAttemptsError"


async def test_attempts_at_the_same_moment_are_counted_before_a_password_is_looked_at(
    auth: ServiceClient,
) -> None:
    await create(auth, ERIKA)
    codes = [error.code for error in await asyncio.gather(*(refused(auth) for _ in range(12)))]
    assert codes.count("WrongCredentialsError") == 5
    assert codes.count("TooManyAttemptsError") == 7


async def test_a_stranger_elsewhere_does_not_lock_the_owner_out(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    await log_in(auth, network=HOME)
    await fail_from_everywhere(auth, pool)
    await log_in(auth, network=HOME)


async def test_the_owner_at_home_does_not_let_the_strangers_go_on(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    await log_in(auth, network=HOME)
    await fail_from_everywhere(auth, pool)
    of_strangers = "SELECT throttle FROM throttle WHERE throttle_key LIKE 'account:%'"
    before = await pool.fetchval(of_strangers)
    await log_in(auth, network=HOME)
    assert before is not None
    assert await pool.fetchval(of_strangers) == before


async def test_many_strangers_make_a_new_place_wait_for_a_minute_at_most(
    auth: ServiceClient, pool: Pool
) -> None:
    await create(auth, ERIKA)
    await fail_from_everywhere(auth, pool)
    with pytest.raises(ForbiddenError) as caught:
        await log_in(auth, network="192.0.2.1")
    assert int(caught.value.fields["retry_after_seconds"]) <= 60
    await let_the_wait_pass(pool)
    await log_in(auth, network="192.0.2.1")


async def fail_from_everywhere(auth: ServiceClient, pool: Pool) -> None:
    """So many networks fail at Erika's account that their common counter blocks."""
    await refused(auth, network="198.51.100.1")
    await pool.execute("UPDATE throttle SET failures = 1000 WHERE throttle_key LIKE 'account:%'")
    await refused(auth, network="198.51.100.2")
    assert (await refused(auth, network="198.51.100.3")).code == "TooManyAttemptsError"


async def test_one_network_that_tries_many_accounts_is_throttled(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    await refused(auth, email="somebody@muster-ag.de")
    await pool.execute("UPDATE throttle SET failures = 39 WHERE throttle_key LIKE 'network:%'")
    await refused(auth, email="somebody.else@muster-ag.de")
    with pytest.raises(ForbiddenError) as caught:
        await log_in(auth)
    assert caught.value.code == "TooManyAttemptsError"
    await log_in(auth, network="192.0.2.1")
