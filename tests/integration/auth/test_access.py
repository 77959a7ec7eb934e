"""Changing, disabling and deleting an access."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.api import auth as api
from shared.database import Pool
from shared.errors import ConflictError, ForbiddenError, NotFoundError
from shared.events.auth import AccountChanged, AccountDeleted, CustomerInvited
from shared.process import EffectLoop
from shared.web import SYSTEM, Identity, ServiceClient
from tests.integration.auth.people import (
    CLERK,
    CUSTOMER,
    OPERATOR,
    accept,
    everything_stored,
    invite_customer,
    know_customer,
    opened,
    told,
)
from tests.integration.auth.test_account_lists import list_accounts
from tests.integration.auth.test_accounts import ERIKA, SABINE, create
from tests.integration.auth.test_invitations import is_over
from tests.integration.auth.test_me import change_email, identity_of
from tests.integration.auth.test_password_resets import reset, reset_link
from tests.integration.auth.test_registration import confirm, confirmation, invited
from tests.integration.auth.test_sessions import find, log_in

OLAF = api.CreateAccount(
    role="operator", name="Olaf Operator", email="it@werbetex-nord.de", password="zwei dicke fische"
)
OLGA = OLAF.model_copy(update={"name": "Olga Operator", "email": "olga@werbetex-nord.de"})


async def change(
    auth: ServiceClient, account_id: UUID | None, *, who: Identity = OPERATOR, **changes: Any
) -> None:
    path = f"/accounts/{account_id}/change"
    await auth.call("POST", path, who=who, body=api.ChangeAccount(**changes))


async def delete(auth: ServiceClient, account_id: UUID | None, *, who: Identity = OPERATOR) -> None:
    await auth.call("POST", f"/accounts/{account_id}/delete", who=who)


async def disable(auth: ServiceClient, account_id: UUID | None, *, who: Identity = OPERATOR) -> None:
    await change(auth, account_id, who=who, disabled=True)


# Rights


async def test_the_right_to_approve_is_given_and_taken(auth: ServiceClient, pool: Pool) -> None:
    account = await create(auth, ERIKA)
    session = await log_in(auth)
    for _ in range(2):
        await change(auth, account.account_id, may_approve=False)
    assert not (await find(auth, session.token)).may_approve
    await change(auth, account.account_id, may_approve=True)
    assert [(one.may_approve, one.revision) for one in await told(pool, AccountChanged)] == [
        (False, 2),
        (True, 3),
    ]


async def test_staff_decide_nothing_for_customers(auth: ServiceClient, pool: Pool) -> None:
    account = await create(auth, SABINE)
    await change(auth, account.account_id, may_approve=True)
    assert await told(pool, AccountChanged) == []


# Disabling


async def test_a_disabled_person_is_out_at_once_and_in_again_when_enabled(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    account = await create(auth, ERIKA)
    session = await log_in(auth)
    link = await reset_link(auth, pool, loops)
    await change_email(auth, (identity_of(account), session))
    for _ in range(2):
        await disable(auth, account.account_id)
    with pytest.raises(NotFoundError):
        await find(auth, session.token)
    with pytest.raises(ForbiddenError):
        await log_in(auth)
    await change(auth, account.account_id, disabled=False)
    with pytest.raises(NotFoundError):
        await find(auth, session.token)
    with pytest.raises(NotFoundError):
        await reset(auth, link)
    with pytest.raises(NotFoundError):
        await confirm(auth, await confirmation(pool))
    await log_in(auth)
    events = await told(pool, AccountChanged)
    assert [(one.disabled, one.revision) for one in events] == [(True, 2), (False, 3)]
    [row] = (await list_accounts(auth)).rows
    assert row.disabled_at is None


async def test_a_change_of_rights_leaves_a_disabled_account_disabled(auth: ServiceClient, pool: Pool) -> None:
    account = await create(auth, ERIKA)
    await disable(auth, account.account_id)
    await change(auth, account.account_id, may_approve=False)
    assert (await told(pool, AccountChanged))[-1].disabled
    with pytest.raises(ForbiddenError):
        await log_in(auth)


# Deleting


async def test_a_deleted_access_is_gone_with_everything_that_let_the_person_in(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    accepted = await accept(auth, await invited(auth, pool))
    assert accepted.session
    account = accepted.session.account
    await reset_link(auth, pool, loops)
    await change_email(auth, (identity_of(account), accepted.session), password="rhabarber im regen")
    await delete(auth, account.account_id)
    with pytest.raises(NotFoundError):
        await find(auth, accepted.session.token)
    [event] = await told(pool, AccountDeleted)
    assert (event.account_id, event.role, event.customer_number) == (account.account_id, "customer", "10023")
    await pool.execute("DELETE FROM outbox")
    await pool.execute("DELETE FROM customer")
    assert "erika" not in (await everything_stored(pool)).casefold()
    with pytest.raises(NotFoundError):
        await delete(auth, account.account_id)


async def test_no_other_invitation_lets_a_deleted_person_in_again(auth: ServiceClient, pool: Pool) -> None:
    """Invited at two addresses, registered by one link with the other address: both links are over."""
    await know_customer(pool)
    await invite_customer(auth, email="zweit@muster-ag.de")
    await invite_customer(auth)
    first, second = [opened(event.sealed_token) for event in await told(pool, CustomerInvited)]
    assert (await accept(auth, first, email="erika@muster-ag.de")).session is None
    account = (await confirm(auth, await confirmation(pool))).account
    assert not await is_over(auth, second)
    await delete(auth, account.account_id)
    assert await is_over(auth, second)


@pytest.mark.parametrize("contact_id", ["1", ""])
async def test_an_invitation_to_the_address_before_lets_nobody_in_again(
    auth: ServiceClient, pool: Pool, contact_id: str
) -> None:
    """Registered with another address than the invited one, then invited at that one once more."""
    wanted = {"contact_id": contact_id, "name": "Erika Muster", "email": "erika@muster-ag.de"}
    await accept(auth, await invited(auth, pool, **wanted), email="erika@zuhause.example")
    session = await confirm(auth, await confirmation(pool))
    second = await invited(auth, pool, **wanted)
    of_somebody_else = await invited(auth, pool, contact_id="2", name="Jörg Müßig", email="jm@muster-ag.de")
    await delete(auth, session.account.account_id)
    assert await is_over(auth, second)
    assert not await is_over(auth, of_somebody_else)


async def test_an_invitation_of_the_same_contact_lets_nobody_in_again(
    auth: ServiceClient, pool: Pool
) -> None:
    accepted = await accept(auth, await invited(auth, pool))
    assert accepted.session
    at_another_address = await invited(auth, pool, email="erika@neu.example")
    await delete(auth, accepted.session.account.account_id)
    assert await is_over(auth, at_another_address)


async def test_after_a_deletion_the_person_can_be_invited_anew(auth: ServiceClient, pool: Pool) -> None:
    accepted = await accept(auth, await invited(auth, pool))
    assert accepted.session
    await delete(auth, accepted.session.account.account_id)
    assert (await accept(auth, await invited(auth, pool))).session


# The last operator, and oneself


@pytest.mark.parametrize("act", [disable, delete])
async def test_the_last_operator_stays(auth: ServiceClient, pool: Pool, act: Any) -> None:
    olaf = await create(auth, OLAF)
    with pytest.raises(ConflictError) as caught:
        await act(auth, olaf.account_id)
    assert caught.value.code == "LastOperatorError"
    olga = await create(auth, OLGA)
    await act(auth, olaf.account_id)
    with pytest.raises(ConflictError):
        await act(auth, olga.account_id)


@pytest.mark.parametrize("act", [disable, delete])
async def test_nobody_takes_the_access_from_himself(auth: ServiceClient, act: Any) -> None:
    olaf, _ = await create(auth, OLAF), await create(auth, OLGA)
    with pytest.raises(ConflictError) as caught:
        await act(auth, olaf.account_id, who=identity_of(olaf))
    assert caught.value.code == "OwnAccountError"


@pytest.mark.parametrize("act", [disable, delete])
async def test_two_operators_who_throw_one_another_out_leave_one(
    auth: ServiceClient, pool: Pool, act: Any
) -> None:
    olaf, olga = await create(auth, OLAF), await create(auth, OLGA)
    outcomes = await asyncio.gather(
        act(auth, olaf.account_id, who=identity_of(olga)),
        act(auth, olga.account_id, who=identity_of(olaf)),
        return_exceptions=True,
    )
    assert sorted(getattr(outcome, "code", "") for outcome in outcomes) == ["", "LastOperatorError"]
    assert await pool.fetchval("SELECT count(*) FROM account WHERE disabled_at IS NULL") == 1


async def test_a_disabled_operator_does_not_count(auth: ServiceClient) -> None:
    olaf, olga = await create(auth, OLAF), await create(auth, OLGA)
    await disable(auth, olga.account_id)
    with pytest.raises(ConflictError):
        await disable(auth, olaf.account_id)
    await delete(auth, olga.account_id)


# Who may


@pytest.mark.parametrize("act", [disable, delete])
@pytest.mark.parametrize("who", [CLERK, CUSTOMER, SYSTEM], ids=lambda who: who.role)
async def test_only_an_operator_changes_and_deletes(auth: ServiceClient, act: Any, who: Identity) -> None:
    account = await create(auth, ERIKA)
    with pytest.raises(ForbiddenError):
        await act(auth, account.account_id, who=who)
    await log_in(auth)


@pytest.mark.parametrize("act", [disable, delete])
async def test_an_account_that_never_was_is_not_found(auth: ServiceClient, act: Any) -> None:
    with pytest.raises(NotFoundError):
        await act(auth, uuid4())
