"""Accounts are made once, by those who may, and told once."""

import asyncio
import json
from uuid import UUID

import pytest

from services.auth.subscriptions import on_branding_changed
from shared.api import auth as api
from shared.database import Pool, transaction
from shared.errors import ConflictError, ForbiddenError, InvalidError
from shared.events.gateway import BrandingChanged
from shared.web import SYSTEM, Identity, ServiceClient
from tests.integration.auth.people import CLERK, CUSTOMER, OPERATOR

ERIKA = api.CreateAccount(
    role="customer",
    name="Erika Muster",
    email="Erika@Muster-AG.de",
    password="rhabarber im regen",
    customer_number="10023",
    contact_id="1",
    may_approve=True,
)
SABINE = api.CreateAccount(
    role="clerk",
    name="Sabine Berger",
    email="s.berger@werbetex-nord.de",
    password="zwei dicke fische",
    clerk_code="SB",
)


async def create(auth: ServiceClient, account: api.CreateAccount, *, who: Identity = SYSTEM) -> api.Account:
    return await auth.post("/accounts", account, api.Account, who=who)


async def told(pool: Pool) -> list[dict[str, object]]:
    rows = await pool.fetch("SELECT event_name, body FROM outbox ORDER BY added_at")
    return [json.loads(row["body"]) | {"told_as": row["event_name"]} for row in rows]


async def test_a_new_account_is_told_with_everything_the_mailer_needs(
    auth: ServiceClient, pool: Pool
) -> None:
    account = await create(auth, ERIKA)
    [event] = await told(pool)
    assert event["told_as"] == "auth.account_registered.v1"
    assert UUID(str(event["account_id"])) == account.account_id
    assert event["email"] == "Erika@Muster-AG.de"
    assert (event["customer_number"], event["contact_id"], event["may_approve"]) == ("10023", "1", True)
    assert "password" not in json.dumps(event)


async def test_the_same_account_again_is_the_same_and_told_once(auth: ServiceClient, pool: Pool) -> None:
    first = await create(auth, ERIKA)
    again = await create(
        auth, ERIKA.model_copy(update={"email": "erika@muster-ag.DE", "password": "another one"})
    )
    assert again == first
    assert len(await told(pool)) == 1
    await auth.post(
        "/sessions",
        api.LogIn(email=ERIKA.email, password=ERIKA.password, network_address=""),
        api.Session,
        who=SYSTEM,
    )


async def test_two_at_the_same_moment_make_one_account(auth: ServiceClient, pool: Pool) -> None:
    one, two = await asyncio.gather(create(auth, ERIKA), create(auth, ERIKA))
    assert one == two
    assert len(await told(pool)) == 1


async def test_an_address_opens_one_door_only(auth: ServiceClient) -> None:
    await create(auth, ERIKA)
    with pytest.raises(ConflictError) as caught:
        await create(auth, ERIKA.model_copy(update={"customer_number": "10099"}))
    assert caught.value.code == "EmailTakenError"
    assert "email" in caught.value.fields


async def test_the_password_is_stored_as_argon2id_only(auth: ServiceClient, pool: Pool) -> None:
    await create(auth, ERIKA)
    row = await pool.fetchrow("SELECT account::text AS everything, password_hash FROM account")
    assert row is not None
    assert row["password_hash"].startswith("$argon2id$")
    assert ERIKA.password not in row["everything"]


@pytest.mark.parametrize("who", [OPERATOR, CLERK, CUSTOMER], ids=["operator", "clerk", "customer"])
@pytest.mark.parametrize("account", [ERIKA, SABINE], ids=["of customer", "of clerk"])
async def test_nobody_but_the_system_makes_accounts(
    auth: ServiceClient, who: Identity, account: api.CreateAccount
) -> None:
    with pytest.raises(ForbiddenError):
        await create(auth, account, who=who)


async def test_a_weak_password_is_refused_at_its_field_and_makes_nothing(
    auth: ServiceClient, pool: Pool
) -> None:
    for password, code in (
        ("12345", "PasswordTooShortError"),
        ("passwort", "PasswordCommonError"),
        ("Werbetex2026", "PasswordOwnWordsError"),
        ("erika-muster", "PasswordOwnWordsError"),
    ):
        with pytest.raises(InvalidError) as caught:
            await create(auth, ERIKA.model_copy(update={"password": password}))
        assert caught.value.code == code
        assert "password" in caught.value.fields
    assert await pool.fetchval("SELECT count(*) FROM account") == 0


async def test_a_password_is_not_made_of_the_name_that_the_operator_set(
    auth: ServiceClient, pool: Pool
) -> None:
    for revision, name in ((2, "Hansebestick"), (1, "Altername")):
        async with transaction(pool) as opened:
            await on_branding_changed(
                opened, BrandingChanged(company_name=name, colour="", revision=revision)
            )
    with pytest.raises(InvalidError) as refused:
        await create(auth, ERIKA.model_copy(update={"password": "hansebestick26"}))
    assert refused.value.code == "PasswordOwnWordsError"
    await create(auth, ERIKA.model_copy(update={"password": "werbetex2026"}))  # the settings' name is past
