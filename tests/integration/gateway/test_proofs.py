"""From the mail's link to the decision."""

import pytest

from services.gateway.pages.pieces import CLERK
from shared.api.approvals import GrantApproval, RequestChanges, VersionRow
from tests.integration.gateway.conftest import Browser
from tests.integration.gateway.neighbours import APPROVAL_TEXT, Neighbours
from tests.integration.gateway.people import NOW


async def test_a_customer_decides_in_three_taps(customer: Browser, neighbours: Neighbours) -> None:
    version = neighbours.add_version()
    address = f"/proofs/{version.version_id}"
    page = await customer.get(address)  # the first tap is on the mail's button
    assert f'href="{address}/approve"' in page.text
    check = await customer.get(f"{address}/approve")
    assert APPROVAL_TEXT in check.text
    assert "Version 3 verbindlich freigeben" in check.text
    assert "120 Stück · PH-200 · navy" in check.text
    assert 'name="positions_sha256" value="of-what-is-shown"' in check.text
    form = {
        "form_token": check.form_token,
        "sha256": version.file.sha256,
        "positions_sha256": "of-what-is-shown",
        "approval_text_version": "1",
    }
    answer = await customer.post(f"{address}/approve", form)
    assert (answer.status, answer.headers["Location"]) == (303, f"{address}/decided")
    after = await customer.get(f"{address}/decided")
    assert "Freigegeben am 21.11.2026, 14:02" in after.text
    assert "Sabine Berger ist benachrichtigt." in after.text
    assert "Das Protokoll kommt per Mail." in after.text
    sent = neighbours.last_decision
    assert isinstance(sent, GrantApproval)
    assert (sent.sha256, sent.with_changes, sent.comment) == (version.file.sha256, False, "")
    assert (sent.network_address, sent.approval_text_version) == ("127.0.0.1", "1")
    assert sent.positions_sha256 == "of-what-is-shown"


async def test_the_clerk_to_ask_stands_on_each_page_around_a_decision(
    customer: Browser, neighbours: Neighbours
) -> None:
    waiting, decided = neighbours.add_version(), neighbours.add_version("approved")
    paths = [f"/proofs/{waiting.version_id}{page}" for page in ("", "/approve", "/request-changes")]
    paths.append(f"/proofs/{decided.version_id}/decided")
    for path in paths:
        text = (await customer.get(path)).text
        assert f'href="mailto:{CLERK.email}"' in text, path
        assert CLERK.phone in text, path
    neighbours.down = {"documents"}
    for path in paths:
        page = await customer.get(path)
        assert (page.status, CLERK.email in page.text) == (200, False), path


async def test_each_page_of_a_proof_has_its_picture(customer: Browser, neighbours: Neighbours) -> None:
    version = neighbours.add_version(pages=3)
    text = (await customer.get(f"/proofs/{version.version_id}")).text
    figures = text.split("<figure")[1:]
    addresses = [f'<a href="/proofs/{version.version_id}/pages/{number}"' for number in (1, 2, 3)]
    assert len(figures) == 3
    for number, (figure, address) in enumerate(zip(figures, addresses, strict=True), start=1):
        assert address in figure
        assert f"Seite {number} von 3" in figure


async def test_the_next_proof_that_waits_is_offered(customer: Browser, neighbours: Neighbours) -> None:
    decided = neighbours.add_version("approved")
    following = neighbours.add_version(title="Ärmel rechts")
    page = await customer.get(f"/proofs/{decided.version_id}/decided")
    assert f'href="/proofs/{following.version_id}"' in page.text
    assert f'href="/proofs/{decided.version_id}/record"' in page.text


async def test_after_a_decision_at_most_five_that_wait_as_well_are_shown_and_the_rest_counted(
    customer: Browser, neighbours: Neighbours
) -> None:
    decided = neighbours.add_version("approved")
    waiting = [neighbours.add_version(title=f"Muster {number}") for number in range(107)]
    text = (await customer.get(f"/proofs/{decided.version_id}/decided")).text
    assert sum(f'href="/proofs/{one.version_id}"' in text for one in waiting) == 5
    assert '<a href="/proofs?state=pending">und 102 weitere</a>' in text


async def test_sentences_after_a_correction_stand_apart(customer: Browser, neighbours: Neighbours) -> None:
    decided = neighbours.add_version("changes_requested")
    text = (await customer.get(f"/proofs/{decided.version_id}/decided")).text
    assert "ist benachrichtigt. Sie bekommen eine Mail" in text


async def test_only_who_decides_is_told_what_to_check_and_when_the_delivery_time_starts(
    customer: Browser, neighbours: Neighbours
) -> None:
    with_changes, without = neighbours.add_version(), neighbours.add_version()
    neighbours.change(without.version_id, may_approve_with_changes=False)
    text = (await customer.get(f"/proofs/{with_changes.version_id}")).text
    assert "beginnt sie, sobald wir die Änderungen bestätigt haben" in text
    assert "Bitte prüfen Sie Schreibweise" in text
    text = (await customer.get(f"/proofs/{without.version_id}")).text
    assert "Die Lieferzeit beginnt mit der Freigabe." in text
    others = [neighbours.add_version("approved"), neighbours.add_version("superseded")]
    for version in others:
        text = (await customer.get(f"/proofs/{version.version_id}")).text
        assert ("Bitte prüfen Sie" in text, "Lieferzeit" in text) == (False, False)
    customer.cookies["session"] = neighbours.log_in("berger@dealer.example")
    text = (await customer.get(f"/proofs/{with_changes.version_id}")).text
    assert "Farben am Bildschirm sind nicht verbindlich." in text
    assert ("Bitte prüfen Sie" in text, "Lieferzeit" in text) == (False, False)


async def test_who_may_not_approve_is_not_told_that_his_approval_is_awaited(
    customer: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version()
    own = (await customer.get("/")).text
    assert "wartet auf Ihre Freigabe" in own
    neighbours.accounts["keller@hartmann.example"] = neighbours.accounts[
        "keller@hartmann.example"
    ].model_copy(update={"may_approve": False})
    customer.cookies["session"] = neighbours.log_in()
    for path in ("/", "/proofs", f"/proofs/{version.version_id}", f"/orders/{version.document_id}"):
        text = (await customer.get(path)).text
        assert "artet auf Ihre Freigabe" not in text, path
        assert "Wartet auf Freigabe" in text, path
    assert "Ein Freigabemuster wartet auf die Freigabe in Ihrer Firma." in (await customer.get("/")).text


async def test_confirmed_changes_are_said_on_the_order_and_never_counted_as_a_clean_approval(
    customer: Browser, neighbours: Neighbours
) -> None:
    neighbours.add_version("approved", title="Ärmel")
    version = neighbours.add_version("approved_with_changes")
    text = (await customer.get(f"/orders/{version.document_id}")).text
    assert "1 von 2 freigegeben</p>" in text
    assert version.decision
    decision = version.decision.model_copy(update={"confirmed_at": NOW, "confirmed_by": "Sabine Berger"})
    neighbours.change(version.version_id, decision=decision)
    for path in (f"/orders/{version.document_id}", "/proofs", f"/proofs/{version.version_id}"):
        assert "</svg>Änderungen bestätigt</span>" in (await customer.get(path)).text, path
    text = (await customer.get(f"/orders/{version.document_id}")).text
    assert "1 von 2 freigegeben, 1 mit bestätigten Änderungen" in text


async def test_asking_for_a_correction_needs_words_and_keeps_them(
    customer: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version()
    address = f"/proofs/{version.version_id}/request-changes"
    page = await customer.get(address)
    form = {"form_token": page.form_token, "sha256": version.file.sha256}
    empty = await customer.post(address, form | {"comment": "  "})
    assert empty.status == 422
    assert 'href="#comment"' in empty.text
    long = await customer.post(address, form | {"comment": "x" * 4001})
    assert long.status == 422
    assert "x" * 4001 in long.text
    answer = await customer.post(address, form | {"comment": "Bitte <größer>\r\nund blau"})
    assert answer.status == 303
    sent = neighbours.last_decision
    assert isinstance(sent, RequestChanges)
    assert sent.comment == "Bitte <größer>\nund blau"
    after = await customer.get(answer.headers["Location"])
    assert "Bitte &lt;größer&gt;" in after.text


async def test_approving_with_changes_is_told_apart(customer: Browser, neighbours: Neighbours) -> None:
    version = neighbours.add_version()
    address = f"/proofs/{version.version_id}/approve-with-changes"
    page = await customer.get(address)
    form = {"form_token": page.form_token, "sha256": version.file.sha256}
    assert (await customer.post(address, form)).status == 422
    await customer.post(address, form | {"comment": "Etwas größer"})
    sent = neighbours.last_decision
    assert isinstance(sent, GrantApproval)
    assert sent.with_changes


async def test_approving_with_changes_is_not_offered_where_it_is_switched_off(
    customer: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version()
    neighbours.change(version.version_id, may_approve_with_changes=False)
    page = await customer.get(f"/proofs/{version.version_id}")
    assert "approve-with-changes" not in page.text
    assert (await customer.get(f"/proofs/{version.version_id}/approve-with-changes")).status == 303


async def test_whoever_comes_second_learns_what_happened_and_keeps_his_text(
    customer: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version()
    page = await customer.get(f"/proofs/{version.version_id}/request-changes")
    decided = neighbours.add_version("approved")
    neighbours.change(version.version_id, state="approved", decision=decided.decision, may_decide=False)
    form = {"form_token": page.form_token, "sha256": version.file.sha256, "comment": "Mein Text"}
    answer = await customer.post(f"/proofs/{version.version_id}/request-changes", form)
    assert answer.status == 409
    assert "Ihre Entscheidung wurde nicht gespeichert" in answer.text
    assert "Petra Vogel hat über diese Version schon entschieden: Freigegeben, " in answer.text
    assert "Mein Text" in answer.text


async def test_deciding_twice_is_harmless(customer: Browser, neighbours: Neighbours) -> None:
    version = neighbours.add_version()
    page = await customer.get(f"/proofs/{version.version_id}/approve")
    form = {"form_token": page.form_token, "sha256": version.file.sha256}
    first = await customer.post(f"/proofs/{version.version_id}/approve", form)
    second = await customer.post(f"/proofs/{version.version_id}/approve", form)
    assert first.headers["Location"] == second.headers["Location"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("approved", "Petra Vogel hat Version 3 freigegeben."),
        ("approved_with_changes", "unter der Bedingung freigegeben"),
        ("changes_requested", "Petra Vogel schrieb:"),
        ("superseded", "Es gibt eine neuere Version"),
        ("outdated", "Diese Freigabe gilt nicht mehr"),
        ("preparing", "Die Bilder werden gerade erstellt"),
    ],
)
async def test_each_state_has_its_own_words_and_no_decision(
    customer: Browser, neighbours: Neighbours, state: str, words: str
) -> None:
    version = neighbours.add_version(state)  # type: ignore[arg-type]  # the states of the list above
    page = await customer.get(f"/proofs/{version.version_id}")
    assert page.status == 200
    assert words in page.text
    assert "decision-bar" not in page.text
    again = await customer.get(f"/proofs/{version.version_id}/approve")
    assert (again.status, again.headers["Location"]) == (303, f"/proofs/{version.version_id}")


async def test_a_superseded_version_leads_to_the_newest(customer: Browser, neighbours: Neighbours) -> None:
    old, new = neighbours.add_version("superseded"), neighbours.add_version(version=4)
    neighbours.change(old.version_id, other_versions=(VersionRow.model_validate(new.model_dump()),))
    page = await customer.get(f"/proofs/{old.version_id}")
    assert "Zu Version 4" in page.text


async def test_only_a_customer_who_really_opened_the_page_has_seen_the_proof(
    customer: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version()
    address = f"/proofs/{version.version_id}"
    await customer.send("HEAD", address)
    await customer.get(address, Sec_Purpose="prefetch")
    await customer.get(f"{address}/pages/1")
    customer_cookie = customer.cookies.pop("session")
    await customer.get(address)  # as the scanner of a mail does
    customer.cookies["session"] = neighbours.log_in("berger@dealer.example")
    await customer.get(address)
    assert neighbours.versions[version.version_id].seen_at is None
    customer.cookies["session"] = customer_cookie
    await customer.get(address)
    assert neighbours.versions[version.version_id].seen_at == NOW


async def test_staff_looks_and_never_decides(clerk: Browser, neighbours: Neighbours) -> None:
    version = neighbours.add_version()
    address = f"/proofs/{version.version_id}"
    page = await clerk.get(address)
    assert page.status == 200
    assert "decision-bar" not in page.text
    form = {"form_token": page.form_token, "sha256": version.file.sha256}
    assert (await clerk.post(f"{address}/approve", form)).status == 403
    assert neighbours.last_decision is None


async def test_a_person_without_the_right_only_looks(customer: Browser, neighbours: Neighbours) -> None:
    version = neighbours.add_version()
    neighbours.change(version.version_id, may_decide=False)
    page = await customer.get(f"/proofs/{version.version_id}")
    assert "Freigeben kann es jemand anderes in Ihrer Firma." in page.text
    assert "decision-bar" not in page.text


async def test_a_decision_without_a_good_form_token_is_refused(
    customer: Browser, neighbours: Neighbours
) -> None:
    version = neighbours.add_version()
    address = f"/proofs/{version.version_id}/approve"
    assert (await customer.post(address, {"sha256": version.file.sha256})).status == 403
    page = await customer.get(address)
    form = {"form_token": page.form_token, "sha256": version.file.sha256}
    assert (await customer.post(address, form, Origin="https://evil.example")).status == 403
    assert neighbours.last_decision is None
