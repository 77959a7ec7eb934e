"""Samples assigned to an order become one mail to the right people."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from shared.events.auth import AccountChanged, AccountDeleted, AccountRegistered
from shared.events.sync import File
from shared.storage import FolderStorage
from tests.integration.mailer.conftest import (
    CLERKS,
    ERIKA,
    Mailer,
    MailServer,
    MakeMailer,
    account,
    customer,
    decision,
    known,
    moved,
    request,
)


async def queued_to(mailer: Mailer) -> list[str]:
    """The addresses of request mails, copies left out."""
    rows = await mailer.pool.fetch(
        "SELECT recipient FROM mail WHERE cause NOT LIKE '%/copy' ORDER BY recipient"
    )
    return [row["recipient"] for row in rows]


async def test_the_contact_with_an_access_gets_the_mail_alone(mailer: Mailer) -> None:
    await mailer.hear(
        CLERKS,
        customer(ERIKA),
        account("erika.own@muster-ag.de", contact_id="1"),
        account("max@muster-ag.de"),
        request(),
    )
    await mailer.compose()
    assert await queued_to(mailer) == ["erika.own@muster-ag.de"]


async def test_without_an_access_of_the_contact_all_who_may_approve_get_it(mailer: Mailer) -> None:
    await mailer.hear(
        customer(ERIKA),
        account("anna@muster-ag.de"),
        account("max@muster-ag.de"),
        account("reader@muster-ag.de", may_approve=False),
        account("stranger@other.de", customer_number="10099"),
        request(),
    )
    await mailer.compose()
    assert await queued_to(mailer) == ["anna@muster-ag.de", "max@muster-ag.de"]


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "unknown"])
async def test_a_customer_without_any_address_is_told_as_a_failure(mailer: Mailer, is_known: bool) -> None:  # noqa: FBT001 - a case of the test
    proof = request()
    await mailer.hear(*([customer()] if is_known else []), proof)
    await mailer.compose()
    [event] = await mailer.told("mail_failed")
    assert event["version_ids"] == [str(proof.version_id)]
    assert "usable e-mail address" in event["reason"]
    assert await mailer.states() == {"": "failed"}


async def test_requests_of_one_order_make_one_mail_that_names_the_number(
    mailer: Mailer, mail_server: MailServer
) -> None:
    proofs = [request(title="T-Shirt Front"), request(title="Visitenkarte"), request(title="Roll-up")]
    await mailer.hear(CLERKS, *known(ERIKA), *proofs, request(title="Other order", document_id=uuid4()))
    await mailer.compose()
    await mailer.deliver()
    subjects = sorted(
        str(mail.message["Subject"]) for mail in mail_server.mails if "erika" in mail.recipients[0]
    )
    assert subjects == [
        "Auftrag 2026-1042: Bitte geben Sie 3 Freigabemuster frei",
        "Auftrag 2026-1042: Bitte geben Sie das Freigabemuster frei",
    ]
    sent = [set(event["version_ids"]) for event in await mailer.told("mail_sent") if event["version_ids"]]
    assert {str(proof.version_id) for proof in proofs} in sent


async def test_a_request_waits_for_company_and_says_how_long(make_mailer: MakeMailer) -> None:
    mailer = await make_mailer(request_mail_delay_seconds=60)
    await mailer.hear(*known(ERIKA), request())
    left = await mailer.turn("composing")
    assert isinstance(left, timedelta)
    assert timedelta(seconds=50) < left <= timedelta(seconds=60)
    await mailer.hear(request())
    await mailer.pool.execute("UPDATE approval_request SET heard_at = heard_at - interval '1 minute'")
    await mailer.compose()
    assert await mailer.pool.fetchval("SELECT count(*) FROM mail") == 1


async def test_the_oldest_decides_when_and_the_youngest_goes_along(make_mailer: MakeMailer) -> None:
    mailer = await make_mailer(request_mail_delay_seconds=60)
    first, second = request(), request()
    await mailer.hear(*known(ERIKA), first)
    await mailer.pool.execute("UPDATE approval_request SET heard_at = heard_at - interval '59.9 seconds'")
    await mailer.hear(second)
    await mailer.pool.execute(
        "UPDATE approval_request SET heard_at = heard_at - interval '1 second' WHERE version_id = $1",
        first.version_id,
    )
    await mailer.compose()
    assert await mailer.pool.fetchval("SELECT cardinality(version_ids) FROM mail") == 2


async def test_an_event_heard_twice_makes_one_mail(mailer: Mailer) -> None:
    proof = request()
    await mailer.hear(*known(ERIKA), proof, proof)
    await mailer.compose()
    await mailer.hear(proof)
    await mailer.compose()
    assert await mailer.pool.fetchval("SELECT count(*) FROM mail") == 1


async def test_two_copies_at_once_make_one_mail(make_mailer: MakeMailer) -> None:
    copies = [await make_mailer(copy_to_clerk=False) for _ in range(3)]
    await copies[0].hear(*known(ERIKA), *(request(title=f"Proof {number}") for number in range(5)))
    await asyncio.gather(*(copy.compose() for copy in copies))
    rows = await copies[0].pool.fetch("SELECT cardinality(version_ids) AS proofs FROM mail")
    assert [row["proofs"] for row in rows] == [5]


async def test_only_the_newest_version_is_asked_for(mailer: Mailer) -> None:
    sample_id = uuid4()
    newer = request(sample_id=sample_id, version=2)
    await mailer.hear(*known(ERIKA), newer, request(sample_id=sample_id, version=1))
    await mailer.compose()
    assert await mailer.pool.fetchval("SELECT version_ids FROM mail") == [newer.version_id]


async def test_an_order_that_became_another_customers_is_asked_for_there_and_in_any_order_heard(
    mailer: Mailer,
) -> None:
    first = request()
    second = moved(first, "10099")
    await mailer.hear(*known(ERIKA), account("new@other.de", customer_number="10099"), first)
    await mailer.compose()
    await mailer.hear(second, first.model_copy(update={"event_id": uuid4()}))
    await mailer.compose()
    assert await queued_to(mailer) == ["erika@muster-ag.de", "new@other.de"]


async def test_an_order_that_comes_back_is_asked_for_anew(make_mailer: MakeMailer) -> None:
    mailer = await make_mailer(copy_to_clerk=False)
    there = moved(proof := request(), "10099")
    await mailer.hear(*known(ERIKA), account("new@other.de", customer_number="10099"))
    for told in (proof, there, moved(there, "10023")):
        await mailer.hear(told)
        await mailer.compose()
    rows = await mailer.pool.fetch("SELECT recipient, state FROM mail ORDER BY queued_at")
    assert [tuple(row) for row in rows] == [
        ("erika@muster-ag.de", "failed"),
        ("new@other.de", "failed"),
        ("erika@muster-ag.de", "queued"),
    ]


async def test_what_is_decided_already_is_not_asked_for(mailer: Mailer) -> None:
    proof = request()
    await mailer.hear(CLERKS, *known(ERIKA), decision(version_id=proof.version_id), proof)
    await mailer.compose()
    assert await mailer.pool.fetchval("SELECT count(*) FROM mail WHERE template = 'approval_requested'") == 0


async def test_each_reads_it_in_his_own_language(mailer: Mailer) -> None:
    await mailer.hear(
        customer(ERIKA), account("anna@muster-ag.de", locale="en"), account("max@muster-ag.de"), request()
    )
    await mailer.compose()
    subjects = [
        row["subject"] for row in await mailer.pool.fetch("SELECT subject FROM mail ORDER BY recipient")
    ]
    assert subjects == [
        "Order 2026-1042: please approve the print proof",
        "Auftrag 2026-1042: Bitte geben Sie das Freigabemuster frei",
    ]


async def test_the_mail_comes_from_the_clerk_who_gets_a_copy(mailer: Mailer, mail_server: MailServer) -> None:
    await mailer.hear(CLERKS, *known(ERIKA), request(clerk_codes=("SB", "TK")))
    await mailer.compose()
    await mailer.deliver()
    mail, copy = mail_server.to("erika@muster-ag.de"), mail_server.to("s.berger@werbetex-nord.de")
    assert len(mail_server.mails) == 2
    for one in (mail, copy):
        assert one.sender == "portal@werbetex-nord.de", "bounces go to the portal"
        assert one.message["From"] == "Sabine Berger <s.berger@werbetex-nord.de>"
        assert one.message["To"] == "Erika Muster <erika@muster-ag.de>"
        assert one.message["Sender"] is None
    assert mail.message["Message-ID"] != copy.message["Message-ID"]
    assert copy.message["Subject"] == f"Kopie: {mail.message['Subject']}"
    assert [event["version_ids"] for event in await mailer.told("mail_sent")].count([]) == 1, (
        "a copy asks nobody"
    )


async def test_the_operator_may_leave_copies_out(make_mailer: MakeMailer) -> None:
    mailer = await make_mailer(copy_to_clerk=False)
    await mailer.hear(CLERKS, *known(ERIKA), request())
    await mailer.compose()
    assert set(await mailer.states()) == {"erika@muster-ag.de"}


async def test_a_refused_copy_is_no_failure_of_the_request(mailer: Mailer, mail_server: MailServer) -> None:
    await mailer.hear(CLERKS, *known(ERIKA), request())
    await mailer.compose()
    mail_server.answers["RCPT s.berger@werbetex-nord.de"] = ["550 no such user"]
    await mailer.deliver()
    assert await mailer.states() == {"erika@muster-ag.de": "sent", "s.berger@werbetex-nord.de": "failed"}
    [failed] = await mailer.told("mail_failed")
    assert failed["version_ids"] == []


async def test_a_clerk_without_an_address_writes_from_the_portals(
    mailer: Mailer, mail_server: MailServer
) -> None:
    await mailer.hear(CLERKS, *known(ERIKA), request(clerk_codes=("MO",)))
    await mailer.compose()
    await mailer.deliver()
    message = mail_server.to("erika@muster-ag.de").message
    assert message["From"] == "Max Ohnemail Werbetex Nord GmbH <portal@werbetex-nord.de>"
    assert "buero@werbetex-nord.de" in message["Reply-To"]


async def test_the_preview_travels_inside_of_the_mail(
    mailer: Mailer, mail_server: MailServer, storage: FolderStorage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    picture = tmp_path_factory.mktemp("preview") / "preview.jpg"
    Image.new("RGB", (60, 40), "#2b4c7e").save(picture)
    sha256 = await storage.add(picture.read_bytes())
    preview = File(sha256=sha256, name="p.jpg", media_type="image/jpeg", size=picture.stat().st_size)
    await mailer.hear(*known(ERIKA), request(preview=preview))
    await mailer.compose()
    await mailer.deliver()
    message = mail_server.to("erika@muster-ag.de").message
    [part] = [part for part in message.walk() if part.get_content_type() == "image/jpeg"]
    assert part.get_content() == picture.read_bytes()
    html = message.get_body(("html",))
    assert html is not None
    assert f'src="cid:{part["Content-ID"].strip("<>")}"' in html.get_content()


async def test_a_missing_preview_holds_no_mail_up(mailer: Mailer, mail_server: MailServer) -> None:
    preview = File(sha256="0" * 64, name="p.jpg", media_type="image/jpeg", size=100)
    await mailer.hear(*known(ERIKA), request(preview=preview))
    await mailer.compose()
    await mailer.deliver()
    assert mail_server.to("erika@muster-ag.de")


async def test_an_older_revision_never_replaces_a_newer_one(mailer: Mailer) -> None:
    registered = account("new@muster-ag.de", contact_id="1").model_copy(update={"revision": 2})
    older = registered.model_copy(update={"revision": 1, "email": "old@muster-ag.de"})
    await mailer.hear(customer(ERIKA), registered, older, request())
    await mailer.compose()
    assert await queued_to(mailer) == ["new@muster-ag.de"]


async def test_a_changed_address_counts_from_then_on(mailer: Mailer) -> None:
    registered = account("old@muster-ag.de", contact_id="1")
    await mailer.hear(customer(ERIKA), registered, changed(registered, email="new@muster-ag.de"), request())
    await mailer.compose()
    assert await queued_to(mailer) == ["new@muster-ag.de"]


async def test_a_disabled_access_gets_nothing(mailer: Mailer) -> None:
    registered = account("erika.own@muster-ag.de", contact_id="1")
    await mailer.hear(
        customer(ERIKA),
        registered,
        account("anna@muster-ag.de"),
        changed(registered, disabled=True),
        request(),
    )
    await mailer.compose()
    assert await queued_to(mailer) == ["anna@muster-ag.de"]


async def test_a_deleted_access_gets_nothing_and_leaves_nothing_behind(mailer: Mailer) -> None:
    registered = account("erika.own@muster-ag.de", contact_id="1")
    deleted = AccountDeleted(account_id=registered.account_id, role="customer", customer_number="10023")
    await mailer.hear(
        customer(ERIKA),
        registered,
        account("anna@muster-ag.de"),
        deleted,
        changed(registered, name="Late news"),
        request(),
    )
    await mailer.compose()
    assert await queued_to(mailer) == ["anna@muster-ag.de"]
    row = await mailer.pool.fetchrow(
        "SELECT name, email FROM account WHERE account_id = $1", registered.account_id
    )
    assert row is not None
    assert tuple(row) == ("", "")


async def test_an_access_that_is_deleted_before_it_is_heard_of_stays_deleted(mailer: Mailer) -> None:
    registered = account("erika.own@muster-ag.de", contact_id="1")
    deleted = AccountDeleted(account_id=registered.account_id, role="customer", customer_number="10023")
    await mailer.hear(customer(ERIKA), deleted, registered, account("anna@muster-ag.de"), request())
    await mailer.compose()
    assert await queued_to(mailer) == ["anna@muster-ag.de"]


def changed(registered: AccountRegistered, **fields: Any) -> AccountChanged:
    told = registered.model_dump(exclude={"event_id", "occurred_at", "invited_by", "invited_email"})
    return AccountChanged(**(told | {"revision": 2} | fields))
