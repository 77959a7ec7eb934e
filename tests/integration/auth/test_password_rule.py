"""The minimum length of passwords: the environment's default, what the operator sets, and the floor."""

import pytest

from shared.api import auth as api
from shared.database import Pool
from shared.errors import ForbiddenError, InvalidError
from shared.process import EffectLoop
from shared.web import SYSTEM, Identity, ServiceClient
from tests.integration.auth.people import (
    CLERK,
    CUSTOMER,
    OPERATOR,
    accept,
    find_invitation,
    invite_staff,
)
from tests.integration.auth.test_accounts import ERIKA, create
from tests.integration.auth.test_password_resets import look, reset, reset_link

PATH = "/settings/password"


async def set_length(auth: ServiceClient, length: int, *, who: Identity = OPERATOR) -> None:
    await auth.call("POST", PATH, who=who, body=api.PasswordRule(minimum_length=length))


@pytest.mark.parametrize("who", [OPERATOR, CLERK, CUSTOMER, SYSTEM], ids=lambda who: who.role)
async def test_everybody_may_know_the_minimum_length(auth: ServiceClient, who: Identity) -> None:
    assert (await auth.get(PATH, api.PasswordRule, who=who)).minimum_length == 6
    await set_length(auth, 10)
    await set_length(auth, 12)
    assert (await auth.get(PATH, api.PasswordRule, who=who)).minimum_length == 12


@pytest.mark.parametrize("who", [CLERK, CUSTOMER, SYSTEM], ids=lambda who: who.role)
async def test_only_an_operator_sets_it(auth: ServiceClient, who: Identity) -> None:
    with pytest.raises(ForbiddenError):
        await set_length(auth, 10, who=who)


@pytest.mark.parametrize("length", [-1, 5, 65, 2**70])
async def test_it_never_goes_below_the_floor_nor_out_of_reach(auth: ServiceClient, length: int) -> None:
    with pytest.raises(InvalidError) as caught:
        await set_length(auth, length)
    assert set(caught.value.fields) == {"minimum_length"}


async def test_the_pages_show_it_and_new_passwords_keep_to_it(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await create(auth, ERIKA)
    await set_length(auth, 20)
    token = (await invite_staff(auth)).token
    assert (await find_invitation(auth, token)).minimum_length == 20
    with pytest.raises(InvalidError) as caught:
        await accept(auth, token, email="neu@werbetex-nord.de")
    assert caught.value.code == "PasswordTooShortError"
    link = await reset_link(auth, pool, loops)
    assert (await look(auth, link)).minimum_length == 20
    with pytest.raises(InvalidError):
        await reset(auth, link)
    await reset(auth, link, password="sieben kleine rote schuhe")
