"""The operator's pages about people: accesses, open registrations, staff."""

import csv
import io
from uuid import UUID

import pytest

from services.gateway import lists
from services.gateway.pages.admin_areas import AREAS
from services.gateway.routes import ROUTES
from shared.api.auth import InviteStaff
from tests.integration.gateway.conftest import Browser, Visit
from tests.integration.gateway.neighbours import Neighbours

KELLER = "keller@hartmann.example"
BERGER = "berger@dealer.example"
ADMIN = "admin@dealer.example"


def account_id_of(neighbours: Neighbours, email: str) -> UUID:
    return neighbours.accounts[email].account_id


async def send(operator: Browser, path: str, **fields: str) -> Visit:
    token = (await operator.get("/admin/staff/invite")).form_token
    return await operator.post(path, {"form_token": token, **fields})


async def open_next(operator: Browser, answer: Visit) -> str:
    assert answer.status == 303
    return (await operator.get(answer.headers["Location"])).text


def rows_of(visit: Visit) -> list[dict[str, str]]:
    assert visit.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert visit.body.startswith(b"\xef\xbb\xbf")
    return [*csv.DictReader(io.StringIO(visit.body.decode("utf-8-sig")), delimiter=";")]


async def test_the_administration_is_in_the_menu_of_operators_only(operator: Browser) -> None:
    assert 'href="/admin"' in (await operator.get("/desk")).text
    start = (await operator.get("/admin")).text
    paths = {route.kwargs["name"]: route.path for route in ROUTES}
    assert all(f'href="{paths[area.route]}"' in start for area in AREAS)


async def test_a_clerk_is_no_operator(clerk: Browser) -> None:
    assert 'href="/admin"' not in (await clerk.get("/desk")).text
    assert (await clerk.get("/admin")).status == 403
    assert (await clerk.get("/admin/users")).status == 403


async def test_accesses_are_searched_and_filtered(operator: Browser) -> None:
    everybody = (await operator.get("/admin/users")).text
    assert "3 Zugänge" in everybody
    customers = (await operator.get("/admin/users?role=customer")).words
    assert KELLER in customers
    assert BERGER not in customers
    found = (await operator.get("/admin/users?q=Berger")).words
    assert BERGER in found
    assert KELLER not in found
    assert "Niemand passt zu diesem Filter." in (await operator.get("/admin/users?q=nobody")).text


async def test_a_page_behind_the_last_one_leads_to_the_last_one(operator: Browser) -> None:
    beyond = await operator.get("/admin/users?q=Berger&page=7")
    assert (beyond.status, beyond.headers["Location"]) == (303, "/admin/users?q=Berger")


async def test_accesses_come_as_a_file_with_the_same_filter(
    operator: Browser, neighbours: Neighbours
) -> None:
    neighbours.change_account(account_id_of(neighbours, KELLER), name="=cmd|'/c calc'")
    visit = await operator.get("/admin/users.csv?role=customer")
    [row] = rows_of(visit)
    assert row["Name"] == "'=cmd|'/c calc'"
    assert row["E-Mail-Adresse"] == KELLER
    assert row["Rolle"] == "Kunde"
    assert row["Darf freigeben"] == "ja"
    assert "filename*=UTF-8''Zug%C3%A4nge%20" in visit.headers["Content-Disposition"]


async def test_a_file_has_the_rows_of_all_pages(
    operator: Browser, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_ROWS", 2)
    for number in range(5):
        neighbours.people.invite(f"person-{number}@hartmann.example")
    invited = rows_of(await operator.get("/admin/invitations.csv"))
    assert [row["E-Mail-Adresse"] for row in invited] == [
        f"person-{number}@hartmann.example" for number in range(5)
    ]
    everybody = rows_of(await operator.get("/admin/users.csv"))
    assert [row["E-Mail-Adresse"] for row in everybody] == [*neighbours.accounts]


async def test_the_right_to_approve_is_taken_and_given(operator: Browser, neighbours: Neighbours) -> None:
    path = f"/admin/users/{account_id_of(neighbours, KELLER)}"
    assert "Darf Freigabemuster für die Firma freigeben." in (await operator.get(path)).text
    told = await open_next(operator, await send(operator, f"{path}/forbid-approvals"))
    assert "nur noch ansehen" in told
    assert not neighbours.accounts[KELLER].may_approve
    await send(operator, f"{path}/allow-approvals")
    assert neighbours.accounts[KELLER].may_approve


async def test_a_locked_access_loses_its_sessions_and_may_be_unlocked(
    operator: Browser, neighbours: Neighbours
) -> None:
    session = neighbours.log_in(BERGER)
    path = f"/admin/users/{account_id_of(neighbours, BERGER)}"
    told = await open_next(operator, await send(operator, f"{path}/disable"))
    assert "Der Zugang ist gesperrt" in told
    assert "Gesperrt seit" in told
    assert session not in neighbours.sessions
    assert "Der Zugang ist entsperrt." in await open_next(operator, await send(operator, f"{path}/enable"))


async def test_before_an_access_is_deleted_a_page_says_what_goes_and_what_stays(
    operator: Browser, neighbours: Neighbours
) -> None:
    path = f"/admin/users/{account_id_of(neighbours, KELLER)}/delete"
    check = (await operator.get(path)).text
    assert "<h1>Bitte prüfen</h1>" in check
    assert "Offene Sitzungen, innerhalb einer Sekunde" in check
    assert "Freigaben und ihre Protokolle, mit dem Namen der Person" in check
    assert "entfernen Sie sie bitte auch in CDH" in check
    assert KELLER in neighbours.accounts
    answer = await send(operator, path)
    assert answer.headers["Location"] == "/admin/users"
    assert "Der Zugang ist gelöscht" in await open_next(operator, answer)
    assert KELLER not in neighbours.accounts
    assert (await operator.get(path)).status == 404


async def test_nobody_locks_or_deletes_himself(operator: Browser, neighbours: Neighbours) -> None:
    path = f"/admin/users/{account_id_of(neighbours, ADMIN)}"
    page = (await operator.get(path)).text
    assert f"{path}/disable" not in page
    assert f"{path}/delete" not in page
    for command in ("disable", "delete"):
        told = await open_next(operator, await send(operator, f"{path}/{command}"))
        assert "Der letzte Betreiber bleibt" in told
    assert (await operator.get(f"{path}/delete")).status == 303
    assert ADMIN in neighbours.accounts


async def test_open_registrations_are_sent_again_and_withdrawn(
    operator: Browser, neighbours: Neighbours
) -> None:
    people = neighbours.people
    token = people.invite("vogel@hartmann.example", name="Petra Vogel")
    invitation_id = people.invitation_links[token]
    page = (await operator.get("/admin/invitations")).text
    assert "1 Einladung" in page
    assert "Petra Vogel" in page
    path = f"/admin/invitations/{invitation_id}"
    assert "noch einmal unterwegs" in await open_next(operator, await send(operator, f"{path}/resend"))
    assert "zurückgezogen" in await open_next(operator, await send(operator, f"{path}/cancel"))
    assert "Keine Registrierung ist offen." in (await operator.get("/admin/invitations")).text
    assert "Petra Vogel" in (await operator.get("/admin/invitations?state=cancelled")).text
    again = await send(operator, f"{path}/resend")
    assert "inzwischen registriert" in await open_next(operator, again)


async def test_where_a_mail_waits_for_outlook_sending_again_says_so(
    operator: Browser, neighbours: Neighbours
) -> None:
    people = neighbours.people
    neighbours.drafts_are_in_use = True
    customers = people.invitation_links[people.invite("vogel@hartmann.example", name="Petra Vogel")]
    clerks = people.invitation_links[people.invite("braun@dealer.example", role="clerk")]
    again = await send(operator, f"/admin/invitations/{customers}/resend")
    assert "als Entwurf für Outlook bereit" in await open_next(operator, again)
    again = await send(operator, f"/admin/invitations/{clerks}/resend")
    assert "noch einmal unterwegs" in await open_next(operator, again)


async def test_open_registrations_come_as_a_file(operator: Browser, neighbours: Neighbours) -> None:
    neighbours.people.invite("vogel@hartmann.example", name="Petra Vogel")
    neighbours.people.invite("braun@dealer.example", role="clerk")
    [row] = rows_of(await operator.get("/admin/invitations.csv?role=customer"))
    assert (row["Name"], row["Firma"], row["Status"]) == (
        "Petra Vogel",
        "Hartmann Maschinenbau GmbH",
        "Eingeladen",
    )


async def test_staff_is_invited_and_the_link_shown_once(operator: Browser, neighbours: Neighbours) -> None:
    form = {"role": "clerk", "name": "Nadja Braun", "email": "braun@dealer.example", "clerk_code": "NB"}
    answer = await send(operator, "/admin/staff/invite", **form)
    assert answer.status == 200
    token = next(iter(neighbours.people.invitation_links))
    assert f"{operator.address}/register/{token}" in answer.text
    assert neighbours.people.told == [InviteStaff(**form, locale="de")]
    staff = (await operator.get("/admin/staff")).text
    assert "Nadja Braun" in staff
    assert token not in staff


async def test_an_invitation_of_staff_says_what_is_missing(operator: Browser) -> None:
    answer = await send(
        operator, "/admin/staff/invite", role="clerk", name="", email="braun@dealer.example", clerk_code=""
    )
    assert answer.status == 422
    assert 'href="#name"' in answer.text
    assert 'href="#clerk_code"' in answer.text
    assert 'value="braun@dealer.example"' in answer.text
    taken = await send(operator, "/admin/staff/invite", role="operator", name="Sabine", email=BERGER)
    assert "gibt es schon einen Zugang" in taken.text


@pytest.mark.parametrize("nonsense", ["", "5", "65", "-8", "8.5", "٨", "999999999999"])
async def test_the_length_of_passwords_is_from_6_to_64(
    operator: Browser, neighbours: Neighbours, nonsense: str
) -> None:
    answer = await send(operator, "/admin/passwords", minimum_length=nonsense)
    assert answer.status == 422
    assert "Bitte geben Sie eine Zahl von 6 bis 64 ein." in answer.text
    assert neighbours.people.minimum_length == 6


async def test_the_length_of_passwords_is_said_where_one_is_chosen(
    operator: Browser, neighbours: Neighbours
) -> None:
    told = await open_next(operator, await send(operator, "/admin/passwords", minimum_length="10"))
    assert 'value="10"' in told
    assert "Die neue Länge gilt" in told
    assert "Mindestens 10 Zeichen." in (await operator.get("/account/password")).text
    assert "Mindestens 10 Zeichen." in (await operator.get(f"/register/{neighbours.people.invite()}")).text


async def test_a_clerk_of_cdh_without_an_access_is_invited_with_what_is_known(
    operator: Browser, neighbours: Neighbours
) -> None:
    staff = (await operator.get("/admin/staff")).text
    assert "Sachbearbeiter aus CDH ohne Zugang" in staff
    assert 'href="/admin/staff/invite?clerk_code=NB"' in staff
    assert 'href="/admin/staff/invite?clerk_code=SB"' not in staff, "she has one"
    form = (await operator.get("/admin/staff/invite?clerk_code=NB")).text
    assert 'value="Nadja Braun"' in form
    assert 'value="braun@dealer.example"' in form
    neighbours.down = {"documents"}
    assert (await operator.get("/admin/staff")).status == 200
