"""What a person does with his own account: password, address, name, sessions."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from shared.api import auth as api
from shared.database import Pool
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.events.auth import (
    AccountChanged,
    EmailChanged,
    EmailChangeRefused,
    EmailConfirmationRequested,
    PasswordChanged,
)
from shared.process import EffectLoop
from shared.web import SYSTEM, Identity, ServiceClient
from tests.integration.auth.people import know_customer, opened, told, told_names
from tests.integration.auth.test_accounts import ERIKA, SABINE, create
from tests.integration.auth.test_password_resets import NEW, reset, reset_link
from tests.integration.auth.test_registration import confirm, confirmation, find_confirmation
from tests.integration.auth.test_sessions import HOME, find, let_the_wait_pass, log_in

ELSEWHERE = "erika@zuhause.example"
Logged = tuple[Identity, api.Session]


@pytest.fixture
async def erika(auth: ServiceClient) -> Logged:
    """Logged in."""
    account = await create(auth, ERIKA)
    return identity_of(account), await log_in(auth)


def identity_of(account: api.Account) -> Identity:
    return Identity(
        role=account.role,
        account_id=account.account_id,
        name=account.name,
        customer_number=account.customer_number,
        clerk_code=account.clerk_code,
    )


async def change_password(auth: ServiceClient, erika: Logged, **answers: Any) -> None:
    body = api.ChangePassword(
        **(
            {
                "present_password": ERIKA.password,
                "new_password": NEW,
                "token": erika[1].token,
                "network_address": HOME,
            }
            | answers
        )
    )
    await auth.call("POST", "/accounts/me/password", who=erika[0], body=body)


async def change_email(auth: ServiceClient, erika: Logged, **answers: Any) -> None:
    body = api.ChangeEmail(
        **({"password": ERIKA.password, "email": ELSEWHERE, "network_address": HOME} | answers)
    )
    await auth.call("POST", "/accounts/me/email", who=erika[0], body=body)


async def change_profile(auth: ServiceClient, erika: Logged, *, name: str, locale: str = "de") -> None:
    body = api.ChangeProfile(name=name, locale=locale)
    await auth.call("POST", "/accounts/me/profile", who=erika[0], body=body)


async def end_all(auth: ServiceClient, erika: Logged) -> None:
    await auth.call("POST", "/accounts/me/sessions/end", who=erika[0])


# The password


async def test_a_new_password_ends_all_other_sessions(auth: ServiceClient, pool: Pool, erika: Logged) -> None:
    phone = await log_in(auth)
    await change_password(auth, erika)
    await find(auth, erika[1].token)
    with pytest.raises(NotFoundError):
        await find(auth, phone.token)
    with pytest.raises(ForbiddenError):
        await log_in(auth)
    await log_in(auth, password=NEW)
    [event] = await told(pool, PasswordChanged)
    assert (event.email, event.by_reset) == (ERIKA.email, False)


async def test_a_wrong_present_password_changes_nothing(
    auth: ServiceClient, pool: Pool, erika: Logged
) -> None:
    with pytest.raises(ForbiddenError) as caught:
        await change_password(auth, erika, present_password="not this one")
    assert caught.value.code == "WrongCredentialsError"
    assert await told(pool, PasswordChanged) == []
    await log_in(auth)


async def test_who_found_an_open_session_cannot_guess_the_password(
    auth: ServiceClient, pool: Pool, erika: Logged
) -> None:
    for _ in range(5):
        with pytest.raises(ForbiddenError):
            await change_password(auth, erika, present_password="a guess")
    for act in (change_password, change_email):
        with pytest.raises(ForbiddenError) as caught:
            await act(auth, erika)
        assert caught.value.code == "TooManyAttemptsError"
    await let_the_wait_pass(pool)
    await change_password(auth, erika)


async def test_new_passwords_that_are_not_good_are_no_wrong_attempts(
    auth: ServiceClient, pool: Pool, erika: Logged
) -> None:
    await know_customer(pool)
    for new in ("12345", "passwort", "erika muster", "getriebe10023", "werbetex") * 2:
        with pytest.raises(InvalidError) as caught:
            await change_password(auth, erika, new_password=new)
        assert set(caught.value.fields) == {"password"}
    await change_password(auth, erika)


async def test_whoever_has_the_password_cannot_keep_the_house_busy_with_new_ones(
    auth: ServiceClient, pool: Pool, erika: Logged
) -> None:
    for _ in range(19):  # and the first one was chosen, too
        with pytest.raises(InvalidError):
            await change_password(auth, erika, new_password="passwort")
    with pytest.raises(ForbiddenError) as caught:
        await change_password(auth, erika)
    assert caught.value.code == "TooManyAttemptsError"
    await log_in(auth)
    await let_the_wait_pass(pool)
    await change_password(auth, erika)


async def test_with_the_password_ends_what_somebody_has_begun_with_the_old_one(
    auth: ServiceClient, pool: Pool, erika: Logged, loops: dict[str, EffectLoop]
) -> None:
    await change_email(auth, erika)
    link = await reset_link(auth, pool, loops)
    await change_password(auth, erika)
    with pytest.raises(NotFoundError):
        await confirm(auth, await confirmation(pool), by=erika[0].account_id)
    with pytest.raises(NotFoundError):
        await reset(auth, link)


async def test_a_reset_ends_a_change_of_address_that_is_on_its_way(
    auth: ServiceClient, pool: Pool, erika: Logged, loops: dict[str, EffectLoop]
) -> None:
    await change_email(auth, erika)
    await reset(auth, await reset_link(auth, pool, loops))
    with pytest.raises(NotFoundError):
        await confirm(auth, await confirmation(pool), by=erika[0].account_id)


async def test_a_log_in_with_the_old_password_never_outlives_its_change(
    auth: ServiceClient, erika: Logged
) -> None:
    """However both fall together, no session of the old password is left but the one that stays."""
    outcomes = await asyncio.gather(
        change_password(auth, erika), *(log_in(auth) for _ in range(4)), return_exceptions=True
    )
    assert outcomes[0] is None
    for outcome in outcomes[1:]:
        if isinstance(outcome, api.Session):
            with pytest.raises(NotFoundError):
                await find(auth, outcome.token)
    await find(auth, erika[1].token)


# The address


async def test_another_address_counts_once_it_is_confirmed(
    auth: ServiceClient, pool: Pool, erika: Logged
) -> None:
    await change_email(auth, erika, email=f" {ELSEWHERE} ")
    [wish] = await told(pool, EmailConfirmationRequested)
    assert (wish.purpose, wish.email, wish.name) == ("change", ELSEWHERE, "Erika Muster")
    assert (await find(auth, erika[1].token)).email == ERIKA.email
    found = await find_confirmation(auth, opened(wish.sealed_token))
    assert (found.purpose, found.email) == ("change", ELSEWHERE)
    for other in (None, uuid4()):
        with pytest.raises(ForbiddenError):
            await confirm(auth, opened(wish.sealed_token), by=other)
    session = await confirm(auth, opened(wish.sealed_token), by=erika[0].account_id)
    assert (session.account.account_id, session.account.email) == (erika[0].account_id, ELSEWHERE)
    [changed] = await told(pool, AccountChanged)
    assert (changed.email, changed.revision, changed.contact_id) == (ELSEWHERE, 2, "1")
    [event] = await told(pool, EmailChanged)
    assert (event.email_before, event.email) == (ERIKA.email, ELSEWHERE)
    await log_in(auth, email=ELSEWHERE)
    with pytest.raises(ForbiddenError):
        await log_in(auth)
    with pytest.raises(NotFoundError):
        await confirm(auth, opened(wish.sealed_token))


async def test_whether_an_address_has_an_account_only_its_owner_learns(
    auth: ServiceClient, pool: Pool, erika: Logged
) -> None:
    await create(auth, SABINE)
    await change_email(auth, erika, email=SABINE.email.upper())
    [event] = await told(pool, EmailChangeRefused)
    assert (event.email, event.name) == (SABINE.email, SABINE.name)
    assert "Erika" not in event.model_dump_json()
    assert await told(pool, EmailConfirmationRequested) == []


@pytest.mark.parametrize("email", ["no address", "ERIKA@muster-ag.de"], ids=["none", "the own one"])
async def test_an_address_that_is_not_good_is_refused_at_its_field(
    auth: ServiceClient, pool: Pool, erika: Logged, email: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        await change_email(auth, erika, email=email)
    assert set(caught.value.fields) == {"email"}
    assert await told_names(pool) == ["account_registered"]


async def test_another_wish_takes_the_place_of_the_first(
    auth: ServiceClient, pool: Pool, erika: Logged
) -> None:
    await change_email(auth, erika, email="erika@zuhuase.example")
    wrong = await confirmation(pool)
    await change_email(auth, erika)
    with pytest.raises(NotFoundError):
        await confirm(auth, wrong)
    await confirm(auth, await confirmation(pool), by=erika[0].account_id)


async def test_an_address_that_got_an_account_meanwhile_is_not_taken_from_it(
    auth: ServiceClient, pool: Pool, erika: Logged
) -> None:
    await change_email(auth, erika)
    await create(auth, SABINE.model_copy(update={"email": ELSEWHERE}))
    with pytest.raises(ConflictError) as caught:
        await confirm(auth, await confirmation(pool), by=erika[0].account_id)
    assert caught.value.code == "EmailTakenError"
    assert (await find(auth, erika[1].token)).email == ERIKA.email


async def test_a_link_in_the_former_mailbox_is_over_with_the_change(
    auth: ServiceClient, pool: Pool, erika: Logged, loops: dict[str, EffectLoop]
) -> None:
    await change_email(auth, erika)
    link = await reset_link(auth, pool, loops)
    await confirm(auth, await confirmation(pool), by=erika[0].account_id)
    with pytest.raises(NotFoundError):
        await reset(auth, link)


async def test_a_person_cannot_have_many_mails_sent_to_somebody(auth: ServiceClient, erika: Logged) -> None:
    for _ in range(3):
        await change_email(auth, erika)
    with pytest.raises(ForbiddenError) as caught:
        await change_email(auth, erika)
    assert caught.value.code == "TooManyAttemptsError"
    await change_password(auth, erika)


# Name, language, sessions


async def test_name_and_language_are_changed_and_told_once(
    auth: ServiceClient, pool: Pool, erika: Logged
) -> None:
    for _ in range(2):
        await change_profile(auth, erika, name=" Erika Muster-Mann ", locale="en")
    account = await find(auth, erika[1].token)
    assert (account.name, account.locale) == ("Erika Muster-Mann", "en")
    [event] = await told(pool, AccountChanged)
    assert (event.name, event.locale, event.revision, event.disabled) == (account.name, "en", 2, False)


@pytest.mark.parametrize(
    ("name", "locale", "field"),
    [
        (" ", "de", "name"),
        ("E" * 81, "de", "name"),
        ("Erika, Ihr Paket: HTTP://evil.example", "de", "name"),
        ("Erika www.evil.example", "de", "name"),
        ("Erika", "fr", "locale"),
    ],
)
async def test_a_faulty_profile_says_where(
    auth: ServiceClient, erika: Logged, name: str, locale: str, field: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        await change_profile(auth, erika, name=name, locale=locale)
    assert set(caught.value.fields) == {field}


async def test_all_sessions_of_a_person_end_and_nobody_elses(auth: ServiceClient, erika: Logged) -> None:
    await create(auth, SABINE)
    sabine = await log_in(auth, email=SABINE.email, password=SABINE.password)
    phone = await log_in(auth)
    await end_all(auth, erika)
    for session in (erika[1], phone):
        with pytest.raises(NotFoundError):
            await find(auth, session.token)
    await find(auth, sabine.token)


# Who is "me"


OWN: list[Callable[[ServiceClient, Logged], Awaitable[None]]] = [
    change_password,
    change_email,
    lambda auth, erika: change_profile(auth, erika, name="X"),
    end_all,
]


@pytest.mark.parametrize("act", OWN, ids=["password", "email", "profile", "sessions"])
@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": None, "viewed_by": "Sabine Berger"},
        {"viewed_by": "Sabine Berger"},
        {"account_id": None},
    ],
    ids=["viewer", "viewer with an account", "nobody"],
)
async def test_who_views_as_a_customer_has_no_account_to_change(
    auth: ServiceClient,
    pool: Pool,
    erika: Logged,
    act: Callable[[ServiceClient, Logged], Awaitable[None]],
    changes: dict[str, Any],
) -> None:
    with pytest.raises(ForbiddenError) as caught:
        await act(auth, (erika[0].model_copy(update=changes), erika[1]))
    assert caught.value.message == "You may not do this."
    with pytest.raises(ForbiddenError):
        await act(auth, (SYSTEM, erika[1]))
    await find(auth, erika[1].token)
    assert await told_names(pool) == ["account_registered"]


@pytest.mark.parametrize("act", [change_password, change_email])
async def test_an_account_that_is_gone_meanwhile_changes_nothing(
    auth: ServiceClient, pool: Pool, erika: Logged, act: Callable[[ServiceClient, Logged], Awaitable[None]]
) -> None:
    await pool.execute("DELETE FROM account")
    with pytest.raises(NotFoundError) as caught:
        await act(auth, erika)
    assert caught.value.code == "AccountNotFoundError"
