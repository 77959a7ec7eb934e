"""The desk: what waits for whom, whose it is, and what needs somebody's care."""

import pytest

from services.gateway.pages import pieces
from tests.integration.gateway.conftest import Browser
from tests.integration.gateway.neighbours import ORDER_ID, Neighbours


async def test_a_clerk_sees_his_own_first_and_everybodys_on_demand(
    clerk: Browser, neighbours: Neighbours
) -> None:
    neighbours.add_version()
    own = await clerk.get("/desk")
    assert 'href="/desk" aria-current="true">Nur meine' in own.text
    everybody = await clerk.get("/desk?whose=all")
    assert 'href="/desk?whose=all" aria-current="true">Alle' in everybody.text
    assert "Wartet auf den Kunden" in everybody.text


async def test_somebody_without_a_short_code_sees_everybodys(
    operator: Browser, neighbours: Neighbours
) -> None:
    neighbours.add_version()
    page = await operator.get("/desk")
    assert "Nur meine" not in page.text
    assert "Logo Brust links" in page.text


async def test_an_empty_desk_says_what_comes_next(clerk: Browser) -> None:
    assert "Von Ihnen wartet nichts." in (await clerk.get("/desk")).text
    assert "Es gibt noch keine Freigabemuster." in (await clerk.get("/desk?whose=all")).text


async def test_long_queues_have_a_page_of_their_own_with_pages(
    clerk: Browser, neighbours: Neighbours
) -> None:
    for count in range(90):
        neighbours.add_version(title=f"Muster {count:02}")
    start = await clerk.get("/desk")
    assert "90 Freigabemuster" in start.text
    assert start.text.count('class="desk-row"') == 10
    assert 'href="/desk/queues/customer"' in start.text
    second = await clerk.get("/desk/queues/customer?page=2")
    assert second.text.count('class="desk-row"') == 10
    assert "Muster 89" in second.text
    beyond = await clerk.get("/desk/queues/customer?page=9&whose=all")
    assert (beyond.status, beyond.headers["Location"]) == (303, "/desk/queues/customer?whose=all&page=2")
    assert (await clerk.get("/desk/queues/nothing")).status == 404


@pytest.mark.parametrize(
    ("update", "said"),
    [
        ({"mail_state": "sent"}, "Mail verschickt, noch nicht gesehen"),
        ({"mail_state": "failed"}, "Die Mail kam nicht an"),
        ({"mail_state": "queued"}, "Mail ist unterwegs"),
        ({"mail_state": "draft"}, "die Mail wartet auf Versand<"),
        ({"mail_state": ""}, "noch nicht gesehen"),
        ({"seen_at": pieces.MOMENT}, "gesehen am 21.11.2026, 14:02"),
    ],
    ids=["sent", "failed", "queued", "draft", "none", "seen"],
)
async def test_what_waits_says_whether_it_was_mailed_and_seen(
    clerk: Browser, neighbours: Neighbours, update: dict[str, object], said: str
) -> None:
    neighbours.change(neighbours.add_version().version_id, **update)
    assert said in (await clerk.get("/desk")).text


@pytest.mark.parametrize(
    ("waits_for", "missing", "said"),
    [
        ("order", (), "Der Auftrag ist noch nicht aus CDH angekommen."),
        ("positions", ("7",), "Position 7 gibt es in diesem Auftrag (noch) nicht."),
        ("positions", ("7", "9"), "Die Positionen 7, 9 gibt es in diesem Auftrag (noch) nicht."),
        ("customer", (), "Mehrere Kunden haben einen Auftrag mit dieser Nummer."),
    ],
)
async def test_a_sample_that_waits_for_its_order_says_why(
    clerk: Browser, neighbours: Neighbours, waits_for: str, missing: tuple[str, ...], said: str
) -> None:
    version = neighbours.add_version("waiting_for_order")
    neighbours.change(version.version_id, waits_for=waits_for, missing_positions=missing)
    assert said in (await clerk.get("/desk")).text
    page = await clerk.get(f"/proofs/{version.version_id}")
    assert (said in page.text) == (waits_for != "order")


async def test_clerks_without_address_or_picture_are_a_fault_that_is_shown(
    clerk: Browser, neighbours: Neighbours
) -> None:
    neighbours.dealer.clerks = [
        pieces.CLERK.model_copy(update={"picture_sha256": "ab" * 32}),
        pieces.CLERK.model_copy(update={"name": "Tobias Kern", "email": "", "picture_sha256": "ab" * 32}),
        pieces.CLERK.model_copy(update={"name": "Aylin Yildiz"}),
    ]
    text = (await clerk.get("/desk")).text
    address, _, picture = text.partition("Sachbearbeiter ohne E-Mail-Adresse")[2].partition("ohne Bild")
    assert "Tobias Kern" in address
    assert "Aylin Yildiz" not in address
    assert "Aylin Yildiz" in picture
    assert "Sabine Berger</p>" not in text


async def test_invitations_and_registrations_of_late_are_shown(
    clerk: Browser, neighbours: Neighbours
) -> None:
    neighbours.people.invite(name="Petra Vogel")
    text = (await clerk.get("/desk")).text
    assert "Offene Einladungen · 1" in text
    assert "Petra Vogel" in text
    assert "Über eine Einladung hat sich noch niemand registriert." in text


async def test_the_desk_stands_while_others_are_away(clerk: Browser, neighbours: Neighbours) -> None:
    neighbours.add_version()
    await clerk.get("/desk")
    neighbours.down = {"auth", "sync", "documents"}
    page = await clerk.get("/desk")
    assert page.status == 200
    assert "Logo Brust links" in page.text


async def test_a_clerk_confirms_the_changes_and_the_customer_sees_it(
    clerk: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version("approved_with_changes")
    assert "Wartet auf Sie" in (await clerk.get("/desk")).text
    page = await clerk.get(f"/proofs/{version.version_id}")
    assert "Änderungen bestätigen" in page.text
    path = f"/desk/proofs/{version.version_id}/confirm-changes"
    answer = await clerk.post(path, {"form_token": page.form_token})
    assert answer.headers["Location"] == f"/proofs/{version.version_id}"
    page = await clerk.get(f"/proofs/{version.version_id}")
    for said in (
        "Die Änderungen sind bestätigt",
        "Sabine Berger hat die Änderungen am 21.11.2026, 14:02 bestätigt",
    ):
        assert said in page.text
    assert "Freigegeben mit Änderungen" in page.text, "it is no clean approval"
    assert "Wartet auf Sie" not in (await clerk.get("/desk")).text

    clerk.cookies["session"] = neighbours.log_in()
    page = await clerk.get(f"/proofs/{version.version_id}")
    assert "Sabine Berger hat die Änderungen" in page.text
    assert "/desk/" not in page.text


async def test_only_the_staff_confirms_and_only_what_is_there(
    customer: Browser, neighbours: Neighbours
) -> None:
    version, clean = neighbours.add_version("approved_with_changes"), neighbours.add_version("approved")
    page = await customer.get(f"/proofs/{version.version_id}")
    assert "Wir bestätigen Ihnen die Änderungen hier." in page.text
    form = {"form_token": page.form_token}
    path = f"/desk/proofs/{version.version_id}/confirm-changes"
    assert (await customer.post(path, form)).status == 403

    customer.cookies["session"] = neighbours.log_in("berger@dealer.example")
    form = {"form_token": (await customer.get("/desk")).form_token}
    assert (await customer.post(f"/desk/proofs/{clean.version_id}/confirm-changes", form)).status == 409
    assert neighbours.dealer.confirmed == []


async def test_the_next_version_is_one_link_away(clerk: Browser, neighbours: Neighbours) -> None:
    for state in ("changes_requested", "approved_with_changes", "outdated"):
        version = neighbours.add_version(state)
        page = await clerk.get(f"/proofs/{version.version_id}")
        assert f'href="/desk/orders/{ORDER_ID}/assign?sample={version.version_id}"' in page.text
