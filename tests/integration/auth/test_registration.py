"""From the link of an invitation to an account: at once, or by the confirmation of another address."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.auth.passwords import Passwords
from shared.api import auth as api
from shared.database import Pool
from shared.errors import CockpitError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.events.auth import AccountRegistered, CustomerInvited, EmailConfirmationRequested
from shared.web import SYSTEM, ServiceClient
from tests.integration.auth.people import (
    MUSTER,
    PASSWORD,
    accept,
    everything_stored,
    find_invitation,
    invite_customer,
    invite_staff,
    know_customer,
    opened,
    told,
    told_names,
)
from tests.integration.auth.test_accounts import ERIKA, create
from tests.integration.auth.test_invitations import cancel, expire, is_over, resend
from tests.integration.auth.test_sessions import find, log_in

HOME = "erika@zuhause.example"


async def invited(auth: ServiceClient, pool: Pool, **wanted: Any) -> str:
    """The token of a customer's invitation."""
    await know_customer(pool)
    await invite_customer(auth, **wanted)
    return opened((await told(pool, CustomerInvited))[-1].sealed_token)


async def confirmation(pool: Pool) -> str:
    """The token of the newest mail that confirms an address."""
    return opened((await told(pool, EmailConfirmationRequested))[-1].sealed_token)


async def find_confirmation(auth: ServiceClient, token: str) -> api.OpenConfirmation:
    return await auth.post(
        "/confirmations/find", api.FindConfirmation(token=token), api.OpenConfirmation, who=SYSTEM
    )


async def confirm(
    auth: ServiceClient, token: str, *, password: str = PASSWORD, by: UUID | None = None
) -> api.Session:
    body = api.ConfirmEmail(token=token, password=password, account_id=by)
    return await auth.post("/confirmations/accept", body, api.Session, who=SYSTEM)


async def count_accounts(pool: Pool) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM account"))


# With the invited address


async def test_with_the_invited_address_the_account_exists_at_once(auth: ServiceClient, pool: Pool) -> None:
    accepted = await accept(auth, await invited(auth, pool), email=" ERIKA@Muster-AG.de ", locale="en")
    assert accepted.session
    account = await find(auth, accepted.session.token)
    assert (account.role, account.customer_number, account.may_approve) == ("customer", "10023", True)
    assert (account.name, account.email, account.locale) == ("Erika Muster", "ERIKA@Muster-AG.de", "en")
    [event] = await told(pool, AccountRegistered)
    assert (event.account_id, event.contact_id) == (account.account_id, "1")
    assert (event.invited_by, event.invited_email) == ("SB", "erika@muster-ag.de")
    assert await told(pool, EmailConfirmationRequested) == []
    await log_in(auth, email="erika@muster-ag.de", password=PASSWORD)


@pytest.mark.parametrize(("role", "clerk_code"), [("clerk", "NN"), ("operator", "")])
async def test_who_is_invited_as_staff_becomes_that(auth: ServiceClient, role: str, clerk_code: str) -> None:
    made = await invite_staff(auth, role=role, clerk_code=clerk_code)
    accepted = await accept(auth, made.token, name="Nina Neu", email="neu@werbetex-nord.de")
    assert accepted.session
    assert (accepted.session.account.role, accepted.session.account.clerk_code) == (role, clerk_code)


async def test_what_the_invitation_forbids_stays_forbidden(auth: ServiceClient, pool: Pool) -> None:
    accepted = await accept(auth, await invited(auth, pool, may_approve=False))
    assert accepted.session
    assert not accepted.session.account.may_approve


async def test_an_invitation_is_used_once_and_all_its_links_are_over(auth: ServiceClient, pool: Pool) -> None:
    one, two = await invited(auth, pool), await invited(auth, pool)
    await accept(auth, one)
    for token in (one, two):
        assert await is_over(auth, token)
        with pytest.raises(NotFoundError):
            await accept(auth, token, email="second@muster-ag.de")
    assert await count_accounts(pool) == 1


@pytest.mark.parametrize("emails", [("erika@muster-ag.de",) * 2, ("erika@muster-ag.de", HOME)])
async def test_two_who_click_at_the_same_moment_make_one_account(
    auth: ServiceClient, pool: Pool, emails: tuple[str, str]
) -> None:
    token = await invited(auth, pool)
    outcomes = await asyncio.gather(
        *(accept(auth, token, email=email) for email in emails), return_exceptions=True
    )
    assert all(isinstance(outcome, api.Accepted | CockpitError) for outcome in outcomes)
    assert await count_accounts(pool) == 1
    assert await is_over(auth, token)
    assert await pool.fetchval("SELECT count(*) FROM pending_registration") == 0


async def test_a_link_that_has_expired_is_over(auth: ServiceClient, pool: Pool) -> None:
    token = await invited(auth, pool)
    await expire(pool)
    assert await is_over(auth, token)
    with pytest.raises(NotFoundError):
        await accept(auth, token)


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        ({"name": " "}, "name", "InvalidError"),
        ({"email": "erika"}, "email", "InvalidError"),
        ({"locale": "fr"}, "locale", "InvalidError"),
        ({"password": "12345"}, "password", "PasswordTooShortError"),
        ({"password": "passwort"}, "password", "PasswordCommonError"),
        ({"password": "getriebe muster"}, "password", "PasswordOwnWordsError"),
        ({"password": "werbetex2026"}, "password", "PasswordOwnWordsError"),
    ],
)
async def test_a_field_that_is_not_good_leaves_the_link_good(
    auth: ServiceClient, pool: Pool, answers: dict[str, str], field: str, code: str
) -> None:
    token = await invited(auth, pool)
    with pytest.raises(InvalidError) as caught:
        await accept(auth, token, **answers)
    assert caught.value.code == code
    assert set(caught.value.fields) == {field}
    assert (await accept(auth, token)).session


async def test_a_taken_address_is_told_to_whoever_holds_the_link(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA.model_copy(update={"customer_number": "10099"}))
    token = await invited(auth, pool)
    with pytest.raises(ConflictError) as caught:
        await accept(auth, token, email=ERIKA.email)
    assert caught.value.code == "EmailTakenError"
    assert (await accept(auth, token, email=HOME)).session is None


async def test_who_has_an_access_is_not_tried_out_with_an_invitation(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA.model_copy(update={"email": HOME}))
    token = await invited(auth, pool)
    for _ in range(3):
        with pytest.raises(ConflictError):
            await accept(auth, token, email=HOME)
    with pytest.raises(ForbiddenError) as caught:
        await accept(auth, token, email=HOME)
    assert caught.value.code == "TooManyAttemptsError"


async def test_a_mail_that_is_refused_costs_no_hash(
    auth: ServiceClient, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await invited(auth, pool)
    for _ in range(3):
        await accept(auth, token, email=HOME)
    hashed: list[str] = []

    async def spy(self: Passwords, password: str) -> str:
        hashed.append(password)
        return "a hash"

    monkeypatch.setattr(Passwords, "hash", spy)
    with pytest.raises(ForbiddenError):
        await accept(auth, token, email=HOME)
    assert hashed == []


async def test_passwords_that_are_not_good_send_no_mail_and_are_counted_for_the_invitation(
    auth: ServiceClient, pool: Pool
) -> None:
    token = await invited(auth, pool)
    for _ in range(19):
        with pytest.raises(InvalidError):
            await accept(auth, token, email=HOME, password="passwort")
    await accept(auth, token, email=HOME)
    with pytest.raises(ForbiddenError) as caught:
        await accept(auth, token)
    assert caught.value.code == "TooManyAttemptsError"


async def test_a_right_that_is_taken_away_while_a_person_registers_is_gone(
    auth: ServiceClient, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await invited(auth, pool)
    hash_password = Passwords.hash

    async def hash_slowly(passwords: Passwords, password: str) -> str:
        await pool.execute("UPDATE invitation SET may_approve = false")
        return await hash_password(passwords, password)

    monkeypatch.setattr(Passwords, "hash", hash_slowly)
    accepted = await accept(auth, token)
    assert accepted.session
    assert not accepted.session.account.may_approve
    assert await pool.fetchval("SELECT may_approve FROM account") is False


async def test_a_made_up_token_costs_no_hash_and_says_nothing(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    with pytest.raises(NotFoundError) as caught:
        await accept(auth, "made-up", email=ERIKA.email, password="1", name="")
    assert caught.value.code == "LinkOverError"


# With another address


@pytest.mark.parametrize("typed", ["max@mail.firma\u2024de.de", "max@mail.fir\u212aa.de"])
async def test_an_address_that_only_looks_like_the_invited_one_is_confirmed_first(
    auth: ServiceClient, pool: Pool, typed: str
) -> None:
    invited_email = typed.replace("\u2024", ".").replace("\u212a", "k")
    token = await invited(auth, pool, email=invited_email)
    assert (await accept(auth, token, email=typed)).session is None
    assert (await accept(auth, token, email=invited_email.upper())).session


async def test_another_address_counts_once_it_is_confirmed(auth: ServiceClient, pool: Pool) -> None:
    token = await invited(auth, pool)
    accepted = await accept(auth, token, email=HOME, name="Erika M.", locale="en")
    assert accepted == api.Accepted(email=HOME, session=None)
    assert await count_accounts(pool) == 0
    [event] = await told(pool, EmailConfirmationRequested)
    assert (event.purpose, event.email, event.name, event.locale) == ("registration", HOME, "Erika M.", "en")
    assert timedelta(days=2) < event.expires_at - datetime.now(UTC) <= timedelta(days=3)
    found = await find_confirmation(auth, opened(event.sealed_token))
    assert (found.purpose, found.email) == ("registration", HOME)
    assert (found.name, found.customer_name) == ("Erika M.", MUSTER.name)
    session = await confirm(auth, opened(event.sealed_token))
    assert (session.account.email, session.account.name) == (HOME, "Erika M.")
    assert session.account.customer_number == "10023"
    [registered] = await told(pool, AccountRegistered)
    assert (registered.invited_by, registered.invited_email) == ("SB", "erika@muster-ag.de")
    await log_in(auth, email=HOME, password=PASSWORD)


@pytest.mark.parametrize("password", ["", "another-Password-2"])
async def test_the_owner_of_a_mailbox_confirms_no_registration_of_somebody_else(
    auth: ServiceClient, pool: Pool, password: str
) -> None:
    await accept(auth, await invited(auth, pool), email=HOME)
    token = await confirmation(pool)
    with pytest.raises(ForbiddenError) as caught:
        await confirm(auth, token, password=password)
    assert caught.value.code == "WrongChosenPasswordError"
    assert await count_accounts(pool) == 0
    assert (await confirm(auth, token)).account.email == HOME, (
        "the link stays good for who chose the password"
    )


async def test_nobody_tries_out_the_password_of_a_registration(
    auth: ServiceClient, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = await invited(auth, pool)
    await accept(auth, invitation, email=HOME)
    token = await confirmation(pool)
    for number in range(5):
        with pytest.raises(ForbiddenError):
            await confirm(auth, token, password=f"guessed-{number}")

    async def unasked(_passwords: Passwords, _password: str, _password_hash: str | None) -> bool:
        raise AssertionError("a try that is refused costs no hash")

    with monkeypatch.context() as patched:
        patched.setattr(Passwords, "is_right", unasked)
        with pytest.raises(ForbiddenError) as caught:
            await confirm(auth, token)
    assert caught.value.code == "TooManyAttemptsError"
    await accept(auth, invitation, email=HOME)
    assert await confirm(auth, await confirmation(pool)), "who registers again has a link of his own"


async def test_an_invitation_counts_as_used_only_once_the_address_is_confirmed(
    auth: ServiceClient, pool: Pool
) -> None:
    token = await invited(auth, pool)
    await accept(auth, token, email=HOME)
    found = await find_invitation(auth, token)
    assert (found.awaiting_email, found.invited_by) == (HOME, "Sabine Berger")
    await confirm(auth, await confirmation(pool))
    assert await is_over(auth, token)
    assert await pool.fetchval("SELECT accepted_at IS NOT NULL FROM invitation")


async def test_a_corrected_address_takes_the_place_of_the_wrong_one(auth: ServiceClient, pool: Pool) -> None:
    token = await invited(auth, pool)
    await accept(auth, token, email="erika@zuhuase.example")
    wrong = await confirmation(pool)
    await accept(auth, token, email=HOME)
    with pytest.raises(NotFoundError):
        await confirm(auth, wrong)
    assert (await confirm(auth, await confirmation(pool))).account.email == HOME
    assert await count_accounts(pool) == 1


async def test_the_invited_address_after_all_ends_the_confirmation_of_another(
    auth: ServiceClient, pool: Pool
) -> None:
    token = await invited(auth, pool)
    await accept(auth, token, email=HOME)
    assert (await accept(auth, token)).session
    with pytest.raises(NotFoundError):
        await confirm(auth, await confirmation(pool))
    assert await count_accounts(pool) == 1


async def test_who_holds_an_invitation_cannot_have_mails_sent_to_everybody(
    auth: ServiceClient, pool: Pool
) -> None:
    token = await invited(auth, pool)
    for _ in range(3):
        await accept(auth, token, email=HOME)
    with pytest.raises(ForbiddenError) as caught:
        await accept(auth, token, email=HOME)
    assert caught.value.code == "TooManyAttemptsError"
    for number in range(12):
        await accept(auth, token, email=f"person{number}@anderswo.example")
    with pytest.raises(ForbiddenError):
        await accept(auth, token, email="one.more@anderswo.example")
    assert (await accept(auth, token)).session, "the invited address needs no mail"


async def test_looking_at_a_confirmation_changes_nothing(auth: ServiceClient, pool: Pool) -> None:
    await accept(auth, await invited(auth, pool), email=HOME)
    token, before = await confirmation(pool), await everything_stored(pool)
    assert token not in before
    for _ in range(3):
        await find_confirmation(auth, token)
    assert await everything_stored(pool) == before


async def test_a_confirmation_works_once_also_for_two_at_the_same_moment(
    auth: ServiceClient, pool: Pool
) -> None:
    await accept(auth, await invited(auth, pool), email=HOME)
    token = await confirmation(pool)
    outcomes = await asyncio.gather(confirm(auth, token), confirm(auth, token), return_exceptions=True)
    assert sum(isinstance(outcome, api.Session) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, NotFoundError) for outcome in outcomes) == 1
    assert len(await told(pool, AccountRegistered)) == 1


@pytest.mark.parametrize("end", ["expired", "cancelled", "resent"])
async def test_a_confirmation_ends_with_its_term_and_with_its_invitation(
    auth: ServiceClient, pool: Pool, end: str
) -> None:
    await know_customer(pool)
    invitation = await invite_customer(auth)
    await accept(auth, opened((await told(pool, CustomerInvited))[0].sealed_token), email=HOME)
    token = await confirmation(pool)
    if end == "expired":
        await pool.execute("UPDATE pending_registration SET expires_at = now() - interval '1 second'")
    else:
        await (cancel if end == "cancelled" else resend)(auth, invitation.invitation_id)
    with pytest.raises(NotFoundError):
        await find_confirmation(auth, token)
    with pytest.raises(NotFoundError):
        await confirm(auth, token)
    assert await count_accounts(pool) == 0


async def test_an_address_that_got_an_account_meanwhile_is_not_confirmed(
    auth: ServiceClient, pool: Pool
) -> None:
    await accept(auth, await invited(auth, pool), email=HOME)
    await create(auth, ERIKA.model_copy(update={"email": HOME}))
    with pytest.raises(ConflictError) as caught:
        await confirm(auth, await confirmation(pool))
    assert caught.value.code == "EmailTakenError"


async def test_each_step_tells_what_it_does_and_nothing_else(auth: ServiceClient, pool: Pool) -> None:
    token = await invited(auth, pool)
    await find_invitation(auth, token)
    await accept(auth, token, email=HOME)
    await confirm(auth, await confirmation(pool))
    assert await told_names(pool) == [
        "customer_invited",
        "email_confirmation_requested",
        "account_registered",
    ]
