"""A forgotten password: who gets a link, what it does, and what strangers learn."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.api import auth as api
from shared.database import Pool
from shared.errors import ForbiddenError, InvalidError, NotFoundError
from shared.events.auth import PasswordChanged, PasswordResetRequested
from shared.process import EffectLoop
from shared.web import SYSTEM, ServiceClient
from tests.integration.auth.people import everything_stored, know_customer, opened, perform_all, told
from tests.integration.auth.test_accounts import ERIKA, create
from tests.integration.auth.test_sessions import HOME, find, let_the_wait_pass, log_in, refused

NEW = "drei nasse steine"


async def request_reset(auth: ServiceClient, *, email: str = ERIKA.email, network: str = HOME) -> None:
    body = api.RequestPasswordReset(email=email, network_address=network)
    await auth.call("POST", "/password-resets", who=SYSTEM, body=body)


async def reset_link(auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]) -> str:
    """The token of a new link for Erika."""
    await request_reset(auth)
    await perform_all(loops["resetting"])
    return opened((await told(pool, PasswordResetRequested))[-1].sealed_token)


async def look(auth: ServiceClient, token: str) -> api.OpenPasswordReset:
    return await auth.post(
        "/password-resets/find", api.FindPasswordReset(token=token), api.OpenPasswordReset, who=SYSTEM
    )


async def reset(auth: ServiceClient, token: str, *, password: str = NEW, network: str = HOME) -> None:
    body = api.ResetPassword(token=token, password=password, network_address=network)
    await auth.call("POST", "/password-resets/accept", who=SYSTEM, body=body)


async def test_who_forgot_the_password_gets_a_link_for_an_hour(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    account = await create(auth, ERIKA)
    await request_reset(auth, email=" erika@MUSTER-AG.de")
    await perform_all(loops["resetting"])
    [event] = await told(pool, PasswordResetRequested)
    assert (event.account_id, event.email, event.name) == (account.account_id, ERIKA.email, ERIKA.name)
    assert timedelta(minutes=59) < event.expires_at - datetime.now(UTC) <= timedelta(hours=1)
    token = opened(event.sealed_token)
    assert len(token) >= 43, "256 bits"
    assert token not in await everything_stored(pool)
    assert await look(auth, token) == api.OpenPasswordReset(email=ERIKA.email, minimum_length=6)


async def test_known_and_unknown_addresses_are_treated_alike_until_nobody_waits_for_the_answer(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    """What differs happens in the loop, after the answer: there is nothing to measure."""
    await create(auth, ERIKA)
    for table in ("outbox", "throttle"):
        await pool.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own tables
    traces = []
    for email in (ERIKA.email, "nobody@muster-ag.de", "no address at all", "zero\0"):
        await request_reset(auth, email=email)
        traces.append(
            await pool.fetchrow(
                "SELECT (SELECT count(*) FROM password_reset_request), (SELECT count(*) FROM throttle),"
                " (SELECT count(*) FROM password_reset), (SELECT count(*) FROM outbox)"
            )
        )
    assert [tuple(trace) for trace in traces if trace] == [(n, n + 1, 0, 0) for n in (1, 2, 3, 4)]
    await perform_all(loops["resetting"])
    assert len(await told(pool, PasswordResetRequested)) == 1


async def test_a_disabled_account_gets_no_link(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await create(auth, ERIKA)
    token = await reset_link(auth, pool, loops)
    await pool.execute("UPDATE account SET disabled_at = now()")
    await request_reset(auth)
    await perform_all(loops["resetting"])
    assert len(await told(pool, PasswordResetRequested)) == 1
    with pytest.raises(NotFoundError):
        await reset(auth, token)


async def test_a_reset_changes_the_password_and_ends_every_session(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    account = await create(auth, ERIKA)
    sessions = [await log_in(auth), await log_in(auth)]
    await reset(auth, await reset_link(auth, pool, loops))
    for session in sessions:
        with pytest.raises(NotFoundError):
            await find(auth, session.token)
    with pytest.raises(ForbiddenError):
        await log_in(auth)
    await log_in(auth, password=NEW)
    [event] = await told(pool, PasswordChanged)
    assert (event.account_id, event.email, event.by_reset) == (account.account_id, ERIKA.email, True)


async def test_a_link_works_once_also_for_two_at_the_same_moment(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await create(auth, ERIKA)
    token = await reset_link(auth, pool, loops)
    outcomes = await asyncio.gather(
        reset(auth, token), reset(auth, token, password="vier trockene wege"), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if outcome] == [NotFoundError]
    with pytest.raises(NotFoundError):
        await look(auth, token)
    assert len(await told(pool, PasswordChanged)) == 1


async def test_a_new_link_takes_the_place_of_the_older_one(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await create(auth, ERIKA)
    first, second = await reset_link(auth, pool, loops), await reset_link(auth, pool, loops)
    with pytest.raises(NotFoundError):
        await reset(auth, first)
    await reset(auth, second)


async def test_an_expired_link_is_over(auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]) -> None:
    await create(auth, ERIKA)
    token = await reset_link(auth, pool, loops)
    await pool.execute("UPDATE password_reset SET expires_at = now() - interval '1 second'")
    with pytest.raises(NotFoundError) as caught:
        await look(auth, token)
    assert caught.value.code == "LinkOverError"
    with pytest.raises(NotFoundError):
        await reset(auth, token)


async def test_looking_at_the_link_changes_nothing(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await create(auth, ERIKA)
    token = await reset_link(auth, pool, loops)
    before = await everything_stored(pool)
    for _ in range(3):
        await look(auth, token)
    assert await everything_stored(pool) == before


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("12345", "PasswordTooShortError"),
        ("passwort", "PasswordCommonError"),
        ("erika-getriebe", "PasswordOwnWordsError"),
    ],
)
async def test_a_password_that_is_not_good_leaves_the_link_good(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop], password: str, code: str
) -> None:
    await know_customer(pool)
    await create(auth, ERIKA)
    token = await reset_link(auth, pool, loops)
    with pytest.raises(InvalidError) as caught:
        await reset(auth, token, password=password)
    assert (caught.value.code, set(caught.value.fields)) == (code, {"password"})
    await reset(auth, token)


async def test_after_a_reset_one_logs_in_at_once_however_often_it_failed_before(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await create(auth, ERIKA)
    await refused(auth, times=5)
    assert (await refused(auth)).code == "TooManyAttemptsError"
    await reset(auth, await reset_link(auth, pool, loops))
    await log_in(auth, password=NEW)


# The throttle


async def test_an_address_gets_a_few_mails_and_then_waits_known_or_not(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await create(auth, ERIKA)
    for email in (ERIKA.email, "nobody@muster-ag.de"):
        for number in range(3):
            await request_reset(auth, email=email, network=f"198.51.100.{number}")
        with pytest.raises(ForbiddenError) as caught:
            await request_reset(auth, email=email, network="198.51.100.9")
        assert caught.value.code == "TooManyAttemptsError"
        assert 1100 < int(caught.value.fields["retry_after_seconds"]) <= 1200
    await perform_all(loops["resetting"])
    assert len(await told(pool, PasswordResetRequested)) == 3
    await let_the_wait_pass(pool)
    await request_reset(auth)


async def test_one_network_cannot_have_mails_sent_to_everybody(auth: ServiceClient) -> None:
    for number in range(15):
        await request_reset(auth, email=f"person{number}@muster-ag.de")
    with pytest.raises(ForbiddenError) as caught:
        await request_reset(auth, email="one.more@muster-ag.de")
    assert caught.value.code == "TooManyAttemptsError"
    await request_reset(auth, email="one.more@muster-ag.de", network="192.0.2.1")


async def test_requests_of_resets_never_keep_anybody_from_logging_in(auth: ServiceClient) -> None:
    await create(auth, ERIKA)
    for number in range(3):
        await request_reset(auth, network=f"198.51.100.{number}")
    await log_in(auth, network="198.51.100.1")
