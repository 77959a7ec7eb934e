"""A decision with its record becomes a mail to the clerks and one to the person who decided."""

import asyncio

from shared.storage import FolderStorage
from tests.integration.mailer.conftest import (
    CLERKS,
    ERIKA,
    RECORD,
    Mailer,
    MailServer,
    MakeMailer,
    account,
    customer,
    decision,
)


async def test_clerks_and_customer_get_the_record(
    mailer: Mailer, mail_server: MailServer, storage: FolderStorage
) -> None:
    await storage.add(RECORD)
    await mailer.hear(CLERKS, customer(ERIKA), decision())
    await mailer.compose()
    await mailer.deliver()
    assert len(mail_server.mails) == 3
    for address in ("s.berger@werbetex-nord.de", "t.kruse@werbetex-nord.de", "erika@muster-ag.de"):
        [attachment] = mail_server.to(address).message.iter_attachments()
        assert attachment.get_filename() == "2026-1042 Freigabeprotokoll.pdf"
        assert attachment.get_content() == RECORD
    to_clerk = mail_server.to("t.kruse@werbetex-nord.de").message
    assert to_clerk["Subject"] == "Auftrag 2026-1042: Freigabemuster freigegeben (T-Shirt Front)"
    assert to_clerk["From"] == "Werbetex Nord GmbH <portal@werbetex-nord.de>"
    assert to_clerk["Reply-To"] == "Erika Muster <erika@muster-ag.de>"
    to_customer = mail_server.to("erika@muster-ag.de").message
    assert to_customer["Reply-To"] == "Sabine Berger <s.berger@werbetex-nord.de>"
    assert "21.11.2026, 14:02" in to_customer.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # or fail


async def test_the_clerk_who_assigned_and_has_the_order_gets_one_mail(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, decision(clerk_codes=("SB", "SB")))
    await mailer.compose()
    assert set(await mailer.states()) == {"s.berger@werbetex-nord.de", "erika@muster-ag.de"}


async def test_the_mail_to_a_clerk_without_an_address_goes_to_the_fallback_and_says_so(
    mailer: Mailer,
) -> None:
    await mailer.hear(CLERKS, decision(clerk_codes=("MO", "SB", "XX")))
    await mailer.compose()
    states = await mailer.states()
    assert set(states) == {"buero@werbetex-nord.de", "s.berger@werbetex-nord.de", "erika@muster-ag.de"}
    text = await mailer.pool.fetchval("SELECT body_text FROM mail WHERE recipient = 'buero@werbetex-nord.de'")
    assert "Max Ohnemail (MO), XX" in text


async def test_a_decision_without_any_clerk_is_still_told_to_somebody(mailer: Mailer) -> None:
    await mailer.hear(decision(clerk_codes=()))
    await mailer.compose()
    assert "buero@werbetex-nord.de" in await mailer.states()


async def test_a_decision_heard_twice_and_composed_by_two_copies_makes_each_mail_once(
    make_mailer: MakeMailer,
) -> None:
    copies = [await make_mailer(), await make_mailer()]
    told = decision()
    await copies[0].hear(CLERKS, told)
    await copies[1].hear(told)
    await asyncio.gather(*(copy.compose() for copy in copies))
    assert await copies[0].pool.fetchval("SELECT count(*) FROM mail") == 3


async def test_the_customer_reads_it_in_the_language_of_his_account(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, account("erika@muster-ag.de", locale="en"), decision())
    await mailer.compose()
    subject = await mailer.pool.fetchval("SELECT subject FROM mail WHERE template = 'decision_receipt'")
    assert subject == "Order 2026-1042: your approval arrived (T-Shirt Front)"


async def test_a_record_that_cannot_be_read_makes_the_mail_wait(
    mailer: Mailer, mail_server: MailServer, storage: FolderStorage
) -> None:
    await mailer.hear(CLERKS, decision(clerk_codes=("SB",)))
    await mailer.compose()
    await mailer.deliver()
    assert mail_server.mails == []
    assert set((await mailer.states()).values()) == {"queued"}
    await storage.add(RECORD)
    await mailer.make_everything_due()
    await mailer.deliver()
    assert set((await mailer.states()).values()) == {"sent"}


async def test_a_person_without_an_address_is_told_as_a_failure(mailer: Mailer) -> None:
    await mailer.hear(CLERKS, decision(clerk_codes=("SB",), person_email=""))
    await mailer.compose()
    [failed] = await mailer.told("mail_failed")
    assert failed["template"] == "decision_receipt"
