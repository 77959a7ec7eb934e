"""Inviting people of customers and of the house: by clerks, by operators, by events."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.api import auth as api
from shared.database import Pool
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnprocessableError
from shared.events.auth import CustomerInvited, StaffInvited
from shared.events.mailer import InvitationRequested
from shared.events.sync import AccessRequested, Contact, CustomersChanged
from shared.process import EffectLoop
from shared.web import SYSTEM, Identity, ServiceClient
from tests.integration.auth.people import (
    CLERK,
    CUSTOMER,
    MUSTER,
    OPERATOR,
    accept,
    everything_stored,
    find_invitation,
    hear,
    invite_customer,
    invite_staff,
    know_customer,
    opened,
    perform_all,
    told,
)
from tests.integration.auth.test_accounts import ERIKA, create


async def resend(
    auth: ServiceClient, invitation_id: UUID, *, who: Identity = CLERK, customer_number: str = ""
) -> api.Invitation:
    body = api.ResendInvitation(customer_number=customer_number)
    return await auth.post(f"/invitations/{invitation_id}/resend", body, api.Invitation, who=who)


async def cancel(
    auth: ServiceClient, invitation_id: UUID, *, who: Identity = CLERK, customer_number: str = ""
) -> api.Invitation:
    body = api.CancelInvitation(customer_number=customer_number)
    return await auth.post(f"/invitations/{invitation_id}/cancel", body, api.Invitation, who=who)


async def is_over(auth: ServiceClient, token: str) -> bool:
    try:
        await find_invitation(auth, token)
    except NotFoundError as error:
        return error.code == "LinkOverError"
    return False


# By a clerk


async def test_a_form_that_is_sent_twice_is_told_once(auth: ServiceClient, pool: Pool) -> None:
    """A double click, and again after no answer; what became of the invitation meanwhile stays."""
    await know_customer(pool)
    form: dict[str, Any] = {"form_key": uuid4()}
    first, second = await asyncio.gather(*(invite_customer(auth, **form) for _ in range(2)))
    assert first == second
    assert len(await told(pool, CustomerInvited)) == 1
    assert await pool.fetchval("SELECT count(*) FROM invitation_link") == 1
    await cancel(auth, first.invitation_id)
    assert (await invite_customer(auth, **form)).state == "cancelled"
    assert len(await told(pool, CustomerInvited)) == 1


async def test_a_form_that_says_something_else_or_comes_anew_is_told(auth: ServiceClient, pool: Pool) -> None:
    """The page before, with another person chosen; another page; and the button that sends it again."""
    await know_customer(pool)
    key = uuid4()
    first = await invite_customer(auth, form_key=key)
    await invite_customer(auth, form_key=key, email="other@muster-ag.de")
    assert (await invite_customer(auth, form_key=uuid4())).invitation_id == first.invitation_id
    await resend(auth, first.invitation_id)
    assert len(await told(pool, CustomerInvited)) == 4


async def test_a_clerk_invites_a_contact_whose_address_cdh_knows(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    invitation = await invite_customer(auth)
    assert (invitation.name, invitation.email) == ("Erika Muster", "erika@muster-ag.de")
    assert (invitation.customer_name, invitation.invited_by) == ("Muster Getriebe AG", "Sabine Berger")
    assert (invitation.state, invitation.may_approve) == ("open", True)
    [event] = await told(pool, CustomerInvited)
    assert event.invitation_id == invitation.invitation_id
    assert (event.email, event.name, event.locale) == ("erika@muster-ag.de", "Erika Muster", "de")
    assert (event.customer_number, event.contact_id, event.clerk_code) == ("10023", "1", "SB")
    assert event.request_cause == ""
    assert timedelta(days=29) < event.expires_at - datetime.now(UTC) <= timedelta(days=30)
    found = await find_invitation(auth, opened(event.sealed_token))
    assert (found.role, found.customer_name, found.email) == ("customer", "Muster Getriebe AG", event.email)
    assert (found.minimum_length, found.expires_at) == (6, event.expires_at)


async def test_the_link_is_stored_nowhere_in_the_clear(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    await invite_customer(auth)
    token = opened((await told(pool, CustomerInvited))[0].sealed_token)
    assert len(token) >= 43, "256 bits"
    assert token not in await everything_stored(pool)


async def test_looking_at_a_link_changes_nothing(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    await invite_customer(auth)
    token = opened((await told(pool, CustomerInvited))[0].sealed_token)
    before = await everything_stored(pool)
    for _ in range(3):
        await find_invitation(auth, token)
    assert await everything_stored(pool) == before


@pytest.mark.parametrize(
    ("wanted", "email"),
    [
        ({"contact_id": "2"}, "info@muster-ag.de"),
        ({"contact_id": ""}, "info@muster-ag.de"),
        ({"contact_id": "unknown"}, "info@muster-ag.de"),
        ({"contact_id": "1", "email": " other@muster-ag.de "}, "other@muster-ag.de"),
    ],
    ids=["contact without address", "no contact", "unknown contact", "given address"],
)
async def test_the_address_is_the_given_one_or_the_contacts_or_the_customers(
    auth: ServiceClient, pool: Pool, wanted: dict[str, Any], email: str
) -> None:
    await know_customer(pool)
    assert (await invite_customer(auth, **wanted)).email == email


async def test_where_no_address_is_known_the_clerk_is_asked_for_one(auth: ServiceClient, pool: Pool) -> None:
    await hear(pool, CustomersChanged(customers=(MUSTER.model_copy(update={"email": "", "contacts": ()}),)))
    with pytest.raises(InvalidError) as caught:
        await invite_customer(auth)
    assert caught.value.code == "NoAddressError"
    assert "email" in caught.value.fields
    assert await told(pool, CustomerInvited) == []


async def test_a_customer_whom_cdh_has_not_told_is_not_found(auth: ServiceClient) -> None:
    with pytest.raises(NotFoundError) as caught:
        await invite_customer(auth, email="erika@muster-ag.de")
    assert caught.value.code == "CustomerNotFoundError"


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"name": "Erika\nBcc: x"}, "name"),
        ({"locale": "fr"}, "locale"),
    ],
)
async def test_a_faulty_invitation_says_where(
    auth: ServiceClient, pool: Pool, wanted: dict[str, Any], field: str
) -> None:
    await know_customer(pool)
    with pytest.raises(InvalidError) as caught:
        await invite_customer(auth, **wanted)
    assert set(caught.value.fields) == {field}


async def test_inviting_again_tells_the_open_invitation_again(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    first = await invite_customer(auth)
    again = await invite_customer(auth, email="ERIKA@muster-ag.de", may_approve=False, locale="en")
    assert again.invitation_id == first.invitation_id
    assert (again.may_approve, again.name, again.invited_at) == (False, "Erika Muster", first.invited_at)
    assert again.told_at > first.told_at
    one, two = [opened(event.sealed_token) for event in await told(pool, CustomerInvited)]
    assert one != two
    assert not await is_over(auth, one), "both mails are on their way: either may be opened"
    assert not await is_over(auth, two)
    assert await pool.fetchval("SELECT count(*) FROM invitation") == 1


async def test_two_clerks_at_the_same_moment_make_one_invitation(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    one, two = await asyncio.gather(invite_customer(auth), invite_customer(auth))
    assert one.invitation_id == two.invitation_id
    assert len(await told(pool, CustomerInvited)) == 2


async def test_an_expired_invitation_is_told_again_with_a_new_term(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    await invite_customer(auth)
    await expire(pool)
    again = await invite_customer(auth)
    assert again.state == "open"
    first, second = [opened(event.sealed_token) for event in await told(pool, CustomerInvited)]
    assert await is_over(auth, first)
    assert not await is_over(auth, second)


async def expire(pool: Pool) -> None:
    await pool.execute("UPDATE invitation SET expires_at = now() - interval '1 second'")
    await pool.execute("UPDATE invitation_link SET expires_at = now() - interval '1 second'")


async def test_who_is_registered_for_the_customer_is_not_invited_again(
    auth: ServiceClient, pool: Pool
) -> None:
    await know_customer(pool)
    await create(auth, ERIKA)
    with pytest.raises(ConflictError) as caught:
        await invite_customer(auth, email="ERIKA@muster-ag.de")
    assert caught.value.code == "EmailTakenError"


async def test_somebody_who_has_an_access_elsewhere_may_be_invited(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    await create(auth, ERIKA.model_copy(update={"customer_number": "10099"}))
    assert (await invite_customer(auth)).state == "open"


@pytest.mark.parametrize("who", [CUSTOMER, SYSTEM], ids=["customer", "system"])
async def test_only_staff_invite(auth: ServiceClient, pool: Pool, who: Identity) -> None:
    await know_customer(pool)
    with pytest.raises(ForbiddenError):
        await invite_customer(auth, who=who)


# Staff


async def test_an_operator_invites_a_clerk_and_may_hand_over_the_link(
    auth: ServiceClient, pool: Pool
) -> None:
    made = await invite_staff(auth)
    assert (made.invitation.role, made.invitation.clerk_code) == ("clerk", "NN")
    [event] = await told(pool, StaffInvited)
    assert (event.role, event.clerk_code, event.invited_by) == ("clerk", "NN", "Olaf Operator")
    assert opened(event.sealed_token) == made.token
    found = await find_invitation(auth, made.token)
    assert (found.role, found.customer_name, found.name) == ("clerk", "", "Nina Neu")
    assert made.token not in await everything_stored(pool)


@pytest.mark.parametrize("who", [CLERK, CUSTOMER, SYSTEM], ids=["clerk", "customer", "system"])
async def test_nobody_but_an_operator_invites_staff(auth: ServiceClient, who: Identity) -> None:
    with pytest.raises(ForbiddenError):
        await invite_staff(auth, who=who)


async def test_a_clerk_needs_a_short_code(auth: ServiceClient) -> None:
    with pytest.raises(InvalidError) as caught:
        await invite_staff(auth, clerk_code=" ")
    assert set(caught.value.fields) == {"clerk_code"}
    assert (await invite_staff(auth, role="operator", clerk_code="")).invitation.role == "operator"


async def test_a_link_for_a_clerk_never_makes_an_operator(auth: ServiceClient) -> None:
    as_clerk = await invite_staff(auth)
    as_operator = await invite_staff(auth, role="operator", clerk_code="")
    assert as_operator.invitation.invitation_id == as_clerk.invitation.invitation_id
    assert await is_over(auth, as_clerk.token)
    assert (await find_invitation(auth, as_operator.token)).role == "operator"


async def test_an_address_with_an_account_is_not_invited_to_the_house(auth: ServiceClient) -> None:
    await create(auth, ERIKA)
    with pytest.raises(ConflictError) as caught:
        await invite_staff(auth, email=ERIKA.email)
    assert caught.value.code == "EmailTakenError"


# Telling again and ending


async def test_resending_ends_older_links_and_begins_a_new_term(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    invitation = await invite_customer(auth)
    await pool.execute("UPDATE invitation SET expires_at = now() + interval '1 hour'")
    await resend(auth, invitation.invitation_id)
    first, second = [opened(event.sealed_token) for event in await told(pool, CustomerInvited)]
    assert await is_over(auth, first)
    found = await find_invitation(auth, second)
    assert found.expires_at - datetime.now(UTC) > timedelta(days=29)


async def test_an_expired_invitation_can_be_resent(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    invitation = await invite_customer(auth)
    await expire(pool)
    await resend(auth, invitation.invitation_id)
    assert not await is_over(auth, opened((await told(pool, CustomerInvited))[-1].sealed_token))


async def test_a_cancelled_invitation_is_over_for_good(auth: ServiceClient, pool: Pool) -> None:
    await know_customer(pool)
    invitation = await invite_customer(auth)
    for _ in range(2):
        await cancel(auth, invitation.invitation_id)
    token = opened((await told(pool, CustomerInvited))[0].sealed_token)
    assert await is_over(auth, token)
    with pytest.raises(NotFoundError):
        await accept(auth, token)
    with pytest.raises(ConflictError):
        await resend(auth, invitation.invitation_id)
    anew = await invite_customer(auth)
    assert anew.invitation_id != invitation.invitation_id


async def test_an_accepted_invitation_can_neither_be_resent_nor_cancelled(
    auth: ServiceClient, pool: Pool
) -> None:
    await know_customer(pool)
    invitation = await invite_customer(auth)
    await accept(auth, opened((await told(pool, CustomerInvited))[0].sealed_token))
    for act in (resend, cancel):
        with pytest.raises(ConflictError) as caught:
            await act(auth, invitation.invitation_id)
        assert caught.value.code == "InvitationClosedError"


async def test_for_a_clerk_invitations_of_staff_do_not_exist(auth: ServiceClient) -> None:
    made = await invite_staff(auth)
    for act in (resend, cancel):
        with pytest.raises(NotFoundError):
            await act(auth, made.invitation.invitation_id)
    await cancel(auth, made.invitation.invitation_id, who=OPERATOR)
    assert await is_over(auth, made.token)


@pytest.mark.parametrize("act", [resend, cancel])
async def test_an_invitation_is_not_found_at_another_customer(
    auth: ServiceClient, pool: Pool, act: Any
) -> None:
    await know_customer(pool)
    invitation = await invite_customer(auth)
    with pytest.raises(NotFoundError):
        await act(auth, invitation.invitation_id, customer_number="10024")
    assert not await is_over(auth, opened((await told(pool, CustomerInvited))[0].sealed_token))
    answer = await act(auth, invitation.invitation_id, customer_number="10023")
    assert (answer.email, answer.customer_number) == ("erika@muster-ag.de", "10023")


@pytest.mark.parametrize("act", [resend, cancel])
async def test_an_invitation_that_never_was_is_not_found(auth: ServiceClient, act: Any) -> None:
    with pytest.raises(NotFoundError):
        await act(auth, uuid4())
    for who in (CUSTOMER, SYSTEM):
        with pytest.raises(ForbiddenError):
            await act(auth, uuid4(), who=who)


# By events


async def test_the_wish_of_cdh_becomes_an_invitation(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await know_customer(pool)
    await hear(pool, AccessRequested(customer_number="10023", contact_id="1", clerk_code="SB"))
    await perform_all(loops["inviting"])
    [event] = await told(pool, CustomerInvited)
    assert (event.email, event.name, event.clerk_code) == ("erika@muster-ag.de", "Erika Muster", "SB")
    assert event.request_cause == ""
    assert not await is_over(auth, opened(event.sealed_token))


async def test_a_mail_that_waits_gets_a_further_link_of_the_open_invitation(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await know_customer(pool)
    invitation = await invite_customer(auth, may_approve=False)
    await hear(
        pool,
        InvitationRequested(
            cause="request/4711",
            customer_number="10023",
            contact_id="1",
            email="Erika@muster-ag.de",
            name="E. Muster",
            locale="en",
            clerk_code="MB",
        ),
    )
    await perform_all(loops["inviting"])
    plain, with_request = await told(pool, CustomerInvited)
    assert with_request.invitation_id == invitation.invitation_id
    assert with_request.request_cause == "request/4711"
    assert plain.sealed_token != with_request.sealed_token
    for event in (plain, with_request):
        assert not await is_over(auth, opened(event.sealed_token))
    row = await pool.fetchrow("SELECT may_approve, inviter_code, locale FROM invitation")
    assert tuple(row or ()) == (False, "SB", "de"), "what the clerk has chosen stays"


async def test_a_wish_told_before_its_customer_is_heard_again_later(pool: Pool) -> None:
    wish = AccessRequested(customer_number="10023", contact_id="1", clerk_code="SB")
    with pytest.raises(Exception, match="10023") as caught:
        await hear(pool, wish)
    assert not isinstance(caught.value, UnprocessableError)
    await know_customer(pool)
    await hear(pool, wish)
    assert await pool.fetchval("SELECT email FROM invitation_request") == "erika@muster-ag.de"


@pytest.mark.parametrize("name", ["M" * 81, "www.muster-ag.de GmbH"])
async def test_a_name_of_cdh_that_nobody_may_enter_is_left_to_the_person(pool: Pool, name: str) -> None:
    await know_customer(pool)
    await hear(pool, AccessRequested(customer_number="10023", email="a@b.de", name=name))
    assert await pool.fetchval("SELECT name FROM invitation_request") == ""


async def test_a_wish_that_can_never_be_met_is_set_aside(pool: Pool) -> None:
    await hear(pool, CustomersChanged(customers=(MUSTER.model_copy(update={"email": "", "contacts": ()}),)))
    for wish in (
        AccessRequested(customer_number="10023"),
        AccessRequested(customer_number="10023", email="no address"),
        AccessRequested(customer_number="10023", email="a@b.de", name="Erika\nBcc: x"),
        AccessRequested(customer_number="", email="a@b.de"),
        InvitationRequested(cause="x", customer_number="10023", email="a@b.de", locale="fr"),
    ):
        with pytest.raises(UnprocessableError):
            await hear(pool, wish)
    assert await pool.fetchval("SELECT count(*) FROM invitation_request") == 0


async def test_nothing_is_told_for_somebody_who_is_registered(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await know_customer(pool)
    await create(auth, ERIKA)
    await hear(pool, AccessRequested(customer_number="10023", contact_id="1"))
    await perform_all(loops["inviting"])
    assert await told(pool, CustomerInvited) == []
    assert await pool.fetchval("SELECT count(*) FROM invitation_request") == 0


@pytest.mark.parametrize(
    ("contact_id", "email"),
    [("", "info@muster-ag.de"), ("1", "erika@muster-ag.de")],
    ids=["company", "contact"],
)
async def test_an_event_lets_nobody_in_again_who_was_invited_at_that_address_before(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop], contact_id: str, email: str
) -> None:
    """He has another address by now, may not approve or is shut out, and still reads mails to the first."""
    await know_customer(pool)
    await invite_customer(auth, contact_id=contact_id, name="Erika", email=email, may_approve=False)
    [invited] = await told(pool, CustomerInvited)
    accepted = await accept(auth, opened(invited.sealed_token), email=email)
    assert accepted.session
    await pool.execute("UPDATE account SET email = 'e@zuhause.example', email_key = 'e@zuhause.example'")
    asked = {"customer_number": "10023", "email": email, "locale": "de", "contact_id": contact_id}
    await hear(
        pool,
        InvitationRequested(cause="request/4711", **asked),
        AccessRequested(customer_number="10023", contact_id=contact_id, email=email),
    )
    await perform_all(loops["inviting"])
    assert await told(pool, CustomerInvited) == [invited]
    colleague = InvitationRequested(cause="2", **asked | {"email": "jm@muster-ag.de", "contact_id": "2"})
    await hear(pool, colleague)
    await perform_all(loops["inviting"])
    assert len(await told(pool, CustomerInvited)) == 2


async def test_an_event_lets_nobody_in_again_however_long_ago_he_was_invited(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await know_customer(pool)
    await invite_customer(auth, contact_id="1", email="erika@muster-ag.de")
    [invited] = await told(pool, CustomerInvited)
    assert (await accept(auth, opened(invited.sealed_token), email="erika@muster-ag.de")).session
    await pool.execute(
        "UPDATE account SET email = 'e@zuhause.example', email_key = 'e@zuhause.example', disabled_at = now()"
    )
    await pool.execute(
        "UPDATE invitation SET (expires_at, accepted_at)"
        " = (now() - interval '1 year', now() - interval '1 year')"
    )
    await perform_all(loops["housekeeping"])
    asked = AccessRequested(customer_number="10023", contact_id="1", email="erika@muster-ag.de")
    await hear(pool, asked)
    await perform_all(loops["inviting"])
    assert await told(pool, CustomerInvited) == [invited]
    assert (await auth.get("/invitations", api.InvitationRows, who=OPERATOR)).total == 0


async def test_an_older_customer_never_replaces_a_newer_one(auth: ServiceClient, pool: Pool) -> None:
    newer = MUSTER.model_copy(
        update={"revision": 3, "contacts": (Contact(contact_id="1", name="E. Neu", email="neu@muster.de"),)}
    )
    await hear(pool, CustomersChanged(customers=(newer, MUSTER)))
    await know_customer(pool)
    assert (await invite_customer(auth)).email == "neu@muster.de"
