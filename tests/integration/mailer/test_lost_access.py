"""Whoever has no access any more gets no mail about his company's proofs, nor one that waited."""

import asyncio

import pytest

from services.mailer.repository import recipients as known_recipients
from services.mailer.use_cases.withdrawals import ACCOUNT_ENDED
from shared.api.mailer import DraftRows
from shared.database import transaction
from shared.errors import ConflictError
from shared.events import Event
from shared.events.auth import AccountDeleted, AccountRegistered
from shared.storage import FolderStorage
from shared.web import ServiceClient
from tests.integration.mailer.conftest import (
    CLERK,
    CLERKS,
    ERIKA,
    RECORD,
    Mailer,
    MailServer,
    MakeMailer,
    account,
    customer,
    decision,
    invited,
    request,
)
from tests.integration.mailer.test_notices import confirmed, password_changed
from tests.integration.mailer.test_requests import changed
from tests.support import eventually

INVITATION = "Registrierung Partner-Cockpit: Ihr Zugang bei Werbetex Nord GmbH"
ANNA = account("anna@muster-ag.de", contact_id="1")


def deleted(registered: AccountRegistered) -> AccountDeleted:
    return AccountDeleted(account_id=registered.account_id, role="customer", customer_number="10023")


LOSSES = pytest.mark.parametrize(
    "loss", [deleted(ANNA), changed(ANNA, disabled=True)], ids=["deleted", "disabled"]
)


async def recipients(mailer: Mailer, template: str) -> list[str]:
    rows = await mailer.pool.fetch("SELECT recipient FROM mail WHERE template = $1", template)
    return [row["recipient"] for row in rows]


# Mails about a decision


@LOSSES
async def test_who_lost_his_access_gets_neither_the_record_nor_the_confirmation(
    mailer: Mailer, loss: Event
) -> None:
    told = decision(account_id=ANNA.account_id, person_email=ANNA.email)
    await mailer.hear(CLERKS, customer(ERIKA), ANNA, loss, told, confirmed(told))
    await mailer.compose()
    assert set(await mailer.states()) == {"s.berger@werbetex-nord.de", "t.kruse@werbetex-nord.de"}
    reply_to = await mailer.pool.fetch("SELECT reply_to FROM mail")
    assert {row["reply_to"] for row in reply_to} == {None}


async def test_after_a_change_of_address_both_go_to_the_present_one(mailer: Mailer) -> None:
    told = decision(account_id=ANNA.account_id, person_email=ANNA.email)
    moved = changed(ANNA, email="anna@neu.example", locale="en")
    await mailer.hear(CLERKS, customer(ERIKA), ANNA, moved, told, confirmed(told))
    await mailer.compose()
    for template in ("decision_receipt", "changes_confirmed"):
        assert await recipients(mailer, template) == ["anna@neu.example"]


async def test_a_confirmation_names_the_person_where_the_older_decision_does_not(mailer: Mailer) -> None:
    told = decision(person_email=ANNA.email)
    named = confirmed(told).model_copy(update={"account_id": ANNA.account_id})
    await mailer.hear(CLERKS, ANNA, told, deleted(ANNA), named)
    await mailer.compose()
    assert await recipients(mailer, "changes_confirmed") == []


async def test_somebody_of_whom_nothing_is_told_yet_is_written_to_as_he_decided(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, decision(account_id=ANNA.account_id, person_email=ANNA.email))
    await mailer.compose()
    assert await recipients(mailer, "decision_receipt") == [ANNA.email]


# Mails that waited


@LOSSES
async def test_drafts_for_who_lost_his_access_are_offered_no_more(
    make_mailer: MakeMailer, client: ServiceClient, loss: Event
) -> None:
    outlook = await make_mailer(mail_way="outlook")
    proof = request()
    await outlook.hear(CLERKS, customer(ERIKA), ANNA, proof)
    await outlook.compose()
    [draft] = (await client.get("/drafts", DraftRows, who=CLERK)).rows
    await outlook.hear(loss)
    assert (await client.get("/drafts", DraftRows, who=CLERK)).rows == ()
    for method, what in (("GET", "file"), ("POST", "send")):
        with pytest.raises(ConflictError):
            await client.call(method, f"/drafts/{draft.mail_id}/{what}", who=CLERK)
    [failed] = await outlook.told("mail_failed")
    assert (failed["reason"], failed["version_ids"]) == (ACCOUNT_ENDED, [str(proof.version_id)])


@LOSSES
async def test_queued_mails_for_who_lost_his_access_end_and_those_of_others_and_his_own_go(
    mailer: Mailer, mail_server: MailServer, storage: FolderStorage, loss: Event
) -> None:
    await storage.add(RECORD)
    told = decision(account_id=ANNA.account_id, person_email=ANNA.email, clerk_codes=("SB",))
    elsewhere = invited(email=ANNA.email).model_copy(update={"customer_number": "10099"})
    of_his_own = password_changed(by_reset=False).model_copy(update={"email": ANNA.email})
    await mailer.hear(CLERKS, customer(ERIKA), ANNA, told, confirmed(told), elsewhere, of_his_own)
    await mailer.compose()
    await mailer.hear(loss)
    await mailer.deliver()
    sent = [mail.message["Subject"] for mail in mail_server.mails if mail.recipients == [ANNA.email]]
    assert sorted(sent) == ["Ihr Passwort wurde geändert", INVITATION]
    rows = await mailer.pool.fetch("SELECT template FROM mail WHERE withdrawn AND reason = $1", ACCOUNT_ENDED)
    assert sorted(row["template"] for row in rows) == ["changes_confirmed", "decision_receipt"]


async def test_an_older_loss_that_is_heard_late_ends_nothing(mailer: Mailer) -> None:
    enabled = changed(ANNA, revision=3)
    await mailer.hear(CLERKS, customer(ERIKA), ANNA, enabled, request())
    await mailer.compose()
    await mailer.hear(changed(ANNA, disabled=True))
    assert (await mailer.states())[ANNA.email] == "queued"


@LOSSES
async def test_who_loses_his_access_while_a_mail_is_made_for_him_is_waited_for(
    mailer: Mailer, loss: Event
) -> None:
    """Otherwise a mail that is not committed yet would not be found among those that end."""

    async def waits() -> object:
        return await mailer.pool.fetchval(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )

    await mailer.hear(CLERKS, customer(ERIKA), ANNA)
    for read in (
        lambda opened: known_recipients.list_accounts_of_customer(opened, "10023"),
        lambda opened: known_recipients.find_account(opened, ANNA.account_id),
    ):
        async with transaction(mailer.pool) as composing:
            await read(composing)
            losing = asyncio.create_task(mailer.hear(loss))
            await eventually(waits)
        await losing
